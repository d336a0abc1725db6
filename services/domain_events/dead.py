"""Dead letters: events that can't be counted, with the reason, until somebody retries them."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from models.errors import NotFound
from models.feed import order
from services.domain_events.envelope import LONGEST
from services.domain_events.stream import FIELD, Message, Stream, raw

_PAGE = 500


@dataclass(frozen=True)
class Letter:
    """A dead event. `id` is the letter's own; `original` the id that its message had on the stream; `text`
    the event as it came (at most its first 65,536 characters); `at` when it was given up (ISO 8601)."""

    id: str
    reason: str
    text: str
    original: str
    at: str
    deliveries: int


def letter(message: Message, reason: str, at: datetime) -> Mapping[str, bytes]:
    """What is kept of a message that can't be counted: the fields of its dead letter."""
    text = json.dumps(message.fields) if message.text is None else message.text
    return {
        "reason": raw(reason[:1000]),
        FIELD: raw(text[:LONGEST]),
        "originalId": message.id.encode(),
        "at": at.isoformat(timespec="milliseconds").encode(),
        "deliveries": str(message.deliveries).encode(),
    }


def letters(stream: Stream) -> Iterator[Letter]:
    """All dead letters, the oldest first. Raises RedisError."""
    after = "-"
    while found := stream.redis.xrange(stream.dead, min=after, count=_PAGE):
        for key, fields in found:
            yield _letter(key, fields)
        after = f"({found[-1][0]}"


def retry(stream: Stream, ids: Sequence[str] | None = None) -> int:
    """Puts these dead events (None: all) back on the stream, and takes each off the dead ones in the same
    step; returns how many. Raises NotFound that names an id without a letter, before any is put back.
    """
    chosen = list(letters(stream)) if ids is None else [_one(stream, key) for key in dict.fromkeys(ids)]
    for start in range(0, len(chosen), _PAGE):
        page = chosen[start : start + _PAGE]
        pipe = stream.redis.pipeline(transaction=True)
        for each in page:
            pipe.xadd(stream.name, {FIELD: raw(each.text)})
            pipe.xdel(stream.dead, each.id)
        pipe.hincrby(stream.totals, "retried", len(page))
        pipe.execute()
    return len(chosen)


def _one(stream: Stream, key: str) -> Letter:
    try:
        order(key)
        found = stream.redis.xrange(stream.dead, key, key)
    except ValueError:
        found = ()
    if not found:
        raise NotFound(f"There is no dead letter {key[:60]}; `manage.py events list-dead` lists them.")
    return _letter(*found[0])


def _letter(key: str, fields: Mapping[str, str]) -> Letter:
    return Letter(
        key,
        fields.get("reason", ""),
        fields.get(FIELD, ""),
        fields.get("originalId", ""),
        fields.get("at", ""),
        int(fields.get("deliveries", 1)),
    )
