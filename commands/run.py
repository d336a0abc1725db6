"""`manage.py run`: the whole product in one process tree, until Ctrl-C.

Engines, migrations, the demo, then gunicorn and the workers as children; the address and the way to sign
in once it answers. Every child dies with this process, however it dies.
"""

import errno
import os
import signal
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from http.client import HTTPConnection, HTTPException
from types import FrameType
from typing import NoReturn, TypeVar
from urllib.parse import urlsplit

import click

import installation
from commands import children
from commands.children import Child
from commands.stores import prepare
from config import Config, load
from models.clock import now
from models.database import Database
from models.embedded import announce_leaving, engines, process
from models.errors import Busy, CannotStart, Unavailable
from services import accounts, demo

APP = "app:create_app()"
_DATABASE_PATIENCE = 60.0
_PORT_PATIENCE = 10.0
_BOOT_PATIENCE = 60.0
_POLL = 0.1
_SAME_SIGNAL = 1.0

T = TypeVar("T")


@click.command()
@click.option(
    "--with-parent", is_flag=True, hidden=True, help="Stop when the process that started this ends."
)
def run(with_parent: bool) -> None:
    """Start everything and serve until Ctrl-C."""
    if with_parent:
        process.follow_parent(signal.SIGTERM)
    serve(load(), welcome)


def welcome(config: Config) -> str:
    """Decides the first run, and returns how to sign in, in one line.

    `config` has both urls; the schema is up to date and the server not yet started.
    """
    stores = installation.opened(config)
    try:
        if config.demo and demo.due(stores.database):
            demo.seed(stores, now(), _say)
        if demo.password_holds(stores):
            return f"Sign in to the demo as {demo.EMAIL} with the password {demo.password(stores)}"
        if accounts.any_account(stores.database):
            return "Sign in with your account."
        return "Open it in a browser: the first page makes your account."
    finally:
        stores.close()


def serve(
    config: Config,
    welcome: Callable[[Config], str],
    app: str = APP,
    database_patience: float = _DATABASE_PATIENCE,
) -> None:
    """Runs the product until SIGINT or SIGTERM, then stops all that it started.

    `welcome` gets the configuration with both urls before the server starts and returns the line about
    signing in. `app` is gunicorn's name of the application. Raises CannotStart.
    """
    address = f"http://{_reachable(config.host)}:{config.frontend_port}"
    started: list[Child] = []
    with (
        _interrupts(started),
        engines(
            config.data_dir,
            postgres=config.embedded_postgres,
            redis=config.embedded_redis,
            server=True,
            purpose=address,
            say=_say,
        ) as endpoints,
    ):
        # Only now: a server that is stopping holds its ports until its engines are free.
        _require_ports(config)
        # The child reads the same settings, and finds the engines where an operator's would be.
        urls = {"DATABASE_URL": endpoints.database_url, "REDIS_URL": endpoints.redis_url}
        environ = {**os.environ, **{name: url for name, url in urls.items() if url}}
        config = replace(
            config,
            database_url=endpoints.database_url or config.database_url,
            redis_url=endpoints.redis_url or config.redis_url,
        )
        _prepare_database(config, database_patience)
        sign_in = _once_there(config, database_patience, lambda: welcome(config))
        web = children.web_server(app, environ)
        workers = children.workers(config.workers, environ)
        started += [web, *workers]
        try:
            web.spawn()
            _await_answer(web, config)
            for worker in workers:
                worker.spawn()
            _announce(config, address, sign_in, endpoints.database_url is not None)
            _watch(started)
        finally:
            announce_leaving(config.data_dir)
            children.stop(started)


def _await_answer(web: Child, config: Config) -> None:
    """Returns when it answers. Raises CannotStart when it ends before that, or takes too long."""
    while not _answers(config):
        if web.has_ended():
            raise CannotStart("The web server did not start; the lines above say why.")
        if time.monotonic() - web.started_at > _BOOT_PATIENCE:
            raise CannotStart(f"The web server does not answer within {_BOOT_PATIENCE:.0f} seconds.")
        time.sleep(_POLL)


def _answers(config: Config) -> bool:
    connection = HTTPConnection(_reachable(config.host), config.frontend_port, timeout=10)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def _watch(started: Sequence[Child]) -> NoReturn:
    """Ends by a signal only, or with CannotStart when one of them can't be kept up."""
    while True:
        for child in started:
            child.keep_up(_say)
        time.sleep(_POLL)


def _require_ports(config: Config) -> None:
    """Raises CannotStart when a port can't be listened on; it names the setting."""
    names = {
        config.api_port: "PLATFORM_ANALYTICS_API_PORT",
        config.frontend_port: "PLATFORM_ANALYTICS_FRONTEND_PORT",
    }
    # Workers of a server that was killed a moment ago hold the ports for a little longer.
    deadline = time.monotonic() + _PORT_PATIENCE
    for port, name in names.items():
        while (problem := _listening_problem(config.host, port)) == errno.EADDRINUSE:
            if time.monotonic() > deadline:
                break
            time.sleep(_POLL)
        if problem == errno.EADDRINUSE:
            raise CannotStart(
                f"Port {port} is in use by another program; stop that or set {name} to a free one."
            )
        if problem in (errno.EACCES, errno.EPERM):
            raise CannotStart(f"This user may not listen on port {port}; set {name} to one above 1023.")
        if problem:
            raise CannotStart(f"PLATFORM_ANALYTICS_HOST is no address of this machine: {config.host}")


def _listening_problem(host: str, port: int) -> int:
    """0 when the port can be listened on, else the system's error number."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        return error.errno or errno.EADDRNOTAVAIL
    return 0


def _prepare_database(config: Config, patience: float) -> None:
    """Brings the schema up to date, once PostgreSQL is there. Raises CannotStart, and Busy."""
    assert config.database_url is not None
    database = Database(config.database_url, pool_size=1)
    try:
        applied = _once_there(config, patience, lambda: prepare(database))
    finally:
        database.close()
    if applied:
        _say(f"The database's schema is now {applied[-1]}.")


def _once_there(config: Config, patience: float, act: Callable[[], T]) -> T:
    """What `act` returns; while PostgreSQL is away, or goes meanwhile, it is tried again for `patience`
    seconds. Raises CannotStart after that."""
    url = urlsplit(config.database_url or "")
    place = f"{url.hostname}:{url.port or 5432}"
    deadline = time.monotonic() + patience
    told = False
    while True:
        try:
            return act()
        except Busy:
            raise
        except Unavailable as error:
            reason = _reason(error)
            if time.monotonic() > deadline:
                raise CannotStart(f"PostgreSQL at {place} can't be used: {reason}") from error
            if not told:
                _say(f"Waiting up to {patience:.0f} seconds for PostgreSQL at {place}: {reason}")
                told = True
            time.sleep(_POLL * 5)


def _reason(error: Unavailable) -> str:
    """What the driver says, on one line."""
    lines = str(getattr(error.__cause__, "orig", None) or error.__cause__ or error).splitlines()
    return lines[0].strip().rstrip(".") + "." if lines else "it does not answer."


def _announce(config: Config, address: str, sign_in: str, embedded: bool) -> None:
    data = f"{config.data_dir}" + ("" if embedded else " (keys), and the PostgreSQL of DATABASE_URL")
    click.echo(f"\nPlatform Analytics is running at {address}\n  {sign_in}")
    click.echo(f"  API: http://{_reachable(config.host)}:{config.api_port}/api/docs")
    click.echo(f"  Data: {data}\n  Stop it with Ctrl-C.")


def _reachable(host: str) -> str:
    """An address to open in a browser on this machine."""
    if host in ("0.0.0.0", "::", ""):  # noqa: S104  # compared with, not listened on
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host


@contextmanager
def _interrupts(started: Sequence[Child]) -> Iterator[None]:
    """SIGINT and SIGTERM end the block without an error, once: what was started is left to finish. A second
    one ends it at once."""
    numbers = (signal.SIGINT, signal.SIGTERM)
    first: list[float] = []

    def interrupt(number: int, frame: FrameType | None) -> None:
        at = time.monotonic()
        if not first:
            first.append(at)
            _say("\nStopping.")
            raise KeyboardInterrupt
        # One Ctrl-C can arrive twice: from the terminal, and from a parent that it ended.
        if at - first[0] > _SAME_SIGNAL:
            _say("Stopping at once.")
            for child in started:
                child.kill()

    before = [signal.signal(number, interrupt) for number in numbers]
    try:
        yield
    except KeyboardInterrupt:
        pass
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)


def _say(sentence: str) -> None:
    click.echo(sentence, err=True)
