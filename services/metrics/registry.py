"""Every metric by its key. To add one, put it into METRICS of the module it belongs to."""

from collections.abc import Iterable, Mapping

from models.database import Database
from services.metrics import costs, gifts, marketing, pricing, profit, revenue, subscriptions, traffic
from services.metrics.metric import Metric
from services.metrics.report import Report, evaluate
from services.scope import Scope

_MODULES = (traffic, gifts, revenue, subscriptions, pricing, costs, marketing, profit)
METRICS: Mapping[str, Metric] = {metric.key: metric for module in _MODULES for metric in module.METRICS}


def report(database: Database, scope: Scope, metrics: Iterable[str]) -> Report:
    """The figures of the metrics with these keys over `scope`, and over what it is compared with."""
    return evaluate(database, scope, metrics, METRICS)
