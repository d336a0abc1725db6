"""The hours of the week as a table whose cells are the darker the more views they had."""

from datetime import date, timedelta

from dash.development.base_component import Component

from components.card import card, empty
from components.filters import NOT_KNOWN
from components.format import Format
from components.sheet import Cell, Column, Line, sheet
from services.metrics.hours import Week

_SHADES = 5
_A_MONDAY = date(2024, 1, 1)
NOTHING = ("No views in this period", "The hours in which people look at the profile are shown here.")


def hours(week: Week | None, fmt: Format) -> Component:
    """The card; the busiest hour is named in words. Without a `week` it is not known."""
    title = "When they looked"
    if week is None:
        return card(title, empty(*NOT_KNOWN), name="list-card")
    if week.busiest is None:
        return card(title, empty(*NOTHING), name="list-card")
    columns = [Column("Day", quiet=True), *(Column(fmt.clock(hour), "hour") for hour in range(24))]
    lines = [
        Line([_name(day, fmt), *(_cell(day, hour, week, fmt) for hour in range(24))]) for day in range(7)
    ]
    day, hour = week.busiest
    return card(
        title,
        sheet(columns, lines, "Views by weekday and hour", style="table hours"),
        note=f"Views by hour of the week. Most came on {_name(day, fmt, 'EEEE')}s at {fmt.clock(hour)}.",
        name="list-card",
    )


def _cell(day: int, hour: int, week: Week, fmt: Format) -> Cell:
    views = week.views[day][hour]
    shade = max(round(views / week.most * _SHADES), 1) if views else 0
    words = f"{_name(day, fmt, 'EEEE')} {fmt.clock(hour)}: {fmt.count(views)} views"
    return Cell(fmt.count(views) if views else "·", f"shade-{shade}", title=words)


def _name(day: int, fmt: Format, width: str = "EEE") -> str:
    return fmt.weekday(_A_MONDAY + timedelta(days=day), width)
