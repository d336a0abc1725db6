"""What changed most, in money and in views."""

from collections.abc import Sequence
from decimal import Decimal

from dash import html
from dash.development.base_component import Component

from components.card import card, empty
from components.explain import explained
from components.format import MINUS, Format
from components.stat import item
from services.metrics.breakdown import Breakdown, Row
from services.metrics.metric import Value, change
from services.metrics.movers import Mover
from services.scope import Scope

NOTHING = (
    "Nothing to compare with yet",
    "Once the period before has data too, what changed most is listed here.",
)
NOT_COMPARED = ("Nothing is compared", "Choose a period, and what it is compared with, at the top.")


def money(moved: Sequence[Mover], scope: Scope, fmt: Format) -> Component:
    """The parts of net profit by what their change added to it, or took from it."""

    def row(one: Mover) -> Component:
        now, before = (fmt.value(value, one.figure.metric.unit, scope.currency)
                       for value in (one.figure.total, one.figure.before))  # fmt: skip
        note = _moved(f"{now} from {before}", one.figure.change, fmt)
        effect = _effect(one.effect, fmt.money(abs(one.effect), scope.currency))
        return item(explained(one.figure.metric, scope, fmt), note, effect)

    note = "What each added to net profit, or took from it."
    return _card("What changed profit most", note, [row(one) for one in moved], scope)


def views(data: Breakdown, fmt: Format) -> Component:
    """The referral sources whose views changed most."""
    (metric,) = data.metrics

    def row(one: Row) -> Component:
        now, before = _number(one.values[metric.key]), _number((one.before or {}).get(metric.key))
        note = _moved(f"{fmt.count(now)} from {fmt.count(before)}", change(now, before), fmt)
        effect = _effect(now - before, fmt.count(abs(now - before)))
        return item(html.Span(one.key, dir="auto"), note, effect)

    note = "Views by the source that sent them."
    return _card("Where views changed most", note, [row(one) for one in data.rows], data.scope)


def _card(title: str, note: str, rows: Sequence[Component], scope: Scope) -> Component:
    if not rows:
        return card(title, empty(*(NOTHING if scope.before() else NOT_COMPARED)), name="list-card")
    return card(title, html.Ul(rows, className="listing"), note=note, name="list-card")


def _moved(text: str, relative: Decimal | None, fmt: Format) -> str:
    return text if relative is None else f"{text}, {fmt.change(relative)}"


def _effect(effect: Decimal, size: str) -> Component:
    sign, tone = ("+", "good") if effect > 0 else (MINUS, "bad")
    return html.Span(f"{sign}{size}", className=f"change {tone}")


def _number(value: Value) -> Decimal:
    return Decimal(value or 0)
