"""What Redis holds of domain events that can't be made again: those not yet counted, the dead letters and
the totals. Live streams, who is looking and limits are not kept: they last a day at most.
"""

import json
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from redis.exceptions import ResponseError

from services.backup.archive import Reader, Writer
from services.domain_events.stream import GROUP, Stream, raw

_PAGE = 500
_WAITING, _DEAD, _LATER, _TOTALS = (
    f"redis/{name}" for name in ("waiting.jsonl", "dead.jsonl", "later.jsonl", "totals.json")
)
_BEGINNING = "0-0"

Entry = tuple[str, dict[str, str]]


def write(stream: Stream, writer: Writer) -> None:
    """Adds it to an archive, before the tables are looked at: what is counted in the meantime is in both,
    and counts once. Raises RedisError."""
    newest = _newest(stream.redis, stream.name)
    writer.add(_WAITING, _lines(_waiting(stream)))
    writer.add(_DEAD, _lines(_after(stream.redis, stream.dead, _BEGINNING)))
    # A dead letter that was put back while the dead ones were read.
    writer.add(_LATER, _lines(_after(stream.redis, stream.name, newest)))
    writer.add(_TOTALS, [json.dumps(stream.redis.hgetall(stream.totals)).encode()])


def clear(stream: Stream) -> None:
    """Forgets everything of a Redis that is the product's own. Raises RedisError."""
    stream.redis.flushdb()


def load(stream: Stream, reader: Reader) -> int:
    """Puts it back behind what is there; returns how many events wait then. Raises RedisError."""
    waiting = _put(stream.redis, stream.name, _read(reader, _WAITING))
    waiting += _put(stream.redis, stream.name, _read(reader, _LATER))
    _put(stream.redis, stream.dead, _read(reader, _DEAD))
    totals: dict[str, str] = json.loads(b"".join(reader.pieces(_TOTALS)))
    for name, value in totals.items():
        stream.redis.hincrbyfloat(stream.totals, name, value)
    return waiting


def _waiting(stream: Stream) -> Iterator[Entry]:
    """What the group was given and has not acknowledged, then what it was not given yet."""
    try:
        groups = {group["name"]: group for group in stream.redis.xinfo_groups(stream.name)}
    except ResponseError:  # there is no such stream
        return
    given = _BEGINNING
    if GROUP in groups:
        given = groups[GROUP]["last-delivered-id"]
        yield from _pending(stream, given)
    yield from _after(stream.redis, stream.name, given)


def _pending(stream: Stream, until: str) -> Iterator[Entry]:
    after = "-"
    while found := stream.redis.xpending_range(stream.name, GROUP, after, until, _PAGE):
        for each in found:
            yield from stream.redis.xrange(stream.name, each["message_id"], each["message_id"])
        after = f"({found[-1]['message_id']}"


def _newest(redis: Any, name: str) -> str:
    found = redis.xrevrange(name, count=1)
    return str(found[0][0]) if found else _BEGINNING


def _after(redis: Any, name: str, position: str) -> Iterator[Entry]:
    while found := redis.xrange(name, min=f"({position}", count=_PAGE):
        yield from found
        position = found[-1][0]


def _lines(entries: Iterable[Entry]) -> Iterator[bytes]:
    """A line of JSON each; it has only ASCII, whatever bytes somebody put on the stream."""
    for entry in entries:
        yield json.dumps(entry).encode() + b"\n"


def _read(reader: Reader, name: str) -> Iterator[Entry]:
    rest = b""
    for piece in reader.pieces(name):
        *lines, rest = (rest + piece).split(b"\n")
        for line in lines:
            key, fields = json.loads(line)
            yield key, fields


def _put(redis: Any, name: str, entries: Iterator[Entry]) -> int:
    """Adds entries with the ids that they had, which say how old they are; where others stand already,
    with new ones."""
    kept = not redis.exists(name)
    many = 0
    while page := list(islice(entries, _PAGE)):
        pipe = redis.pipeline(transaction=True)
        for key, fields in page:
            values = {raw(part): raw(value) for part, value in fields.items()}
            pipe.xadd(name, values, id=key if kept else "*")
        pipe.execute()
        many += len(page)
    return many
