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
class Outside:
    """The mail server, None where there is none, and whether webhooks may go by http, unencrypted."""

    mail: MailServer | None = None
    allow_http: bool = False
