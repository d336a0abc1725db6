from datetime import datetime
from decimal import Decimal

from models.stores import Stores
from services import costs, rollups, scope
from services.ingest import events, transactions
from services.ingest.inputs import Cost, Event, Transaction
from services.metrics import METRICS, report
from services.metrics.donors import donors
from services.metrics.gifts import categories
from services.metrics.pnl import statement
from services.metrics.traffic import DIMENSIONS, breakdown
from services.profiles import Profile

NOT_ADDITIVE = {"uniqueVisitors", "donorCount", "medianBooking"}
NOW = datetime.fromisoformat("2026-11-20T12:00:00+01:00")


def test_every_metric_over_every_granularity(stores: Stores, anna: Profile) -> None:
    who = {"profile_id": anna.profile_id}
    events.store(
        stores,
        [
            Event(
                **who, event_type="view", timestamp="2026-11-20T09:30:00Z", ip="192.0.2.1", durationSeconds=10
            ),
            Event(**who, event_type="view", timestamp="2026-11-19T23:30:00Z", ip="192.0.2.1"),
            Event(**who, event_type="view", timestamp="2026-11-19T22:30:00Z", ip="192.0.2.2"),
            Event(**who, event_type="inquiry", timestamp="2026-11-20T10:30:00Z", ip="192.0.2.1"),
        ],
        NOW,
    )
    with stores.database.transaction() as tx:
        transactions.record(
            tx,
            anna,
            [
                Transaction(
                    **who, type="gift", amount="10.00", date="2026-11-20", donorId="a", category="roses"
                ),
                Transaction(
                    **who,
                    type="booking",
                    amount="200",
                    date="2026-11-20T09:00:00Z",
                    partnerId="p",
                    split={"profile": "0.6", "partner": "0.4"},
                ),
                Transaction(
                    **who,
                    type="gift",
                    amount="5",
                    date="2026-10-20",
                    donorId="b",
                    status="refunded",
                    refundedAmount="2",
                    refundedAt="2026-11-20T08:00:00Z",
                ),
                Transaction(**who, type="gift", amount="7", currency="USD", date="2026-11-20"),
            ],
            NOW,
        )
        costs.add(
            tx, anna, Cost(**who, category="tools", description="A lamp", amount="20", date="2026-11-20"), NOW
        )
    for period, granularity in (("24h", "hour"), ("7d", "day"), ("30d", "week"), ("12m", "month")):
        asked = scope.parse(anna, {"period": period, "granularity": granularity}, NOW)
        figures = report(stores.database, asked, METRICS)
        assert figures["views"].total == 3, period
        assert figures["uniqueVisitors"].total == 2
        assert figures["gross"].total == Decimal(130) + (5 if period == "12m" else 0), period
        assert figures["refunds"].total == 2
        assert figures["costs"].total == 20
        assert figures["netProfit"].total == figures["gross"].total - 22
        for figure in figures.figures.values():
            assert len(figure.points) == len(figures.buckets)
            if figure.metric.level:
                assert figure.points[-1] == figure.total, (period, figure.metric.key)
            elif figure.metric.select and figure.metric.key not in NOT_ADDITIVE:
                assert sum(point or 0 for point in figure.points) == figure.total, (period, figure.metric.key)
        for dimension in DIMENSIONS:
            assert breakdown(stores.database, asked, dimension) is not None
        assert categories(stores.database, asked).rows[0].key == "roses"
        assert donors(stores.database, asked).donors[0].donor_id == "a"
        assert statement(stores.database, asked).unconverted[0].currency == "USD"
    assert rollups.verify(stores.database, anna.profile_id) == []
