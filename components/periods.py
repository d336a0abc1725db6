"""The names of periods, comparisons and steps, as the pages say them."""

from components.format import Format
from models.period import Comparison, Granularity, Period
from services.metrics.report import Report
from services.scope import Scope

PERIODS = {
    "24h": "Last 24 hours",
    "7d": "Last 7 days",
    "30d": "Last 30 days",
    "90d": "Last 90 days",
    "12m": "Last 12 months",
    "mtd": "This month",
    "qtd": "This quarter",
    "ytd": "This year",
    "all": "All time",
}

COMPARISONS = {
    Comparison.PREVIOUS: "Previous period",
    Comparison.YEAR: "Year before",
    Comparison.NONE: "No comparison",
}

STEPS = {Granularity.DAY: "Day", Granularity.WEEK: "Week", Granularity.MONTH: "Month"}

_BEFORE = {
    "24h": "the 24 hours before",
    "7d": "the 7 days before",
    "30d": "the 30 days before",
    "90d": "the 90 days before",
    "12m": "the 12 months before",
    "mtd": "the same days of last month",
    "qtd": "the same days of last quarter",
    "ytd": "the same days of last year",
}


def span(period: Period, fmt: Format) -> str:
    """The local days of a period, such as "26 Oct – 24 Nov 2026"."""
    return fmt.days(period.first, period.last)


def before(report: Report, fmt: Format) -> str | None:
    """What the report is compared with, such as "the 30 days before"; None without a comparison."""
    if report.compared is None:
        return None
    if report.scope.comparison is Comparison.YEAR:
        return "the same days a year before"
    name = report.scope.period.name
    return _BEFORE.get(name) or span(report.compared.period, fmt)


def running(scope: Scope) -> str | None:
    """The step that is not over yet, such as "today", or None."""
    if not any(bucket.running for bucket in scope.buckets):
        return None
    return {
        Granularity.HOUR: "this hour",
        Granularity.DAY: "today",
        Granularity.WEEK: "this week",
        Granularity.MONTH: "this month",
    }[scope.granularity]
