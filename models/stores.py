"""The stores that services work on, opened together and handed down explicitly."""

from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from models.database import Database
from models.detection import Detection
from models.feed import Feed
from models.keys import Keys
from models.outside import Outside
from models.retention import Periods


@dataclass(frozen=True)
class Stores:
    """PostgreSQL, Redis and the keys of one installation; `detection` is None where it is turned
    off; `periods` is how long things are kept."""

    database: Database
    redis: Any  # redis.Redis: its stubs answer every command with "value or awaitable"
    keys: Keys
    detection: Detection | None = None
    outside: Outside = field(default_factory=Outside)
    periods: Periods = field(default_factory=Periods)

    @cached_property
    def feed(self) -> Feed:
        """The live streams."""
        return Feed(self.redis)

    def acting(self, by: str) -> "Stores":
        """The same stores for somebody known `by` this name (see models.database.Transaction.by)."""
        acted = replace(self, database=self.database.acting(by))
        vars(acted)["feed"] = self.feed  # one for all: it keeps what Redis has not got yet
        return acted

    @property
    def exports(self) -> Path:
        """The folder of the archives that wait to be fetched, in the data directory."""
        return self.keys.folder.parent / "exports"

    def close(self) -> None:
        self.database.close()
        self.redis.close()


def open_redis(url: str) -> Any:
    """A client that tries again once and at once: while Redis is away the product goes on without it,
    and no request may wait for that."""
    once = Retry(NoBackoff(), 1)
    return redis.Redis.from_url(
        url, decode_responses=True, socket_timeout=2, socket_connect_timeout=2, retry=once
    )


def open_stores(
    *,
    database_url: str,
    redis_url: str,
    data_dir: Path,
    session_key: str | None = None,
    jwt_key: str | None = None,
    pool_size: int = 10,
    patience: float | None = None,
    longest: float | None = None,
    detection: Detection | None = None,
    outside: Outside | None = None,
    periods: Periods | None = None,
) -> Stores:
    """Opens the stores; connects when they are first used. `patience`, `longest`: see models.database."""
    return Stores(
        Database(database_url, pool_size, patience, longest),
        open_redis(redis_url),
        Keys(data_dir / "keys", session_key, jwt_key),
        detection,
        outside or Outside(),
        periods or Periods(),
    )
