"""What lies of a profile or of a person in Redis beside the database, and how it is removed."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from models.feed import channel, seen_keys
from models.stores import Stores
from services.domain_events.stream import FIELD, GROUP, Stream, opened

Mentions = Callable[[str], bool]
"""Whether the text of a message is about whom is looked for."""
_PAGE = 500


def of_profile(stores: Stores, profile_id: UUID, stream: str) -> int:
    """Removes every key that names the profile, and the domain events and dead letters that do; returns how
    many of all these there were. An event that another group still has to read stays until it did. Raises
    RedisError."""
    with opened(stores, stream) as source:
        keys = [
            key for key in source.redis.scan_iter(match=f"*{profile_id}*", count=1_000) if key != source.name
        ]
        for key in keys:
            source.redis.unlink(key)
        return len(keys) + of_stream(source, lambda text: names(text, profile_id))


def of_stream(source: Stream, mentions: Mentions) -> int:
    """Removes the domain events and dead letters that `mentions` picks; returns how many."""
    dead = [key for key, fields in _entries(source.redis, source.dead) if mentions(_text(fields))]
    waiting = [key for key, fields in _entries(source.redis, source.name) if mentions(_text(fields))]
    for page in _pages(dead):
        source.redis.xdel(source.dead, *page)
    drop(source, waiting)
    return len(dead) + len(waiting)


def drop(source: Stream, ids: Sequence[str]) -> None:
    """Acknowledges these messages, and takes them off the stream where nobody else reads it."""
    if not ids:
        return
    alone = {group["name"] for group in source.redis.xinfo_groups(source.name)} <= {GROUP}
    for page in _pages(ids):
        source.redis.xack(source.name, GROUP, *page)
        if alone:
            source.redis.xdel(source.name, *page)


def of_live(
    stores: Stores, profile_id: UUID, events: set[str], visitors: Sequence[bytes], values: set[str]
) -> int:
    """Removes from the profile's live stream what tells of these events or alerts (their ids) or holds one
    of these values, and from those who were seen these visitors; returns how many messages that were. Raises
    RedisError."""
    key = channel(profile_id)
    told = []
    for entry, fields in _entries(stores.redis, key):
        if "message" not in fields:
            continue
        message = json.loads(fields["message"])
        if message["eventId"] in events or not values.isdisjoint(texts(message["data"])):
            told.append(entry)
    for page in _pages(told):
        stores.redis.xdel(key, *page)
    views, people = seen_keys(profile_id)
    for page in _pages(sorted(events)):
        stores.redis.zrem(views, *page)
    if visitors:
        stores.redis.zrem(people, *(visitor.hex() for visitor in visitors))
    return len(told)


def names(text: str, profile_id: UUID) -> bool:
    """Whether a text names the profile, in whichever of the forms of its id."""
    return profile_id.hex in text.lower().replace("-", "")


def texts(value: Any) -> Iterator[str]:
    """Every text in a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from texts(each)


def _text(fields: Mapping[str, str]) -> str:
    """Whatever an entry says; the reason of a dead letter may quote it."""
    return fields.get(FIELD) or json.dumps(fields)


def _entries(redis: Any, key: str) -> Iterator[tuple[str, Mapping[str, str]]]:
    after = "-"
    while found := redis.xrange(key, min=after, count=_PAGE):
        yield from found
        after = f"({found[-1][0]}"


def _pages(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), _PAGE):
        yield ids[start : start + _PAGE]
