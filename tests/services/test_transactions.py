"""The rows behind the figures of revenue: they add up to them, whatever happened."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings

from models.errors import InvalidInput, NotFound
from models.ids import new_id
from models.schema.money import TRANSACTION_TYPES
from models.stores import Stores
from services import profiles, rollups, transactions
from services.ingest import revision
from services.ingest import transactions as ingest
from services.ingest.inputs import Transaction
from services.metrics import report
from services.metrics.revenue import SOURCE_METRICS
from services.profiles import Profile
from services.scope import Scope, parse
from services.transactions import Filter, Movement, MovementKind, Place
from tests.services.rollups import histories
from tests.services.rollups.histories import History

NOW = datetime.fromisoformat("2026-11-20T12:00:00+01:00")
_law = settings(
    max_examples=6,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
_FIGURES = ("gross", "refunds", "net", "pending", "sales", "partnerShare", *SOURCE_METRICS.values())


def rows(stores: Stores, scope: Scope, limit: int = 1_000, **chosen: str) -> list[Movement]:
    """All rows, read `limit` at a time."""
    found: list[Movement] = []
    after: Place | None = None
    while True:
        with stores.database.transaction() as tx:
            page = transactions.listing(tx, scope, Filter.of(chosen), after, limit)
        assert len(page.rows) <= limit
        found += page.rows
        if page.next is None:
            return found
        after = Place.read(page.next.texts())
        assert after == page.next


def total(found: Iterable[Movement]) -> Decimal:
    return sum((row.reporting_amount or Decimal(0) for row in found), Decimal(0))


def all_time(profile: Profile, now: datetime = NOW) -> Scope:
    return parse(profile, {"from": "1997-01-01", "granularity": "month"}, now)


@_law
@given(history=histories.histories())
def test_rows_add_up_to_the_figures(stores: Stores, history: History) -> None:
    profile = _told(stores, history)
    for asked in ({"from": "2000-01-01", "granularity": "month"}, {"period": "24h"}):
        scope = parse(profile, asked, history.now)
        figures = report(stores.database, scope, _FIGURES)
        by_kind = {kind: rows(stores, scope, kind=kind) for kind in MovementKind}
        for kind, key in (
            (MovementKind.SALE, "gross"),
            (MovementKind.REFUND, "refunds"),
            (MovementKind.PENDING, "pending"),
        ):
            assert total(by_kind[kind]) == figures[key].total
        assert len(by_kind[MovementKind.SALE]) == figures["sales"].total
        assert total(by_kind[MovementKind.UNCONVERTED]) == 0
        for source in TRANSACTION_TYPES:
            of_it = [row for row in by_kind[MovementKind.SALE] if row.source == source]
            assert total(of_it) == figures[SOURCE_METRICS[source]].total
            assert rows(stores, scope, kind="sale", source=source) == of_it
        with stores.database.transaction() as tx:
            sums = transactions.totals(tx, scope)
        keys = ("gross", "refunds", "pending")
        assert [sums.gross, sums.refunds, sums.pending] == [figures[key].total for key in keys]
        assert sums.rows == sum(map(len, by_kind.values()))


@settings(_law, max_examples=4)
@given(history=histories.histories())
def test_pages_are_the_list_in_order_without_gap_or_repeat(stores: Stores, history: History) -> None:
    scope = all_time(_told(stores, history), history.now)
    whole = rows(stores, scope)
    places = [(row.local_date, row.at, row.transaction_id, row.part or -1) for row in whole]
    assert len(set(places)) == len(places)
    assert [place[:3] for place in places] == sorted((place[:3] for place in places), reverse=True)
    for limit in (1, 3):
        assert rows(stores, scope, limit) == whole
    assert [row for page in transactions.every(stores.database, scope) for row in page] == whole


def test_a_search_finds_text_in_any_case_and_takes_signs_for_themselves(
    stores: Stores, anna: Profile
) -> None:
    _record(
        stores,
        anna,
        {"description": "Été 100% roses", "donorId": "Ada_1", "externalId": "INV-7"},
        {"description": "100 roses", "donorId": "Adax1"},
        {"description": "A lamp", "partnerId": "Zoë", "category": "Light\\ing"},
    )
    scope = all_time(anna)
    for text, many in (
        ("ROSES", 2), ("100%", 1), ("ada_1", 1), ("ÉTÉ", 1), ("inv-7", 1), ("%", 1), ("_", 1), ("\\", 1),
        ("zoË", 1), ("nothing", 0), ("' or 1=1 --", 0), (" roses ", 2),
        ("roses 100%", 1), ("adax1  ROSES", 1), ("zoë lamp light", 1), ("lamp roses", 0), ("100roses", 0),
    ):  # fmt: skip
        assert len(rows(stores, scope, q=text)) == many, text


def test_rows_of_a_category_and_a_partner(stores: Stores, anna: Profile) -> None:
    split = {"partnerId": "mia", "split": {"profile": "0.6", "partner": "0.4"}}
    _record(stores, anna, {"category": "roses"}, {}, {"type": "booking", "amount": "200", **split})
    scope = all_time(anna)
    assert len(rows(stores, scope, category="roses")) == 1
    (shared,) = rows(stores, scope, partner="mia")
    assert (shared.amount, shared.reporting_amount, shared.reporting_partner) == (200, 120, 80)
    with stores.database.transaction() as tx:
        without = transactions.listing(tx, scope, Filter(category="")).rows
    assert len(without) == 2


def test_a_refund_stands_on_its_own_day(stores: Stores, anna: Profile) -> None:
    (sale_id,) = _record(stores, anna, {"amount": "90", "date": "2026-11-01"})
    with stores.database.transaction() as tx:
        ingest.refund(tx, anna, sale_id, Decimal(30), date(2026, 11, 10), "r1", NOW)
        ingest.refund(tx, anna, sale_id, None, date(2026, 11, 10), "r2", NOW)
    found = rows(stores, all_time(anna))
    assert [(row.kind, row.local_date.day, row.amount) for row in found] == [
        (MovementKind.REFUND, 10, 60), (MovementKind.REFUND, 10, 30), (MovementKind.SALE, 1, 90),
    ]  # fmt: skip
    november = parse(anna, {"from": "2026-11-01", "to": "2026-11-09"}, NOW)
    assert [row.kind for row in rows(stores, november)] == [MovementKind.SALE]


@pytest.mark.parametrize(
    ("given", "name"),
    [({"source": "rent"}, "source"), ({"kind": "odd"}, "kind"), ({"q": "x" * 201}, "q"), ({"q": "a\0"}, "q")],
)
def test_a_filter_that_can_not_be_is_named(given: dict[str, str], name: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        Filter.of(given)
    assert raised.value.problems[0].pointer == name


def test_places_that_were_not_made_here() -> None:
    at, own = "2026-11-20T12:00:00+00:00", str(UUID(int=1))
    for parts in (
        [], ["x"] * 4, ["2026-11-20", "2026-11-20T12:00:00", own, ""], ["2026-11-20", at, "7", ""],
        ["2026-11-20", at, own, "NaN"], ["2026-11-20", at, own, "1e999"], ["2026-11-20", at, own],
    ):  # fmt: skip
        assert Place.read(parts) is None, parts
    assert Place.read(["2026-11-20", at, own, "0"]) is not None


def test_the_oldest_that_is_pending(stores: Stores, anna: Profile) -> None:
    scope = all_time(anna)
    with stores.database.transaction() as tx:
        assert transactions.oldest_pending(tx, scope) is None
    waiting = {"status": "pending", "type": "booking"}
    _record(stores, anna, {**waiting, "date": "2026-11-03"}, {**waiting, "date": "2026-10-09"}, {})
    with stores.database.transaction() as tx:
        assert transactions.oldest_pending(tx, scope) == date(2026, 10, 9)


def test_what_was_entered_by_hand_is_known_and_somebody_elses_is_not_there(
    stores: Stores, anna: Profile, priya: Profile
) -> None:
    by_hand, told = _record(stores, anna, {"metadata": dict(revision.MANUAL)}, {"metadata": {"entry": "x"}})
    with stores.database.transaction() as tx:
        assert transactions.get(tx, anna.profile_id, by_hand).by_hand
        assert not transactions.get(tx, anna.profile_id, told).by_hand
        with pytest.raises(NotFound):
            transactions.get(tx, priya.profile_id, by_hand)
    assert rows(stores, all_time(priya)) == []


def _record(stores: Stores, profile: Profile, *sales: dict[str, Any]) -> tuple[UUID, ...]:
    usual = {"profile_id": profile.profile_id, "type": "gift", "amount": "10", "date": "2026-11-05"}
    batch = [Transaction(**{**usual, **sale}, id=new_id()) for sale in sales]
    with stores.database.transaction() as tx:
        return ingest.record(tx, profile, batch, NOW).ids


def _told(stores: Stores, history: History) -> Profile:
    """A new profile to which the history was told."""
    with stores.database.transaction() as tx:
        profile = profiles.add(
            tx, name="One", time_zone=history.zone, currency=history.currency, at=history.now
        )
    histories.seed(stores, history.now)
    for step in history.steps:
        try:
            step.tell(stores, profile)
        except (InvalidInput, NotFound):
            continue
    assert rollups.verify(stores.database, profile.profile_id) == []
    return profile
