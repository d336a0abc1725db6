"""The gift funnel: people and counts at each step, and who goes on."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from models.stores import Stores
from services import scope
from services.ingest import events, transactions
from services.ingest.inputs import Event, Transaction
from services.metrics.funnel import Step, funnel
from services.profiles import Profile

NOW = datetime.fromisoformat("2026-11-20T12:00:00+01:00")
BOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"


def happens(stores: Stores, profile: Profile, *what: tuple[str, str | None], **more: Any) -> None:
    """Events: visitor and target of the click, None for a view."""
    at = more.pop("timestamp", NOW - timedelta(hours=2))
    batch = [
        Event(
            profile_id=profile.profile_id,
            event_type="view" if target is None else "click",
            timestamp=at,
            visitor_id=who,
            target=target,
            **more,
        )
        for who, target in what
    ]
    events.store(stores, batch, NOW)


def give(stores: Stores, profile: Profile, *donors: str | None) -> None:
    at = NOW - timedelta(hours=1)
    batch = [
        Transaction(profile_id=profile.profile_id, type="gift", amount="10", date=at, donorId=donor)
        for donor in donors
    ]
    with stores.database.transaction() as tx:
        transactions.record(tx, profile, batch, NOW)


def asked(stores: Stores, profile: Profile, period: str) -> list[Step]:
    return list(funnel(stores.database, scope.parse(profile, {"period": period}, NOW)))


@pytest.mark.parametrize("period", ["24h", "7d", "12m"])
def test_people_beside_counts(stores: Stores, anna: Profile, period: str) -> None:
    happens(stores, anna, *((f"v{number}", None) for number in range(8)), ("v1", None))
    clicks = [(f"v{number}", "gift-catalog") for number in range(4)]
    happens(stores, anna, *clicks, ("v1", "gift-catalog"), ("v1", "gift:rose"), ("v1", "gift:wine"))
    happens(stores, anna, ("v2", "gift:rose"), ("v1", "gift-checkout"), ("v3", "gift"), ("v3", "gifts:x"))
    give(stores, anna, "ada", "ada", None)
    assert [(step.key, step.visitors, step.count) for step in asked(stores, anna, period)] == [
        ("view", 8, 9),
        ("catalog", 4, 5),
        ("item", 2, 3),
        ("checkout", 1, 1),
        ("purchase", 1, 3),
    ]
    assert [step.onward for step in asked(stores, anna, period)] == [
        Decimal("0.5"), Decimal("0.5"), Decimal("0.5"), Decimal(1), None,
    ]  # fmt: skip


def test_bots_and_the_owner_are_nobody(stores: Stores, anna: Profile) -> None:
    happens(stores, anna, ("b", "gift-catalog"), user_agent=BOT)
    happens(stores, anna, ("o", "gift-checkout"), is_owner=True)
    happens(stores, anna, ("v", "gift:rose"))
    assert [step.visitors for step in asked(stores, anna, "7d")] == [0, 0, 1, 0, 0]
    assert [step.visitors for step in asked(stores, anna, "24h")] == [0, 0, 1, 0, 0]


def test_who_comes_on_two_days_is_one(stores: Stores, anna: Profile) -> None:
    happens(stores, anna, ("v", "gift-catalog"))
    happens(stores, anna, ("v", "gift-catalog"), timestamp=NOW - timedelta(days=3))
    (_, catalog, *_) = asked(stores, anna, "7d")
    assert (catalog.visitors, catalog.count) == (1, 2)
    (_, catalog, *_) = asked(stores, anna, "24h")
    assert (catalog.visitors, catalog.count) == (1, 1)


def test_yesterdays_clicks_are_not_in_the_last_24_hours(stores: Stores, anna: Profile) -> None:
    happens(stores, anna, ("v", "gift-catalog"), timestamp=NOW - timedelta(hours=26))
    (_, catalog, *_) = asked(stores, anna, "24h")
    assert (catalog.visitors, catalog.count) == (0, 0)


def test_gifts_from_elsewhere_are_no_share_of_those_who_went_to_pay(stores: Stores, anna: Profile) -> None:
    happens(stores, anna, ("v", "gift-checkout"))
    give(stores, anna, "ada", "bob")
    assert [step.onward for step in asked(stores, anna, "7d")] == [None] * 5


def test_gifts_without_any_known_giver_tell_nobody_apart(stores: Stores, anna: Profile) -> None:
    happens(stores, anna, ("v", "gift-checkout"))
    give(stores, anna, None)
    *_, checkout, purchase = asked(stores, anna, "7d")
    assert (purchase.visitors, purchase.count, checkout.onward) == (None, 1, None)


def test_an_import_that_is_undone_takes_its_people_with_it(stores: Stores, anna: Profile) -> None:
    happens(stores, anna, ("v", "gift-catalog"))
    more = Event(
        profile_id=anna.profile_id, event_type="click", timestamp=NOW, visitor_id="w", target="gift-catalog"
    )
    events.store(stores, [more], NOW, anna.profile_id)
    assert asked(stores, anna, "7d")[1].visitors == 2
    with stores.database.transaction() as tx:
        events.remove_import(tx, anna.profile_id, anna.profile_id, NOW)
    assert asked(stores, anna, "7d")[1].visitors == 1
