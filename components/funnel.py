"""The gift funnel as bars: how many people there are at each step, and how many of them go on."""

from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise

from dash import html
from dash.development.base_component import Component

from components.card import card, empty
from components.format import Format
from components.sheet import Cell, Column, Line, sheet, width
from services.metrics.funnel import Step
from services.metrics.metric import Unit

NOTHING = (
    "Nobody on the way to a gift yet",
    "From seeing the profile to giving: how many people there are at each step is shown here, as soon as "
    "your platform sends views, clicks on gifts, and purchases.",
)
NO_CLICKS = (
    "The steps between are empty: they are clicks on “gift-catalog”, “gift:…” and “gift-checkout”, which "
    "your platform sends as events."
)


def funnel(steps: Sequence[Step], fmt: Format) -> Component:
    """The card; the bars are as long as people are many."""
    if not any(step.count or step.visitors for step in steps):
        return card("The way to a gift", empty(*NOTHING), name="list-card")
    most = max(Decimal(step.visitors or 0) for step in steps)
    columns = [
        Column("Step", "bar-cell"),
        Column("People", "number", title="Different people over the whole period"),
        Column("Times", "number muted extra", title="How often it happened"),
        Column("Go on", "number", title="The share of the people who are also counted at the next step"),
    ]
    lines = [
        Line(
            [
                Cell(step.label, bar=width(step.visitors, most), ink="gifts"),
                fmt.value(step.visitors, Unit.COUNT),
                fmt.value(step.count, Unit.COUNT),
                "" if step is steps[-1] else fmt.value(step.onward, Unit.RATIO),
            ]
        )
        for step in steps
    ]
    return card(
        "The way to a gift",
        sheet(columns, lines, "The way to a gift", style="table funnel"),
        html.P(NO_CLICKS, className="aside-note") if not any(step.count for step in steps[1:-1]) else None,
        note=_note(steps, fmt),
        name="list-card",
    )


def _note(steps: Sequence[Step], fmt: Format) -> str:
    """Where most people are lost."""
    lost = [
        (Decimal(step.visitors or 0) - Decimal(following.visitors or 0), step, following)
        for step, following in pairwise(steps[1:])
        if step.onward is not None
    ]
    usual = "Different people at each step, and the share that goes on to the next."
    if not lost or not max(gone for gone, _, _ in lost):
        return usual
    gone, step, following = max(lost, key=lambda one: one[0])
    return (
        f"After the profile most turn back between “{step.label}” and “{following.label}”: "
        f"{fmt.count(gone)} of {fmt.value(step.visitors, Unit.COUNT)}."
    )
