"""Whatever a platform puts on the stream, it is counted once or becomes a dead letter with its reason."""

import json
from collections import Counter
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.stores import Stores
from services import rollups
from services.domain_events.consumer import Consumer
from services.domain_events.stream import FIELD, Stream
from services.profiles import Profile
from tests.fuzz.conftest import MOST
from tests.fuzz.spoiling import spoilt
from tests.services.domain_events.conftest import (
    BOOKING,
    CHARGE,
    GIFT,
    VIEW,
    consumer,
    dead,
    drain,
    event,
    stream,
)

__all__ = ["consumer", "stream"]

EVENTS = {
    "profile.viewed": VIEW,
    "gift.purchased": GIFT,
    "booking.completed": {**BOOKING, "partnerId": "p-1", "split": {"profile": "0.5", "partner": "0.5"}},
    "subscription.charged": CHARGE,
    "transaction.refunded": {"giftId": "g-1"},
}
scalars = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=30), st.just("1e999999")
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@st.composite
def messages(draw: st.DrawFn, profile: Profile) -> bytes:
    """An event of the profile: as it should be, with a field of another kind, or spoilt; or anything."""
    kind = draw(st.sampled_from(sorted(EVENTS)))
    told: dict[str, Any] = event(profile, kind, key=draw(st.uuids()), **EVENTS[kind])
    inside = draw(st.booleans())
    target = told["data"] if inside else told
    name = draw(st.sampled_from(sorted(target)) | st.text(max_size=8))
    if draw(st.booleans()):
        target[name] = draw(values)
    text = json.dumps(told).encode("utf-8", "surrogatepass")
    return draw(st.just(text) | spoilt(text) | st.binary(max_size=60))


def test_messages(
    stores: Stores, anna: Profile, stream: Stream, consumer: Consumer, tried: Counter[str]
) -> None:
    @settings(
        max_examples=MOST * 6,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )
    @given(st.lists(messages(anna), min_size=1, max_size=20))
    def law(batch: list[bytes]) -> None:
        known = len(dead(stream))
        for text in batch:
            stream.redis.xadd(stream.name, {FIELD: text})
        drain(consumer)
        buried = dead(stream)[known:]
        assert all(letter.reason for letter in buried)
        tried["dead letters"] += len(buried)
        tried["counted"] += len(batch) - len(buried)

    law()
    assert rollups.verify(stores.database, anna.profile_id) == []
    assert all(tried[fate] for fate in ("dead letters", "counted"))
