"""GET /metrics: technical figures for Prometheus, read from the stores whenever somebody asks.

Every process answers alike, since the figures are those of the stores. Nothing of a profile is among them.
"""

from collections.abc import Callable, Iterable, Iterator

from flask import Blueprint, Response, current_app
from prometheus_client import CollectorRegistry, Metric, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, SummaryMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector
from redis.exceptions import RedisError

from config import Config
from models.clock import now
from models.errors import Unavailable
from models.stores import Stores
from services.domain_events.figures import figures
from session import stores

Source = Callable[[Stores, Config], Iterable[Metric]]

blueprint = Blueprint("metrics", __name__)


@blueprint.get("/metrics")
def metrics() -> Response:
    """All figures in Prometheus' text format. While a store is away, those it has are left out."""
    registry = CollectorRegistry()
    registry.register(_Stores(stores(), current_app.extensions["config"]))
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


class _Stores(Collector):
    """What all sources tell of these stores."""

    def __init__(self, opened: Stores, config: Config):
        self._stores, self._config = opened, config

    def describe(self) -> Iterable[Metric]:
        """Nothing: else the registry would ask the stores for the names alone."""
        return ()

    def collect(self) -> Iterator[Metric]:
        for source in SOURCES:
            try:
                yield from list(source(self._stores, self._config))
            except (RedisError, Unavailable):
                continue


def up(opened: Stores, config: Config) -> Iterator[Metric]:
    """Which stores answer."""
    family = GaugeMetricFamily("platform_analytics_up", "1 while the store answers.", labels=["store"])
    for name, ping in (("postgresql", opened.database.ping), ("redis", opened.redis.ping)):
        try:
            ping()
            family.add_metric([name], 1)
        except (RedisError, Unavailable):
            family.add_metric([name], 0)
    yield family


def domain_events(opened: Stores, config: Config) -> Iterator[Metric]:
    """How domain events come in."""
    found = figures(opened, now(), config.event_stream)
    prefix = "platform_analytics_domain_events"
    yield GaugeMetricFamily(f"{prefix}_lag", "Events that no worker has read yet.", found.lag)
    yield GaugeMetricFamily(f"{prefix}_pending", "Events read and not yet acknowledged.", found.pending)
    yield GaugeMetricFamily(f"{prefix}_dead_waiting", "Dead letters that wait to be retried.", found.dead)
    yield GaugeMetricFamily("platform_analytics_workers", "Workers that consume events.", found.workers)
    consumed = CounterMetricFamily(f"{prefix}_consumed", "Events counted, by type.", labels=["type"])
    for kind, many in found.consumed.items():
        consumed.add_metric([kind], many)
    yield consumed
    repeated = "Events among them whose rows were there already."
    yield CounterMetricFamily(f"{prefix}_duplicates", repeated, found.repeated)
    yield CounterMetricFamily(f"{prefix}_dead", "Dead letters written.", found.given_up)
    yield CounterMetricFamily(f"{prefix}_retried", "Dead letters put back on the stream.", found.retried)
    yield SummaryMetricFamily(
        f"{prefix}_batch_seconds", "Seconds that batches took.", found.batches, found.batch_seconds
    )


SOURCES: tuple[Source, ...] = (up, domain_events)
"""Who tells of what: each yields its families. One that raises RedisError or Unavailable is left out."""
