"""The embedded PostgreSQL: made once, started, asked whether it is ready, stopped."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
from psycopg import sql

from models import private
from models.embedded import process
from models.embedded.account import Account
from models.embedded.directory import keep_short
from models.errors import CannotStart

DATABASE = "platform_analytics"
_SUPERUSER = "postgres"
_ENVIRON = {"PATH": os.defpath, "LC_ALL": "C.UTF-8", "TZ": "UTC"}
# Fast shutdown first; immediate shutdown, which the next start recovers from, if that takes too long.
_STOP = ((signal.SIGINT, 60.0), (signal.SIGQUIT, 10.0))
_READY_SECONDS = 300.0


class Postgres:
    """PostgreSQL on `folder`, run as `account`. The role and the database are both `platform_analytics`."""

    name = "PostgreSQL"

    def __init__(
        self,
        programs: Path,
        folder: Path,
        account: Account | None,
        password: str,
        port: int,
        durable: bool,
    ):
        self._programs = programs
        self._folder = folder
        self._log = folder.with_name("postgres.log")
        self._account = account
        self._password = password
        self._port = port
        self._durable = durable
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """For SQLAlchemy and psycopg 3."""
        return f"postgresql+psycopg://{DATABASE}:{self._password}@127.0.0.1:{self._port}/{DATABASE}"

    def prepare(self) -> None:
        """Makes the cluster at the first start; an unfinished one is begun anew. Raises CannotStart."""
        if self._folder.exists():
            return
        draft = self._folder.with_name("postgres.unfinished")
        process.clear_leftovers("postgres", draft, ())
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        secret = draft.with_name("postgres.secret")
        private.write(secret, self._password)
        if self._account:
            os.chown(draft, self._account.uid, self._account.gid)
            os.chown(secret, self._account.uid, self._account.gid)
        command: list[str | Path] = [
            self._programs / "initdb",
            f"--pgdata={draft}",
            f"--username={_SUPERUSER}",
            f"--pwfile={secret}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            *([] if self._durable else ["--no-sync"]),
        ]
        with private.append(self._log) as log:
            made = process.spawn(
                command,
                death_signal=signal.SIGKILL,
                account=self._account,
                output=log,
                folder=draft,
                environ=_ENVIRON,
            )
            try:
                status = made.wait()
            finally:
                process.stop(made, ())
                secret.unlink()
        if status != 0:
            raise CannotStart(f"PostgreSQL could not make its database: {self._last_words()}")
        draft.rename(self._folder)

    def spawn(self, port: int | None = None) -> None:
        """Starts it, on `port` or else on the preferred one if that is free; does not wait."""
        process.clear_leftovers("postgres", self._folder, _STOP)
        # Nothing works in the folder now and the owner's lock is held: the file names a dead process,
        # or an unrelated one that was given the same number since.
        (self._folder / "postmaster.pid").unlink(missing_ok=True)
        self._port = port if port is not None else process.free_port(self._port)
        keep_short(self._log)
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(self._port),
            "unix_socket_directories": "",
            "max_connections": "200",
            "timezone": "UTC",
            "log_checkpoints": "off",
        }
        if not self._durable:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
            # Nor does a vacuum hold on to a database that a test wants to drop.
            settings |= {"autovacuum": "off"}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with private.append(self._log) as log:
            self._process = process.spawn(
                [self._programs / "postgres", "-D", self._folder, *options],
                death_signal=signal.SIGINT,
                account=self._account,
                output=log,
                folder=self._folder,
                environ=_ENVIRON,
            )

    def wait_ready(self, cancelled: Callable[[], bool]) -> None:
        """Returns when the database answers (after a crash it replays its log first) or `cancelled`.

        Raises CannotStart when it ended instead.
        """
        deadline = time.monotonic() + _READY_SECONDS
        while not cancelled():
            if not self.alive:
                raise CannotStart(f"PostgreSQL did not start: {self._last_words()}")
            try:
                with self._connect("postgres") as connection:
                    _ensure_database(connection, self._password)
                return
            except psycopg.Error as error:
                if time.monotonic() > deadline:
                    raise CannotStart(f"PostgreSQL does not answer: {error} (log: {self._log})") from error
                time.sleep(0.05)

    @property
    def port(self) -> int:
        return self._port

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def stop(self) -> None:
        if self._process is not None:
            process.stop(self._process, _STOP)

    def _connect(self, database: str) -> psycopg.Connection:
        return psycopg.connect(
            host="127.0.0.1",
            port=self._port,
            user=_SUPERUSER,
            password=self._password,
            dbname=database,
            autocommit=True,
            connect_timeout=5,
        )

    def _last_words(self) -> str:
        """The last line of the log, and where to read on."""
        try:
            lines = self._log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        except OSError:
            lines = []
        telling = [line for line in lines[-20:] if "FATAL" in line or "error" in line.lower()] or lines
        return f"{telling[-1].strip() if telling else 'it says nothing'} (log: {self._log})"


def _ensure_database(connection: psycopg.Connection, password: str) -> None:
    """The product works as an ordinary role that owns its database: never as a superuser."""
    name = sql.Identifier(DATABASE)
    if not connection.execute("select 1 from pg_roles where rolname = %s", [DATABASE]).fetchone():
        connection.execute(
            sql.SQL("create role {} login createdb password {}").format(name, sql.Literal(password))
        )
    if not connection.execute("select 1 from pg_database where datname = %s", [DATABASE]).fetchone():
        connection.execute(sql.SQL("create database {} owner {}").format(name, name))
