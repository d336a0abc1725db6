"""manage.py events: what a platform tells by the stream, and what could not be counted of it."""

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click
from redis.exceptions import RedisError

import installation
from commands.answers import as_json, show, show_rows
from commands.stores import configured
from models.clock import now
from models.errors import InvalidInput, Problem, Unavailable
from services.domain_events import dead, opened
from services.domain_events.envelope import read
from services.domain_events.stream import Stream
from services.ingest.events import EARLIEST, LEAD

_AT_ONCE = 1_000
_SHOWN = 200
"""Characters of a dead event that its line shows; all of it is in the JSON."""


@click.group()
def events() -> None:
    """Domain events: put some on the stream, see and retry those that could not be counted."""


@events.command()
@click.argument("file", type=click.Path(allow_dash=True, exists=True, dir_okay=False, path_type=Path))
@as_json
def publish(file: Path, as_json: bool) -> None:
    """Put the events of FILE on the stream ("-": of stdin): one JSON object a line, one object, or an array.

    Each is checked first; one that could not be counted is named by its line, and nothing is published.
    """
    text = sys.stdin.read() if str(file) == "-" else file.read_bytes().decode("utf-8-sig", "surrogateescape")
    told = list(_events(text))
    _check(told)
    with _stream() as stream:
        for start in range(0, len(told), _AT_ONCE):
            stream.publish(each for _, each in told[start : start + _AT_ONCE])
    show({"published": len(told)}, as_json, f"published: {len(told)}")


@events.command("list-dead")
@as_json
def list_dead(as_json: bool) -> None:
    """List the events that could not be counted, the oldest first, and why."""
    with _stream() as stream:
        found = [
            {
                "id": letter.id,
                "at": letter.at,
                "deliveries": letter.deliveries,
                "reason": _printable(letter.reason),
                "event": _printable(letter.text if as_json else letter.text[:_SHOWN]),
            }
            for letter in dead.letters(stream)
        ]
    show_rows(found, as_json)


@events.command()
@click.argument("ids", nargs=-1, metavar="[ID]...")
@click.option("--all", "everything", is_flag=True, help="All of them.")
@as_json
def retry(ids: tuple[str, ...], everything: bool, as_json: bool) -> None:
    """Put dead events back on the stream, those with these IDs or all of them."""
    if bool(ids) == everything:
        raise click.UsageError("Name the dead events by their ids, or give --all.")
    with _stream() as stream:
        many = dead.retry(stream, None if everything else ids)
    show({"retried": many}, as_json, f"put back on the stream: {many}")


@contextmanager
def _stream() -> Iterator[Stream]:
    """The stream of the settings. Raises Unavailable while Redis is away."""
    with configured() as config:
        stores = installation.opened(config)
        try:
            with opened(stores, config.event_stream) as stream:
                yield stream
        except RedisError as error:
            raise Unavailable(f"Redis can't be used: {error}") from error
        finally:
            stores.close()


def _events(text: str) -> Iterator[tuple[int, str]]:
    """The text of each event, and the line it begins in (in an array: its place). Raises InvalidInput."""
    if text.lstrip().startswith("["):
        try:
            listed = json.loads(text, parse_float=str)
        except (ValueError, RecursionError) as error:
            raise InvalidInput(f"The file is no JSON: {error}.") from None
        yield from ((place, json.dumps(each)) for place, each in enumerate(listed, 1))
        return
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        lines = enumerate(text.split("\n"), 1)
        yield from ((number, line.strip()) for number, line in lines if line.strip())
    else:
        yield 1, text.strip()


def _check(told: Sequence[tuple[int, str]]) -> None:
    """Raises InvalidInput that names what the consumer would refuse to read."""
    latest = now() + LEAD
    problems = []
    for number, text in told:
        try:
            read(text, EARLIEST, latest)
        except InvalidInput as error:
            problems.append(Problem(f"line {number}", str(error)))
    if problems:
        many = f"{len(problems)} of {len(told)} events can't be taken; nothing was published."
        raise InvalidInput(many, tuple(problems))


def _printable(text: str) -> str:
    """Bytes that are no text, as a terminal can show them."""
    return text.encode("utf-8", "backslashreplace").decode()
