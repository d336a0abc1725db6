"""A visitor who wants to be gone."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from models.clock import now
from models.errors import InvalidInput, NotFound, Unavailable
from models.schema import (
    engagement_metrics,
    gov_alerts,
    profile_events,
    profile_performance,
    traffic_breakdown,
    transactions,
)
from models.stores import Stores, open_redis
from services import audit, rollups
from services.domain_events.dead import letter, letters
from services.domain_events.stream import FIELD, Message, Stream
from services.ingest import events
from services.ingest import transactions as sales
from services.ingest.inputs import Event, Transaction
from services.live.presence import presence
from services.profiles import Profile
from services.rights import visitor
from services.rights.visitor import Person
from tests.judge import MINISTRY, judging
from tests.services.domain_events.conftest import event
from tests.services.rights.conftest import Fill, closed_month, known

BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"
EMMA, ADDRESS = Person.of(visitor_id="emma"), Person.of(ip=MINISTRY, user_agent=BROWSER)


def visits(stores: Stores, profile: Profile, *who: dict[str, Any], days: int = 1) -> None:
    """Everything that one can do, by each of these, on the last days."""
    told = [
        Event(
            profile_id=profile.profile_id, event_type=kind, timestamp=now() - timedelta(days=day, minutes=1),
            target=target, duration_seconds=5, country="DE", **each,
        )
        for day in range(days)
        for each in who
        for kind, target in (("view", None), ("click", "gift:rose"), ("inquiry", None), ("share", None))
    ]  # fmt: skip
    events.store(judging(stores), told, now())


def rows(stores: Stores, profile: Profile, table: Any) -> int:
    with stores.database.transaction() as tx:
        own = select(func.count()).select_from(table).where(table.c.profile_id == profile.profile_id)
        return int(tx.value(own))


def test_all_that_one_visitor_did_goes_and_every_figure_follows(
    stores: Stores, anna: Profile, priya: Profile, fill: Fill
) -> None:
    fill(priya)
    visits(stores, anna, {"visitor_id": "max"}, days=2)
    before = known(stores, anna.profile_id)
    visits(stores, anna, {"visitor_id": "emma"}, days=3)
    hers = known(stores, priya.profile_id)
    there = visitor.look(stores, anna.profile_id, EMMA)
    assert (there.events, there.alerts, there.out_of_reach, there.messages) == (12, 0, 0, 0)
    assert there.first is not None
    assert there.last is not None
    assert abs(there.last - there.first - timedelta(days=2)) < timedelta(seconds=1)
    assert rows(stores, anna, profile_events) == 20
    gone = visitor.forget(stores, anna.profile_id, EMMA, now())
    assert (gone.events, gone.first, gone.last) == (12, there.first, there.last)
    # To the row: no day of zeros stays where only she was.
    assert known(stores, anna.profile_id) == before
    assert known(stores, priya.profile_id) == hers
    for profile in (anna, priya):
        assert rollups.verify(stores.database, profile.profile_id) == []
    assert visitor.forget(stores, anna.profile_id, EMMA, now()).events == 0


def test_by_address_and_browser_with_alerts_and_what_was_told(
    stores: Stores, anna: Profile, stream: Stream
) -> None:
    seen = {"ip": MINISTRY, "user_agent": BROWSER}
    visits(stores, anna, seen, {**seen, "user_agent": "Another"}, {"visitor_id": "emma"})
    assert rows(stores, anna, gov_alerts) == 2
    assert presence(stores, anna.profile_id, now()).last5 == 3
    gone = visitor.forget(stores, anna.profile_id, ADDRESS, now())
    assert (gone.events, gone.alerts, gone.messages) == (4, 1, 2)
    assert rows(stores, anna, gov_alerts) == 1
    told = [json.loads(each.body)["event"] for each in stores.feed.after(anna.profile_id, "0-0").entries]
    assert sorted(each for each in told if each != "engagement-update") == [
        "gov-alert", "profile-view", "profile-view",
    ]  # fmt: skip
    assert presence(stores, anna.profile_id, now()).last5 == 2
    assert rollups.verify(stores.database, anna.profile_id) == []


def test_dead_letters_and_events_about_the_visitor_go_and_others_stay(
    stores: Stores, anna: Profile, priya: Profile, stream: Stream
) -> None:
    hers = {"visitorId": "emma"}
    by_address = {"ip": f"::ffff:{MINISTRY}", "userAgent": BROWSER}
    kept = [{"visitorId": "emmanuel"}, {"ip": MINISTRY, "userAgent": "Another"}]
    for data in (hers, by_address, *kept):
        text = json.dumps(event(anna, "profile.viewed", **data))
        stream.redis.xadd(stream.dead, letter(Message("1-1", {FIELD: text}), "No.", now()))
        stream.publish([text])
    others = json.dumps(event(priya, "profile.viewed", **hers))
    stream.publish([others])
    spoilt = json.dumps(event(anna, "profile.viewed", **hers))[:-1]
    stream.redis.xadd(stream.dead, letter(Message("1-1", {FIELD: spoilt}), "No.", now()))
    visits(stores, anna, {"visitor_id": "max"})
    who = Person.of(visitor_id="emma", ip=MINISTRY, user_agent=BROWSER)
    assert visitor.forget(stores, anna.profile_id, who, now()).messages == 5
    left = [json.loads(each.text)["data"] for each in letters(stream)]
    assert [{name: data[name] for name in data if name != "profileId"} for data in left] == kept
    assert len(stream.redis.xrange(stream.name)) == 3


def test_no_key_is_made_and_what_is_older_is_told(stores: Stores, anna: Profile) -> None:
    with pytest.raises(NotFound):
        visitor.look(stores, uuid4(), EMMA)
    assert visitor.look(stores, anna.profile_id, EMMA).quarters == ()
    assert stores.keys.visitors() == {}
    long_ago = now() - timedelta(days=200)
    told = [Event(profile_id=anna.profile_id, event_type="view", visitor_id="emma")]
    events.store(stores, told, long_ago)
    events.store(stores, told, now())
    quarters = tuple(map(str, stores.keys.visitors()))
    assert len(quarters) == 2
    assert visitor.look(stores, anna.profile_id, EMMA).events == 2
    (stores.keys.folder / f"visitor-{quarters[0]}").unlink()
    gone = visitor.forget(stores, anna.profile_id, EMMA, now())
    assert (gone.events, gone.quarters, gone.out_of_reach) == (1, quarters[1:], 1)
    assert gone.reach_ends is not None
    assert abs(gone.reach_ends - long_ago) < timedelta(seconds=1)
    assert tuple(map(str, stores.keys.visitors())) == quarters[1:]
    assert rollups.verify(stores.database, anna.profile_id) == []


def test_who_paid_gets_one_new_name_and_the_books_stay(stores: Stores, anna: Profile, priya: Profile) -> None:
    for profile in (anna, priya):
        gift = {"profile_id": profile.profile_id, "date": now(), "type": "gift", "amount": "10"}
        told = [
            Transaction(**gift, donorId=donor, metadata={"donor": {"name": "Ada L."}, "entry": "manual"})
            for donor in ("ada", "ada", "eve")
        ]
        with stores.database.transaction() as tx:
            sales.record(tx, profile, told, now())
    before = known(stores, priya.profile_id)
    ada = Person.of(payer="ada")
    assert visitor.look(stores, anna.profile_id, ada).payments == 2
    assert visitor.forget(stores, anna.profile_id, ada, now()).payments == 2
    with stores.database.transaction() as tx:
        own = transactions.c.profile_id == anna.profile_id
        paid = tx.rows(select(transactions.c.counterparty_id, transactions.c.metadata).where(own))
    names = [row["counterparty_id"] for row in paid]
    assert len(set(names)) == 2
    assert sorted(name == "eve" for name in names) == [False, False, True]
    assert all(name == "eve" or name.startswith("deleted-") for name in names)
    assert [row["metadata"] for row in paid if row["counterparty_id"] != "eve"] == [{"entry": "manual"}] * 2
    assert known(stores, priya.profile_id) == before
    assert rollups.verify(stores.database, anna.profile_id) == []


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({}, "visitor"),
        ({"visitor_id": "  "}, "visitor"),
        ({"user_agent": BROWSER}, "ip"),
        ({"ip": "somewhere"}, "ip"),
        ({"visitor_id": "x" * 201}, "visitor"),
        ({"payer": "\x00"}, "payer"),
    ],
)
def test_somebody_has_to_be_named(said: dict[str, str], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        Person.of(**said)
    assert refused.value.problems[0].pointer == field


def test_nothing_goes_by_halves(stores: Stores, anna: Profile) -> None:
    visits(stores, anna, {"visitor_id": "emma"})
    before = known(stores, anna.profile_id)
    away = replace(stores, redis=open_redis("redis://127.0.0.1:1"))
    with pytest.raises(Unavailable, match="nothing was deleted"):
        visitor.forget(away, anna.profile_id, EMMA, now())
    assert known(stores, anna.profile_id) == before


def test_a_closed_month_stays_as_it_is(stores: Stores, anna: Profile) -> None:
    """Also where raw months are kept for so short a time that the visitor's key is still there."""
    closed_month(stores, anna, visitor_id="emma")
    visits(stores, anna, {"visitor_id": "max"})
    before = known(stores, anna.profile_id)
    visits(stores, anna, {"visitor_id": "emma"}, days=2)
    for each in (visitor.look, lambda *told: visitor.forget(*told, now())):
        found = each(stores, anna.profile_id, EMMA)
        assert (found.events, found.closed_months) == (8, 1)
    assert known(stores, anna.profile_id) == before
    assert rollups.verify(stores.database, anna.profile_id) == []
    rollups.rebuild(stores.database, anna.profile_id)
    assert known(stores, anna.profile_id)["visitor_days"] == before["visitor_days"]
    assert rollups.verify(stores.database, anna.profile_id) == []


def test_the_trail_tells_how_much_and_never_who(stores: Stores, anna: Profile) -> None:
    visits(stores, anna, {"visitor_id": "emma"})
    alices = stores.acting("alice@example.org")
    for _ in range(2):
        visitor.forget(alices, anna.profile_id, EMMA, now())
    with stores.database.transaction() as tx:
        (entry,) = audit.listing(tx, anna.profile_id)
    assert (entry.actor, entry.sentence, entry.details) == (
        "alice@example.org", "Deleted a visitor: 4 events, 0 alerts, 0 payments", {},
    )  # fmt: skip


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    told=st.lists(
        st.tuples(
            st.sampled_from(["view", "click", "inquiry", "favorite", "share"]),
            st.sampled_from(["emma", "max", "ida"]),
            st.integers(0, 70),
            st.booleans(),
        ),
        max_size=12,
    )
)
def test_whoever_goes_the_rest_is_as_if_nobody_had_come(
    stores: Stores, anna: Profile, told: list[tuple[str, str, int, bool]]
) -> None:
    batch = [
        Event(
            profile_id=anna.profile_id, event_type=kind, visitor_id=who, is_owner=owner,
            timestamp=now() - timedelta(hours=hours), country="DE", duration_seconds=3,
        )
        for kind, who, hours, owner in told
    ]  # fmt: skip
    if batch:
        events.store(stores, batch, now())
    gone = visitor.forget(stores, anna.profile_id, EMMA, now())
    assert gone.events == sum(who == "emma" for _, who, _, _ in told)
    assert rollups.verify(stores.database, anna.profile_id) == []
    for who in ("max", "ida"):
        visitor.forget(stores, anna.profile_id, Person.of(visitor_id=who), now())
    for table in (profile_events, profile_performance, engagement_metrics, traffic_breakdown):
        assert rows(stores, anna, table) == 0
