"""Where the profile's days are, and what its sums are in."""

from collections.abc import Sequence

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from components.card import attributes, card
from components.choices import Choice, currency_names, zones
from components.format import Format
from components.settings.parts import facts, field, form
from services.changes import Change
from services.profiles import Profile

FORM = "place"


def place(profile: Profile, last: Change | None, has_data: bool, fmt: Format, may_change: bool) -> Component:
    """The card with time zone and currency, to be changed by those who may; while the `last` change is
    running, how far it is."""
    if last is not None and last.running:
        return card("Time zone and currency", _progress(last, fmt), note=words(last.time_zone, last.currency))
    if not may_change:
        shown = [("Time zone", profile.time_zone.replace("_", " ")), ("Currency", profile.currency)]
        return card("Time zone and currency", facts(shown))
    return card(
        "Time zone and currency",
        _form(profile),
        html.P(_consequence(has_data), className="aside-note"),
        html.P(_failure(last), className="form-problem") if last is not None and last.problem else None,
        note="Days begin and end in this zone; all sums are in this currency.",
    )


def words(time_zone: str, currency: str) -> str:
    """Both in a few words: "Europe/Berlin, EUR"."""
    return f"{time_zone.replace('_', ' ')}, {currency}"


def _progress(change: Change, fmt: Format) -> Component:
    said = "Counting again …"
    if change.total:
        said = f"Counting again, {fmt.count(change.done)} of {fmt.count(change.total)} rows"
    return html.Div(
        [
            html.P(said),
            html.Progress(
                value=str(change.done), max=str(change.total or 1), **attributes(aria_label="Counting again")
            ),
            html.P("Until it is done, everything shows the days and sums of before.", className="aside-note"),
        ],
        className="counting",
    )


def _consequence(has_data: bool) -> str:
    if not has_data:
        return "There is no data yet; a change holds at once."
    return "A change counts every day and sum again; this takes about a minute. Nothing is lost."


def _failure(change: Change) -> str:
    return f"The change to {words(change.time_zone, change.currency)} did not work. {change.problem}"


def _form(profile: Profile) -> Component:
    zone = dmc.Select(
        id=field(FORM, "zone"),
        label="Time zone",
        data=_offered(zones(), profile.time_zone),
        value=profile.time_zone,
        searchable=True,
        allowDeselect=False,
        nothingFoundMessage="There is no such zone.",
        limit=60,
        size="sm",
        className="wide",
    )
    currency = dmc.Select(
        id=field(FORM, "currency"),
        label="Currency",
        data=_offered(currency_names(), profile.currency),
        value=profile.currency,
        searchable=True,
        allowDeselect=False,
        nothingFoundMessage="There is no such currency.",
        limit=60,
        size="sm",
    )
    return form(FORM, [zone, currency], "Change", profile=profile)


def _offered(known: Sequence[Choice], own: str) -> list[dict[str, str]]:
    """The choices, with the own one among them whatever it is."""
    rare = [] if own in dict(known) else [(own, own)]
    return [{"value": value, "label": label} for value, label in [*known, *rare]]
