from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from models.schema import cost_entries, imports, profile_events, transaction_refunds, transactions
from models.stores import Stores
from services import accounts, demo, rates, rollups, scope
from services.imports import ledger
from services.metrics import METRICS, report
from services.metrics.pnl import statement

NOW = datetime.fromisoformat("2026-10-20T17:40:00+00:00")
DAYS = 20
_RAW = (profile_events, transactions, transaction_refunds, cost_entries)


@pytest.fixture
def seeded(stores: Stores) -> Iterator[tuple[Stores, demo.Demo]]:
    rates.load_shipped(stores.database, since=(NOW - timedelta(days=60)).date())
    yield stores, demo.seed(stores, NOW, days=DAYS)


def test_is_a_demo_that_one_can_sign_in_to(seeded: tuple[Stores, demo.Demo]) -> None:
    stores, made = seeded
    account = accounts.sign_in(stores, made.email, made.password, "192.0.2.9")
    caller = accounts.caller_of(stores.database, account.account_id, account.epoch)
    assert caller is not None
    theirs = caller.profiles(stores.database)
    assert {profile.profile_id for profile in theirs} == {profile.profile_id for profile in made.profiles}
    assert all(profile.is_demo for profile in theirs)
    assert {profile.currency for profile in theirs} == {"EUR", "USD", "JPY"}
    assert not demo.due(stores.database)


def test_busy_profile_has_every_figure(seeded: tuple[Stores, demo.Demo]) -> None:
    stores, made = seeded
    asked = scope.parse(made.profiles[0], {"period": "30d"}, NOW)
    figures = report(stores.database, asked, METRICS)
    assert {key for key in METRICS if figures[key].total is None} == set()
    # In so few days it may be that nothing was given back, or shared with a partner.
    rare = {
        "refunds",
        "partnerShare",
        "duoBookings",
        "duoRevenue",
        "duoShare",
        "pending",
        "churnedSubscribers",
        "govVisits",  # addresses that are kept for documentation are no government's
    }
    assert {key for key in METRICS if not figures[key].total} <= rare


def test_rollups_hold_and_every_amount_converts(seeded: tuple[Stores, demo.Demo]) -> None:
    stores, made = seeded
    for profile in made.profiles:
        assert rollups.verify(stores.database, profile.profile_id) == []
        assert statement(stores.database, scope.parse(profile, {"period": "30d"}, NOW)).unconverted == ()


def test_without_rates_nothing_is_in_another_currency(stores: Stores) -> None:
    made = demo.seed(stores, NOW, days=DAYS)
    left_out = [
        statement(stores.database, scope.parse(profile, {"period": "30d"}, NOW)).unconverted
        for profile in made.profiles
    ]
    assert left_out == [(), (), ()]


def test_nothing_lies_in_the_future(seeded: tuple[Stores, demo.Demo]) -> None:
    stores, _ = seeded
    with stores.database.transaction() as tx:
        for column in (
            profile_events.c.timestamp,
            transactions.c.transaction_date,
            transaction_refunds.c.refunded_at,
        ):
            assert tx.value(select(func.max(column))) <= NOW


def test_seeding_again_changes_nothing(seeded: tuple[Stores, demo.Demo]) -> None:
    stores, made = seeded
    before = _totals(stores)
    assert demo.seed(stores, NOW + timedelta(days=3), days=DAYS) == made
    assert _totals(stores) == before


def test_undone_and_made_again_it_is_the_same(seeded: tuple[Stores, demo.Demo]) -> None:
    stores, made = seeded
    before = _totals(stores)
    for done in ledger.listing(stores.database):
        ledger.undo(stores.database, done.import_id)
    assert _totals(stores) == [(0, None)] * len(_RAW)
    assert not demo.due(stores.database)
    demo.seed(stores, NOW, days=DAYS)
    assert _totals(stores) == before
    assert rollups.verify(stores.database, made.profiles[0].profile_id) == []


def test_what_was_cut_off_is_made_again(seeded: tuple[Stores, demo.Demo]) -> None:
    stores, made = seeded
    before = _totals(stores)
    with stores.database.transaction() as tx:
        tx.run(
            imports.update()
            .where(imports.c.profile_id == made.profiles[1].profile_id)
            .values(status="running")
        )
    assert demo.due(stores.database)
    demo.seed(stores, NOW, days=DAYS)
    assert _totals(stores) == before
    assert not demo.due(stores.database)


def _totals(stores: Stores) -> list[tuple[int, object]]:
    """How many rows each raw table holds, and a figure that any difference between them would change."""
    weighed = (
        func.sum(func.hashtextextended(func.concat(profile_events.c.id, profile_events.c.visible_ms), 0)),
        func.sum(func.hashtextextended(func.concat(transactions.c.id, transactions.c.reporting_amount), 0)),
        func.sum(transaction_refunds.c.reporting_amount),
        func.sum(func.hashtextextended(func.concat(cost_entries.c.id, cost_entries.c.reporting_amount), 0)),
    )
    with stores.database.transaction() as tx:
        return [
            tuple(tx.rows(select(func.count(), figure).select_from(table))[0].values())
            for table, figure in zip(_RAW, weighed, strict=True)
        ]
