"""How an installation reaches others, as its operator set it."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class MailServer:
    """Where mail is handed over. `security` is starttls, tls or none; `sender` the address it comes from."""

    host: str
    port: int
    security: str
    sender: str
    user: str | None = None
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class KeySet:
    """Where the public keys lie by which others sign tokens (a JWKS): a file's path or a URL. What must stand
    in the claims `iss` and `aud` of such tokens; None is not looked at."""

    source: str
    issuer: str | None = None
    audience: str | None = None


@dataclass(frozen=True)
class Outside:
    """The mail server, None where there is none, and whether webhooks may go by http, unencrypted. The
    address under which people open the product, without a slash at its end, None where nobody told it; and
    whose tokens hold beside our own."""

    mail: MailServer | None = None
    allow_http: bool = False
    public_url: str | None = None
    key_set: KeySet | None = None
