"""The settings: one frozen dataclass, read once from the environment, refused when they make no sense.

Nothing else reads the environment. Secrets can be given as `NAME` or as a file by `NAME_FILE`.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote, urlsplit

import platformdirs

from models.errors import CannotStart
from models.outside import KeySet, MailServer, Outside
from models.retention import LONGEST_ADDRESS_DAYS, Periods

APP_NAME = "platform-analytics"


@dataclass(frozen=True)
class Config:
    """Everything the operator can decide. `database_url` / `redis_url` are None when the product
    is to start its own engines under `data_dir`."""

    data_dir: Path
    host: str = "127.0.0.1"
    api_port: int = 3012
    frontend_port: int = 5173
    database_url: str | None = field(default=None, repr=False)
    redis_url: str | None = field(default=None, repr=False)
    geoip_paths: tuple[Path, ...] = ()
    gov_detection: bool = True
    gov_alert_threshold: float = 0.7
    gov_reverse_dns: bool = False
    outside: Outside = field(default_factory=Outside)
    periods: Periods = field(default_factory=Periods)
    trusted_proxies: int = 0
    web_workers: int = 2
    workers: int = 1
    event_stream: str = "domain-events"
    requests_per_minute: int = 600
    events_per_minute: int = 60_000
    sockets_per_minute: int = 300
    cookie_secure: bool = False
    demo: bool = True
    session_key: str | None = field(default=None, repr=False)
    jwt_key: str | None = field(default=None, repr=False)

    @property
    def embedded_postgres(self) -> bool:
        return self.database_url is None

    @property
    def embedded_redis(self) -> bool:
        return self.redis_url is None


def load(environ: Mapping[str, str] = os.environ) -> Config:
    """Reads the settings of DESIGN 8 from `environ`; raises CannotStart with every problem named."""
    reader = _Reader(environ)
    config = Config(
        data_dir=_data_dir(reader),
        host=reader.text("PLATFORM_ANALYTICS_HOST", "127.0.0.1"),
        api_port=reader.port("PLATFORM_ANALYTICS_API_PORT", 3012),
        frontend_port=reader.port("PLATFORM_ANALYTICS_FRONTEND_PORT", 5173),
        database_url=_database_url(reader),
        redis_url=_redis_url(reader),
        geoip_paths=tuple(Path(part) for part in reader.text("GEOIP2_DB_PATH", "").split(os.pathsep) if part),
        gov_detection=reader.flag("GOV_DETECTION_ENABLED", True),
        gov_alert_threshold=reader.fraction("GOV_DETECTION_ALERT_THRESHOLD", 0.7),
        gov_reverse_dns=reader.flag("GOV_DETECTION_REVERSE_DNS", False),
        outside=Outside(
            mail=_mail_server(reader),
            allow_http=reader.flag("PLATFORM_ANALYTICS_WEBHOOKS_ALLOW_HTTP", False),
            public_url=_public_url(reader),
            key_set=_key_set(reader),
        ),
        periods=_periods(reader),
        trusted_proxies=reader.whole("PLATFORM_ANALYTICS_TRUSTED_PROXIES", 0, 0, 10),
        web_workers=reader.whole("PLATFORM_ANALYTICS_WEB_WORKERS", 2, 1, 64),
        workers=reader.whole("PLATFORM_ANALYTICS_WORKERS", 1, 0, 16),
        event_stream=reader.text("PLATFORM_ANALYTICS_EVENT_STREAM", "domain-events"),
        requests_per_minute=reader.whole("PLATFORM_ANALYTICS_REQUESTS_PER_MINUTE", 600, 1, 10**9),
        events_per_minute=reader.whole("PLATFORM_ANALYTICS_EVENTS_PER_MINUTE", 60_000, 1, 10**9),
        sockets_per_minute=reader.whole("PLATFORM_ANALYTICS_SOCKETS_PER_MINUTE", 300, 1, 10**9),
        cookie_secure=reader.flag("PLATFORM_ANALYTICS_COOKIE_SECURE", False),
        demo=reader.flag("DEMO", True),
        session_key=reader.secret("PLATFORM_ANALYTICS_SESSION_KEY"),
        jwt_key=reader.secret("PLATFORM_ANALYTICS_JWT_KEY"),
    )
    for name, key in (("SESSION", config.session_key), ("JWT", config.jwt_key)):
        if key is not None and len(key) < 32:
            reader.problems.append(
                f"PLATFORM_ANALYTICS_{name}_KEY is shorter than 32 characters; give a longer random one."
            )
    if reader.problems:
        raise CannotStart("\n".join(reader.problems))
    return config


def _data_dir(reader: "_Reader") -> Path:
    given = reader.text("PLATFORM_ANALYTICS_DATA_DIR", "")
    if given:
        return Path(given).expanduser().absolute()
    if os.geteuid() == 0:
        return Path("/var/lib") / APP_NAME
    return platformdirs.user_data_path(APP_NAME)


def _database_url(reader: "_Reader") -> str | None:
    url = reader.secret("DATABASE_URL")
    if url:
        if not url.startswith(("postgresql://", "postgres://", "postgresql+psycopg://")):
            reader.problems.append("DATABASE_URL must begin with postgresql://.")
            return None
        # One spelling for SQLAlchemy and Alembic alike.
        return "postgresql+psycopg://" + url.split("://", 1)[1]
    names = ("USER", "PASSWORD", "NAME", "HOST", "PORT")
    given = {name: reader.secret(f"DATABASE_POSTGRES_{name}") for name in names}
    if not any(given.values()):
        return None
    port = reader.port("DATABASE_POSTGRES_PORT", 25434)
    user = quote(given["USER"] or "postgres", safe="")
    password = f":{quote(given['PASSWORD'], safe='')}" if given["PASSWORD"] else ""
    name = quote(given["NAME"] or "platform_analytics", safe="")
    host = given["HOST"] or "127.0.0.1"
    return f"postgresql+psycopg://{user}{password}@{host}:{port}/{name}"


def _redis_url(reader: "_Reader") -> str | None:
    url = reader.secret("REDIS_URL")
    if url and not url.startswith(("redis://", "rediss://", "unix://")):
        reader.problems.append("REDIS_URL must begin with redis://, rediss:// or unix://.")
        return None
    return url


def _mail_server(reader: "_Reader") -> MailServer | None:
    host = reader.text("PLATFORM_ANALYTICS_SMTP_HOST", "")
    if not host:
        return None
    sender = reader.text("PLATFORM_ANALYTICS_SMTP_FROM", "")
    if "@" not in sender or not sender.isprintable():
        reader.problems.append("PLATFORM_ANALYTICS_SMTP_FROM must be the address that mail comes from.")
    security = reader.text("PLATFORM_ANALYTICS_SMTP_SECURITY", "starttls").lower()
    if security not in ("starttls", "tls", "none"):
        reader.problems.append("PLATFORM_ANALYTICS_SMTP_SECURITY must be starttls, tls or none.")
    return MailServer(
        host,
        reader.port("PLATFORM_ANALYTICS_SMTP_PORT", 465 if security == "tls" else 587),
        security,
        sender,
        reader.text("PLATFORM_ANALYTICS_SMTP_USER", "") or None,
        reader.secret("PLATFORM_ANALYTICS_SMTP_PASSWORD"),
    )


def _periods(reader: "_Reader") -> Periods:
    """How long things are kept. Events one by one are needed for a month at least: filters read them."""
    most, name = LONGEST_ADDRESS_DAYS, "PLATFORM_ANALYTICS_RETENTION_ADDRESS_DAYS"
    promised = f"; visitors are promised that no address is kept for more than {most} days"
    return Periods(
        addresses=timedelta(days=reader.whole(name, most, 1, most, promised)),
        raw=timedelta(days=reader.whole("PLATFORM_ANALYTICS_RETENTION_RAW_DAYS", 365, 31, 36_500)),
        jobs=timedelta(days=reader.whole("PLATFORM_ANALYTICS_RETENTION_JOB_DAYS", 90, 1, 36_500)),
        requests=timedelta(days=reader.whole("PLATFORM_ANALYTICS_RETENTION_REQUEST_DAYS", 30, 1, 36_500)),
    )


def _public_url(reader: "_Reader") -> str | None:
    url = reader.text("PLATFORM_ANALYTICS_PUBLIC_URL", "").rstrip("/")
    if not url:
        return None
    scheme, host = _parts(url)
    if scheme not in ("https", "http") or not host or set(url) & set("?#@"):
        reader.problems.append(
            "PLATFORM_ANALYTICS_PUBLIC_URL must be the address that people open, such as "
            f"https://analytics.example.com, not {url!r}."
        )
    return url


def _key_set(reader: "_Reader") -> KeySet | None:
    source = reader.text("PLATFORM_ANALYTICS_JWKS", "")
    issuer = reader.text("PLATFORM_ANALYTICS_JWT_ISSUER", "") or None
    audience = reader.text("PLATFORM_ANALYTICS_JWT_AUDIENCE", "") or None
    if not source:
        if issuer or audience:
            reader.problems.append(
                "PLATFORM_ANALYTICS_JWT_ISSUER and PLATFORM_ANALYTICS_JWT_AUDIENCE are of tokens signed by "
                "the keys of PLATFORM_ANALYTICS_JWKS; set that too."
            )
        return None
    scheme, host = _parts(source)
    if "://" in source:
        local = scheme == "http" and host in ("127.0.0.1", "::1", "localhost")
        if not host or not (scheme == "https" or local) or set(source) & set("#@"):
            reader.problems.append("PLATFORM_ANALYTICS_JWKS must be a file or begin with https://.")
    elif not Path(source).is_absolute():
        reader.problems.append(f"PLATFORM_ANALYTICS_JWKS must be an absolute path, not {source!r}.")
    return KeySet(source, issuer, audience)


def _parts(url: str) -> tuple[str, str | None]:
    """Scheme and host; nothing of what is no URL."""
    if not url.isascii() or not url.isprintable() or " " in url:
        return "", None
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return "", None
    return parts.scheme, parts.hostname


class _Reader:
    """Reads typed values and gathers what is wrong, so that one start names all of it."""

    def __init__(self, environ: Mapping[str, str]):
        self.environ = environ
        self.problems: list[str] = []

    def text(self, name: str, default: str) -> str:
        return self.environ.get(name, "").strip() or default

    def secret(self, name: str) -> str | None:
        """The value of NAME, else the content of the file that NAME_FILE names, else None."""
        value = self.environ.get(name, "").strip()
        path = self.environ.get(f"{name}_FILE", "").strip()
        if value and path:
            self.problems.append(f"{name} and {name}_FILE are both set; keep one of them.")
        if value or not path:
            return value or None
        try:
            return Path(path).read_text(encoding="utf-8").strip() or None
        except (OSError, UnicodeDecodeError):
            self.problems.append(f"{name}_FILE names a file that can't be read: {path}")
            return None

    def whole(self, name: str, default: int, low: int, high: int, why: str = "") -> int:
        text = self.text(name, str(default))
        try:
            value = int(text)
        except ValueError:
            value = low - 1
        if not low <= value <= high:
            self.problems.append(f"{name} must be a whole number from {low} to {high}, not {text!r}{why}.")
            return default
        return value

    def port(self, name: str, default: int) -> int:
        return self.whole(name, default, 1, 65_535)

    def fraction(self, name: str, default: float) -> float:
        text = self.text(name, str(default))
        try:
            value = float(text)
        except ValueError:
            value = -1.0
        if not 0 <= value <= 1:
            self.problems.append(f"{name} must be a number from 0 to 1, not {text!r}.")
            return default
        return value

    def flag(self, name: str, default: bool) -> bool:
        text = self.text(name, str(default)).lower()
        if text in {"1", "true", "yes", "on"}:
            return True
        if text in {"0", "false", "no", "off"}:
            return False
        self.problems.append(f"{name} must be true or false, not {text!r}.")
        return default
