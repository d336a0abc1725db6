"""What every test can ask for: a real PostgreSQL with a database of its own, and a real Redis.

The engines start once per run. The schema is migrated once, into a template that each test's
database is copied from.
"""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
import redis
from psycopg import sql
from selenium.webdriver.chrome.options import Options

from models.clock import now
from models.database import Database
from models.embedded import Endpoints, engines
from models.keys import Keys
from models.migrate import migrate
from models.schema import fx_rates
from models.stores import Stores
from services import profiles
from services.profiles import Profile

_TEMPLATE = "migrated"


def pytest_setup_options() -> Options:
    """The browser of the `dash_br` and `dash_duo` fixtures."""
    options = Options()
    options.binary_location = shutil.which("chromium") or shutil.which("google-chrome") or ""
    options.add_argument("--no-sandbox")  # Chromium refuses to run as root with its sandbox
    options.add_argument("--disable-dev-shm-usage")
    options.add_argument("--window-size=1440,1000")
    return options


@pytest.fixture(scope="session")
def endpoints() -> Iterator[Endpoints]:
    """Where the engines of this run answer; their database holds nothing."""
    # Not in pytest's own folders: as root those are closed to the user that PostgreSQL runs as.
    folder = Path(tempfile.mkdtemp(prefix="platform-analytics-tests-"))
    folder.chmod(0o711)
    try:
        with engines(folder, postgres_port=0, redis_port=0, durable=False, purpose="the tests") as started:
            yield started
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def template(endpoints: Endpoints) -> str:
    """The name of the migrated, empty database."""
    _administer(endpoints, "create database {}", _TEMPLATE)
    database = Database(_url(endpoints, _TEMPLATE))
    migrate(database)
    database.close()
    return _TEMPLATE


@contextmanager
def copy_of(endpoints: Endpoints, template: str) -> Iterator[str]:
    """The url of a copy of the template that lasts as long as the block."""
    name = f"test_{uuid4().hex}"
    _administer(endpoints, "create database {} template {}", name, template)
    try:
        yield _url(endpoints, name)
    finally:
        _administer(endpoints, "drop database {} with (force)", name)


@pytest.fixture
def database_url(endpoints: Endpoints, template: str) -> Iterator[str]:
    """The url of a migrated, empty database of the test's own."""
    with copy_of(endpoints, template) as url:
        yield url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A `Database` on `database_url`."""
    opened = Database(database_url)
    yield opened
    opened.close()


@pytest.fixture
def redis_url(endpoints: Endpoints) -> str:
    """The url of an empty Redis."""
    assert endpoints.redis_url is not None
    with redis.Redis.from_url(endpoints.redis_url) as client:
        client.flushall()
    return endpoints.redis_url


def _url(endpoints: Endpoints, name: str) -> str:
    assert endpoints.database_url is not None
    return endpoints.database_url.rsplit("/", 1)[0] + f"/{name}"


def _administer(endpoints: Endpoints, statement: str, *names: str) -> None:
    """Runs a statement about whole databases, which can't be part of a transaction."""
    assert endpoints.database_url is not None
    url = endpoints.database_url.replace("+psycopg", "", 1)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL(statement).format(*(sql.Identifier(name) for name in names)))


@pytest.fixture
def stores(database: Database, redis_url: str, tmp_path: Path) -> Iterator[Stores]:
    """Everything that services work on."""
    client = redis.Redis.from_url(redis_url, decode_responses=True)
    yield Stores(database, client, Keys(tmp_path / "keys"))
    client.close()


@pytest.fixture
def anna(database: Database) -> Profile:
    """A profile in Berlin that reports in euros."""
    with database.transaction() as tx:
        return profiles.add(tx, name="Anna", time_zone="Europe/Berlin", currency="EUR", at=now())


@pytest.fixture
def priya(database: Database) -> Profile:
    """A profile in India, half an hour off the full hours, that reports in rupees."""
    with database.transaction() as tx:
        return profiles.add(tx, name="Priya", time_zone="Asia/Kolkata", currency="INR", at=now())


@pytest.fixture
def yuki(database: Database) -> Profile:
    """A profile in Japan that reports in yen, which have no decimals."""
    with database.transaction() as tx:
        return profiles.add(tx, name="Yuki", time_zone="Asia/Tokyo", currency="JPY", at=now())


@pytest.fixture
def publish(database: Database) -> Callable[..., None]:
    """Stores an exchange rate: `publish("USD", "2026-11-20", "1.25")`, units of it for one euro."""

    def store(currency: str, day: str, rate: str, source: str = "ecb") -> None:
        row = (currency, date.fromisoformat(day), source, Decimal(rate))
        with database.transaction() as tx:
            tx.copy(fx_rates, ("currency", "rate_date", "source", "rate"), [row])

    return store
