"""What changed most: the effects of all parts are the change of net profit."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.ids import new_id
from models.schema.money import COST_CATEGORIES, TRANSACTION_TYPES
from models.stores import Stores
from services import costs, scope
from services.ingest import events, transactions
from services.ingest.inputs import Cost, Event, Transaction
from services.metrics import pnl, report
from services.metrics.movers import movers
from services.metrics.traffic import moved_sources
from services.profiles import Profile

NOW = datetime.fromisoformat("2026-11-20T12:00:00+01:00")
TODAY = date(2026, 11, 20)
ONCE = settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@ONCE
@given(
    earned=st.lists(
        st.tuples(st.sampled_from(TRANSACTION_TYPES), st.integers(0, 13), st.integers(1, 90_000)),
        min_size=1,
        max_size=8,
    ),
    spent=st.lists(
        st.tuples(st.sampled_from(COST_CATEGORIES), st.integers(0, 13), st.integers(1, 90_000)), max_size=6
    ),
)
def test_the_effects_sum_to_the_change_of_net_profit(
    stores: Stores,
    anna: Profile,
    earned: list[tuple[str, int, int]],
    spent: list[tuple[str, int, int]],
) -> None:
    who = {"profile_id": anna.profile_id}
    sold = [
        Transaction(
            **who, id=new_id(), type=kind, amount=Decimal(cents) / 100, date=TODAY - timedelta(days=days),
            status="refunded" if cents % 5 == 0 else "completed",
        )
        for kind, days, cents in earned
    ]  # fmt: skip
    first = Transaction(**who, type="gift", amount="1", date=TODAY - timedelta(days=60))
    with stores.database.transaction() as tx:
        transactions.record(tx, anna, [first, *sold], NOW)
        for kind, days, cents in spent:
            day = TODAY - timedelta(days=days)
            cost = Cost(**who, category=kind, description="It", amount=Decimal(cents) / 100, date=day)
            costs.add(tx, anna, cost, NOW)
    asked = scope.parse(anna, {"period": "7d"}, NOW)
    figures = report(stores.database, asked, pnl.KEYS)
    profit = figures["netProfit"]
    effects = [mover.effect for mover in movers(figures)]
    assert sum(effects) == Decimal(profit.total or 0) - Decimal(profit.before or 0)
    assert effects == sorted(effects, key=abs, reverse=True)
    assert 0 not in effects


def test_nothing_moves_without_a_period_before(stores: Stores, anna: Profile) -> None:
    with stores.database.transaction() as tx:
        sale = Transaction(profile_id=anna.profile_id, type="gift", amount="5", date="2026-11-20")
        transactions.record(tx, anna, [sale], NOW)
    for compare in ("previous", "none"):
        asked = scope.parse(anna, {"period": "7d", "compare": compare}, NOW)
        assert movers(report(stores.database, asked, pnl.KEYS)) == ()


def test_sources_that_are_gone_have_moved_too(stores: Stores, anna: Profile) -> None:
    def views(source: str, day: str, many: int) -> list[Event]:
        return [
            Event(
                profile_id=anna.profile_id, event_type="view", timestamp=f"2026-11-{day}T10:{minute:02}:00Z",
                url=f"/?utm_source={source}",
            )
            for minute in range(many)
        ]  # fmt: skip

    sent = [
        *views("Gone", "10", 5), *views("Grown", "10", 1), *views("Grown", "18", 4), *views("Same", "10", 2),
        *views("Same", "18", 2), *views("First", "01", 1),
    ]  # fmt: skip
    events.store(stores, sent, NOW)
    moved = moved_sources(stores.database, scope.parse(anna, {"period": "7d"}, NOW), 10)
    assert [(row.key, row.values["views"], row.before and row.before["views"]) for row in moved.rows] == [
        ("Gone", 0, 5),
        ("Grown", 4, 1),
    ]
