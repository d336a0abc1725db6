"""manage.py metrics: what every figure means, as docs/metrics.md has it."""

from collections.abc import Iterator

import click

from commands.answers import as_json, show
from services.metrics.metric import Good, Metric, Unit
from services.metrics.registry import GROUPS

_UNITS = {
    Unit.COUNT: "a count",
    Unit.RATIO: "a ratio, 0-1",
    Unit.SECONDS: "seconds",
    Unit.MONEY: "money, in the profile's reporting currency",
    Unit.NUMBER: "a number",
}
_GOOD = {Good.UP: "more is better", Good.DOWN: "less is better", Good.NEITHER: "neither is better"}
_HEAD = """# Metrics

Every figure of the product, as it is defined in `services/metrics/`: this file is what `manage.py metrics`
prints. The pages show the same words behind the name of each figure, the key is its name in REST answers
and CSV files. A figure is counted in the transaction that stores what it counts, so that it is never behind.
"""


@click.command()
@as_json
def metrics(as_json: bool) -> None:
    """Print what every figure means, in Markdown."""
    answer = {
        group: [{"key": one.key, "label": one.label, "unit": one.unit, "better": one.good,
                 "sentence": one.sentence, "formula": one.formula} for one in listed]
        for group, listed in GROUPS.items()
    }  # fmt: skip
    show(answer, as_json, "\n".join(_document()).rstrip())


def _document() -> Iterator[str]:
    yield _HEAD
    for group, listed in GROUPS.items():
        yield f"## {group}\n"
        for metric in listed:
            yield _entry(metric)


def _entry(metric: Metric) -> str:
    return (
        f"**{metric.label}** (`{metric.key}`): {_UNITS[metric.unit]}; {_GOOD[metric.good]}.\n"
        f"{metric.sentence}\n*{metric.formula}*\n"
    )
