"""Reports without a database: the figures that components draw, made by hand."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import pytest

from components.format import Format
from models.period import Comparison, Granularity, Period
from services.metrics import METRICS
from services.metrics.metric import Metric, Unit, Value
from services.metrics.report import Figure, Report
from services.profiles import Profile
from services.scope import Scope

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
Make = Callable[..., Report]


@pytest.fixture
def english() -> Format:
    """How somebody in the United States reads."""
    return Format.of("en-US,en;q=0.9")


@pytest.fixture
def profile() -> Profile:
    """A profile in Berlin that reports in euros."""
    return Profile(UUID(int=1), "Anna", "Europe/Berlin", "EUR")


@pytest.fixture
def scope(profile: Profile) -> Scope:
    """The last seven days, by day, compared with the seven before."""
    period = Period.named("7d", profile.time_zone, NOW)
    return Scope(profile, period, Granularity.DAY, Comparison.PREVIOUS, NOW)


@pytest.fixture
def make(scope: Scope) -> Make:
    """Makes a report: `make(views=[1, 2, ...])`, or with the figures of the compared period as well:
    `make(views=([...], [...]))`. Totals are sums, of a level its last value; a series of None has none."""

    def made(
        scope: Scope = scope, **series: Sequence[Value] | tuple[Sequence[Value], Sequence[Value]]
    ) -> Report:
        figures = {}
        for key, values in series.items():
            now, before = values if isinstance(values, tuple) else (values, ())
            metric = METRICS[key]
            figures[key] = Figure(
                metric=metric,
                total=_total(metric, now),
                points=tuple(now),
                currency=scope.currency if metric.unit is Unit.MONEY else None,
                before=_total(metric, before) if before else None,
                before_points=tuple(before),
            )
        return Report(scope, scope.buckets, figures, scope.before(), begun=date(2025, 1, 1))

    return made


def _total(metric: Metric, values: Sequence[Value]) -> Value:
    known = [Decimal(value) for value in values if value is not None]
    if metric.level:
        return known[-1] if known else None
    return sum(known, Decimal(0)) if known else None
