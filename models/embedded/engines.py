"""Starts the engines of a data directory, or attaches to those that another process runs."""

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import redis

from models import private
from models.embedded import binaries, directory, ownership
from models.embedded.account import engine_account, require_passage
from models.embedded.ownership import Lock, Owner
from models.embedded.postgres import Postgres
from models.embedded.supervisor import Engine, Supervisor
from models.embedded.valkey import Valkey
from models.errors import CannotStart

POSTGRES_PORT = 25434
REDIS_PORT = 26381
_STATE = "engines.json"
_PATIENCE = 120.0
_POLL = 0.1


@dataclass(frozen=True)
class Endpoints:
    """Where the engines answer; None for one that was not asked for. The urls carry the password."""

    database_url: str | None = field(repr=False)
    redis_url: str | None = field(repr=False)


def _to_stderr(sentence: str) -> None:
    sys.stderr.write(sentence + "\n")
    sys.stderr.flush()


@contextmanager
def engines(
    data_dir: Path,
    *,
    postgres: bool = True,
    redis: bool = True,
    server: bool = False,
    purpose: str = "a command",
    say: Callable[[str], None] = _to_stderr,
    postgres_port: int = POSTGRES_PORT,
    redis_port: int = REDIS_PORT,
    durable: bool = True,
) -> Iterator[Endpoints]:
    """Yields running engines of `data_dir`; enter it from the main thread.

    The first process to come owns them and, unless it is the server, stays at its end until those that
    attached have left. `purpose` tells others what this process is: the address of a server, the name
    of a command. Ports are preferences (0: any free one). `durable=False` is for tests alone.
    Raises CannotStart: another server runs, a command doesn't finish in two minutes, the directory
    can't be used or is of another version, an engine doesn't start.
    """
    if not postgres and not redis:
        yield Endpoints(None, None)
        return
    directory.prepare(data_dir)
    place = _arrive(data_dir, Owner(os.getpid(), server, purpose), say)
    if isinstance(place, _Guest):
        try:
            yield _asked(place.endpoints, postgres, redis, data_dir)
        finally:
            place.lock.release()
        return
    state = data_dir / _STATE
    users = ownership.users(data_dir)
    try:
        supervisor, started = _build(data_dir, postgres, redis, (postgres_port, redis_port), say, durable)
        try:
            _guard(data_dir, supervisor.start)
            endpoints = Endpoints(*(engine.url if engine else None for engine in started))
            content = {"database_url": endpoints.database_url, "redis_url": endpoints.redis_url}
            _guard(data_dir, lambda: private.write(state, json.dumps(content)))
            try:
                yield endpoints
            finally:
                if not server:
                    _let_others_finish(users, say)
        finally:
            state.unlink(missing_ok=True)
            supervisor.stop()
            users.release()
    finally:
        place.release()


@dataclass(frozen=True)
class _Guest:
    """A process that uses engines which another one runs: they stay while it holds the lock."""

    lock: Lock
    endpoints: Endpoints


def _arrive(data_dir: Path, me: Owner, say: Callable[[str], None]) -> Lock | _Guest:
    """The owner's lock, or a guest's place at engines that answer. Raises CannotStart."""
    deadline = time.monotonic() + _PATIENCE
    told = False
    while True:
        lock = ownership.own(data_dir, me)
        if lock is not None:
            # What a killed owner left behind must not be taken for the new engines.
            (data_dir / _STATE).unlink(missing_ok=True)
            return lock
        if me.server:
            ownership.refuse_second_server(data_dir)
        else:
            guest = ownership.users(data_dir)
            if guest.take(shared=True):
                found = _state(data_dir)
                if found is not None and _answers(found):
                    return _Guest(guest, found)
                guest.release()
        owner = ownership.present_owner(data_dir)
        if owner is not None and me.server and not told:
            say(f"Waiting for {owner.purpose} (process {owner.pid}) to finish with {data_dir}.")
            told = True
        if time.monotonic() > deadline:
            who = f"{owner.purpose} (process {owner.pid})" if owner else "Another process"
            raise CannotStart(f"{who} still holds the data directory {data_dir}; try again when it is done.")
        time.sleep(_POLL)


def _build(
    data_dir: Path,
    postgres: bool,
    redis: bool,
    ports: tuple[int, int],
    say: Callable[[str], None],
    durable: bool,
) -> tuple[Supervisor, tuple[Engine | None, Engine | None]]:
    """The supervisor, and the two engines it looks after (None: not asked for)."""
    account = engine_account(data_dir / "postgres")
    try:
        if account is None:
            programs = binaries.from_wheels()
        else:
            require_passage(account, data_dir)
            programs = binaries.copied_to(data_dir / "programs")
        secret = directory.password(data_dir)
        directory.mark(data_dir)
    except OSError as error:
        raise directory.unusable(data_dir, error) from error
    database: Engine | None = None
    memory: Engine | None = None
    if postgres:
        database = Postgres(programs.postgres, data_dir / "postgres", account, secret, ports[0], durable)
    if redis:
        memory = Valkey(programs.valkey, data_dir / "valkey", account, secret, ports[1], durable)
    return Supervisor([engine for engine in (database, memory) if engine], say), (database, memory)


def _let_others_finish(users: Lock, say: Callable[[str], None]) -> None:
    """Returns when no attached process is left; new ones can't come until `users` is released."""
    told = False
    while not users.take():
        if not told:
            say("Waiting for another command that uses the same database.")
            told = True
        time.sleep(_POLL)


def _state(data_dir: Path) -> Endpoints | None:
    found = directory.read_json(data_dir / _STATE)
    return Endpoints(found.get("database_url"), found.get("redis_url")) if found else None


def _asked(endpoints: Endpoints, postgres: bool, redis: bool, data_dir: Path) -> Endpoints:
    """Only what was asked for. Raises CannotStart when the owner does not run it."""
    if (postgres and endpoints.database_url is None) or (redis and endpoints.redis_url is None):
        raise CannotStart(
            f"The process that runs the engines in {data_dir} was started with other settings of "
            "DATABASE_URL or REDIS_URL; use the same ones."
        )
    return Endpoints(endpoints.database_url if postgres else None, endpoints.redis_url if redis else None)


def _answers(endpoints: Endpoints) -> bool:
    try:
        if endpoints.database_url:
            psycopg.connect(endpoints.database_url.replace("+psycopg", "", 1), connect_timeout=5).close()
        if endpoints.redis_url:
            with redis.Redis.from_url(endpoints.redis_url, socket_timeout=5, retry=None) as client:
                client.ping()
    except (psycopg.OperationalError, redis.RedisError):
        return False
    return True


def _guard(data_dir: Path, action: Callable[[], None]) -> None:
    try:
        action()
    except OSError as error:
        raise directory.unusable(data_dir, error) from error
