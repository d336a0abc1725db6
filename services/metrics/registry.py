"""Every metric by its key. To add one, put it into METRICS of the module it belongs to."""

from collections.abc import Iterable, Mapping

from models.database import Database, Transaction
from services.metrics import (
    affiliate,
    costs,
    duo,
    gifts,
    marketing,
    pricing,
    profit,
    revenue,
    safety,
    subscriptions,
    traffic,
)
from services.metrics.metric import Metric
from services.metrics.report import Report, evaluate
from services.scope import Scope

GROUPS: Mapping[str, tuple[Metric, ...]] = {
    "Performance": traffic.METRICS,
    "Safety": safety.METRICS,
    "Gifts": gifts.METRICS,
    "Revenue": revenue.METRICS,
    "Partners": duo.METRICS,
    "Subscriptions": subscriptions.METRICS,
    "Pricing": pricing.METRICS,
    "Affiliate": affiliate.METRICS,
    "Costs": costs.METRICS,
    "Marketing": marketing.METRICS,
    "Profit": profit.METRICS,
}
METRICS: Mapping[str, Metric] = {metric.key: metric for metrics in GROUPS.values() for metric in metrics}


def report(database: Database, scope: Scope, metrics: Iterable[str]) -> Report:
    """The figures of the metrics with these keys over `scope`, and over what it is compared with."""
    with database.snapshot() as tx:
        return report_in(tx, scope, metrics)


def report_in(tx: Transaction, scope: Scope, metrics: Iterable[str]) -> Report:
    """The same in a snapshot that has been opened, for those who read more of that instant."""
    return evaluate(tx, scope, metrics, METRICS)
