from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest

from models.database import Database
from models.errors import Conflict, InvalidInput, NotFound, PreconditionFailed
from services import costs
from services.costs import CostEntry, Filter
from services.ingest.inputs import Cost
from services.profiles import Profile

NOW = datetime.fromisoformat("2026-11-20T12:00:00+01:00")
LATER = NOW + timedelta(seconds=1)
IMPORT = UUID(int=7)


def cost(profile: Profile, **fields: Any) -> Cost:
    defaults = {"category": "tools", "description": "A lamp", "amount": "19.90", "date": "2026-11-10"}
    return Cost(**{"profile_id": profile.profile_id, **defaults, **fields})


def add(database: Database, profile: Profile, **fields: Any) -> CostEntry:
    with database.transaction() as tx:
        return costs.add(tx, profile, cost(profile, **fields), NOW)


def test_a_cost_is_kept_as_it_was_given(database: Database, anna: Profile) -> None:
    entry = add(database, anna, category="marketing", channel="Instagram")
    with database.transaction() as tx:
        assert costs.get(tx, [anna.profile_id], entry.cost_id) == entry
    assert (entry.amount, entry.currency, entry.reporting_amount) == (
        Decimal("19.90"),
        "EUR",
        Decimal("19.90"),
    )
    assert (entry.expense_date, entry.channel) == (date(2026, 11, 10), "Instagram")


def test_an_edit_replaces_it_and_changes_its_version(database: Database, anna: Profile) -> None:
    entry = add(database, anna, channel="x")
    with database.transaction() as tx:
        changed = cost(anna, description="A tripod", amount="25")
        edited = costs.edit(tx, anna, entry.cost_id, changed, LATER, if_version=entry.version)
    assert (edited.description, edited.amount, edited.channel) == ("A tripod", 25, None)
    assert (edited.created_at, edited.updated_at) == (NOW, LATER)
    assert edited.version != entry.version
    with database.transaction() as tx:
        for change in (
            lambda: costs.edit(tx, anna, entry.cost_id, changed, LATER, if_version=entry.version),
            lambda: costs.remove(tx, anna.profile_id, entry.cost_id, if_version=entry.version),
        ):
            with pytest.raises(PreconditionFailed, match="read it again"):
                change()
        assert costs.get(tx, [anna.profile_id], entry.cost_id) == edited


def test_a_deleted_cost_is_gone(database: Database, anna: Profile) -> None:
    entry = add(database, anna, channel="Instagram", category="marketing")
    with database.transaction() as tx:
        gone = costs.remove(tx, anna.profile_id, entry.cost_id, if_version=entry.version)
        assert gone == entry
        with pytest.raises(NotFound):
            costs.get(tx, [anna.profile_id], entry.cost_id)


def test_a_cost_of_another_profile_is_not_found(database: Database, anna: Profile, priya: Profile) -> None:
    entry = add(database, anna)
    with database.transaction() as tx:
        for refused in (
            lambda: costs.get(tx, [priya.profile_id], entry.cost_id),
            lambda: costs.get(tx, [], entry.cost_id),
            lambda: costs.edit(tx, priya, entry.cost_id, cost(priya), LATER),
            lambda: costs.remove(tx, priya.profile_id, entry.cost_id),
            lambda: costs.remove(tx, anna.profile_id, uuid4()),
        ):
            with pytest.raises(NotFound, match="no such cost"):
                refused()
        assert costs.get(tx, [anna.profile_id, priya.profile_id], entry.cost_id) == entry


def test_an_id_is_taken_once(database: Database, anna: Profile) -> None:
    add(database, anna, id=UUID(int=1))
    with pytest.raises(Conflict, match="already"):
        add(database, anna, id=UUID(int=1))
    with database.transaction() as tx:
        batch = [cost(anna, id=UUID(int=1)), cost(anna, id=UUID(int=2))]
        assert costs.record(tx, anna, batch, NOW) == [UUID(int=2)]


def test_bad_ones_are_named_and_nothing_is_stored(database: Database, anna: Profile) -> None:
    batch = [cost(anna), cost(anna, amount="1.001"), cost(anna), cost(anna, amount="9" * 30)]
    with database.transaction() as tx, pytest.raises(InvalidInput) as refused:
        costs.record(tx, anna, batch, NOW)
    assert [problem.pointer for problem in refused.value.problems] == [
        "/costs/1/amount",
        "/costs/3/amount",
    ]
    with pytest.raises(InvalidInput, match="EUR has 2 decimals") as alone:
        add(database, anna, amount="1.001")
    assert alone.value.problems[0].pointer == "/amount"
    with database.transaction() as tx:
        assert costs.listing(tx, anna.profile_id) == []


def test_a_cost_without_a_rate_is_converted_when_one_has_come(
    database: Database, anna: Profile, publish: Callable[..., None]
) -> None:
    entry = add(database, anna, currency="USD", amount="10")
    assert entry.reporting_amount is None
    publish("USD", "2026-11-10", "1.25")
    with database.transaction() as tx:
        assert costs.convert(tx, anna, LATER) == 1
        assert costs.convert(tx, anna, LATER) == 0
        assert costs.get(tx, [anna.profile_id], entry.cost_id).reporting_amount == 8
        moved = cost(anna, currency="USD", amount="10", date="2026-10-01")
        assert costs.edit(tx, anna, entry.cost_id, moved, LATER).reporting_amount is None


def test_the_listing_is_read_page_by_page(database: Database, anna: Profile, priya: Profile) -> None:
    add(database, priya)
    days = ["2026-11-10", "2026-11-12", "2026-11-10", "2026-10-01", "2026-11-10"]
    made = {add(database, anna, date=day).cost_id: day for day in days}
    add(database, anna, category="marketing", date="2026-11-11")
    seen: list[CostEntry] = []
    with database.transaction() as tx:
        while page := costs.listing(
            tx,
            anna.profile_id,
            chosen=Filter("tools"),
            limit=2,
            after=seen[-1].place if seen else None,
        ):
            seen += page
        november = costs.listing(tx, anna.profile_id, first=date(2026, 11, 10), last=date(2026, 11, 11))
    assert {entry.cost_id for entry in seen} == set(made)
    assert len(seen) == len(made)
    assert [str(entry.expense_date) for entry in seen] == sorted(days, reverse=True)
    assert len(november) == 4


def test_search_finds_words_in_any_case_and_order(database: Database, anna: Profile, priya: Profile) -> None:
    add(database, priya, description="Instagram ads")
    ads = add(database, anna, category="marketing", description="Ads for SPRING 50%_off", channel="Instagram")
    fee = add(database, anna, category="platform_fees", description="Ärger mit Gebühren", amount="5")
    lamp = add(database, anna, description="A lamp")

    def found(text: str | None, category: str | None = None) -> set[UUID]:
        chosen = Filter(category, text)
        with database.transaction() as tx:
            rows = costs.listing(tx, anna.profile_id, chosen=chosen)
            totals = costs.totals(tx, anna.profile_id, chosen=chosen)
        assert list(costs.every(database, anna.profile_id, chosen=chosen)) == rows
        assert totals == costs.Totals(len(rows), sum((row.reporting_amount or 0 for row in rows), Decimal(0)))
        return {row.cost_id for row in rows}

    assert found("instagram spring") == {ads.cost_id}
    assert found("SPRING ads insta") == {ads.cost_id}
    assert found("instagram lamp") == set()
    assert found("platform FEES") == found("gebühren") == {fee.cost_id}
    assert found("50%_") == {ads.cost_id}
    assert found("%") == {ads.cost_id}
    assert found("\\") == set()
    assert found("a", "tools") == {lamp.cost_id}
    assert found(None, "marketing") == {ads.cost_id}
    assert found(None) == {ads.cost_id, fee.cost_id, lamp.cost_id}


def test_every_cost_comes_once(database: Database, anna: Profile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(costs, "_AT_ONCE", 3)
    for many in range(7):
        assert len({entry.cost_id for entry in costs.every(database, anna.profile_id)}) == many
        add(database, anna)


@pytest.mark.parametrize(
    ("given", "pointer"), [({"category": "food"}, "category"), ({"q": "x" * 201}, "q"), ({"q": "a\x00"}, "q")]
)
def test_a_filter_that_is_none(given: dict[str, str], pointer: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        Filter.of(given)
    assert raised.value.problems[0].pointer == pointer


def test_empty_parameters_filter_nothing() -> None:
    assert Filter.of({"category": " ", "q": ""}) == Filter()


def test_an_undone_import_takes_its_own_costs_alone(database: Database, anna: Profile) -> None:
    mine = add(database, anna)
    with database.transaction() as tx:
        costs.record(tx, anna, [cost(anna), cost(anna)], NOW, IMPORT)
        assert costs.remove_import(tx, anna.profile_id, IMPORT) == 2
        assert costs.remove_import(tx, anna.profile_id, IMPORT) == 0
        assert costs.listing(tx, anna.profile_id) == [mine]
