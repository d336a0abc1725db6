"""Where the profile's days are, and what its sums are in."""

from collections.abc import Sequence
from datetime import timedelta

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from components.card import card
from components.choices import Choice, currency_names, zones
from components.format import Format
from components.job import progress
from components.settings.parts import act, facts, field, form
from services.jobs import Job
from services.profiles import Profile

FORM = "place"


def place(profile: Profile, last: Job | None, has_data: bool, fmt: Format, may_change: bool) -> Component:
    """The card with time zone and currency, to be changed by those who may; while the `last` change is
    running, how far it is."""
    if last is not None and last.is_open:
        return card(
            "Time zone and currency",
            progress(last, fmt),
            html.P("Until it is done, everything shows the days and sums of before.", className="aside-note"),
            cancel(last) if may_change and not last.cancel_requested else None,
            note=f"Changing to {asked(last)}",
        )
    if not may_change:
        shown = [("Time zone", profile.time_zone.replace("_", " ")), ("Currency", profile.currency)]
        return card("Time zone and currency", facts(shown))
    return card(
        "Time zone and currency",
        _form(profile),
        html.P(_consequence(profile, has_data), className="aside-note"),
        html.P(failure(last), className="form-problem") if last is not None and last.problem else None,
        note="Days begin and end in this zone; all sums are in this currency.",
    )


def words(time_zone: str, currency: str) -> str:
    """Both in a few words: "Europe/Berlin, EUR"."""
    return f"{time_zone.replace('_', ' ')}, {currency}"


def asked(change: Job) -> str:
    """The same of what a change leads to."""
    return words(change.asked["timeZone"], change.asked["currency"])


def failure(change: Job) -> str:
    """Why a change failed."""
    return f"The change to {asked(change)} did not work. {change.problem}"


def cancel(job: Job) -> Component:
    """The button that ends a job."""
    asked = {"do": "cancel", "profile": str(job.profile_id), "job": str(job.job_id)}
    return act("Cancel", job.title, asked)


def _consequence(profile: Profile, has_data: bool) -> str:
    if not has_data:
        return "There is no data yet; a change holds at once."
    text = "A change counts every day and sum again; this takes about a minute. Nothing is lost."
    if profile.closed_until is None:
        return text
    last = profile.local_date(profile.closed_until - timedelta(hours=1))
    return (
        f"{text} Visits of closed months, the newest of which is {last:%B %Y}, stay on the days they were "
        "counted on."
    )


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
