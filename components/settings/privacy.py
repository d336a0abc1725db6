"""What is kept how long, and what was done when that had passed."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from dash import html
from dash.development.base_component import Component

from components.card import card, empty
from components.format import Format
from components.settings.parts import facts
from components.sheet import Cell, Column, Line, sheet
from models.retention import Periods
from services.profiles import Profile
from services.retention import KEPT_AFTER_QUARTER, WORDS
from services.retention.runs import Run

_COLUMNS = (
    Column("When", "runs-when"),
    Column("What", "runs-what"),
    Column("Past its time: before → after", "runs-counts"),
)


def privacy(
    periods: Periods, newest: Sequence[Run], telling: Sequence[Run], profile: Profile, fmt: Format
) -> Component:
    """The card with the periods of this installation, and the runs that did something or failed, the newest
    first; `newest` are the last ones of each task."""
    last = max((run.started_at for run in newest), default=None)
    checked = f"Last checked {fmt.moment(last, profile.tz)}." if last else "The first check is to come."
    return card(
        "Privacy",
        facts(_periods(periods, fmt)),
        html.H3("What was done", className="runs-title"),
        html.P(f"What has passed its time is looked for once a day. {checked}", className="card-note"),
        _runs(telling, profile, fmt) if telling else empty("Nothing was due yet", _LATER),
        note="What is kept how long, from the moment it arrives here.",
    )


_LATER = "What is made unreadable or removed will stand here, with how much it was."


def _periods(periods: Periods, fmt: Format) -> list[tuple[str, str]]:
    addresses = _days(periods.addresses, fmt)
    return [
        (
            "Visitors' addresses",
            f"{addresses}. Then each becomes a code that tells addresses apart and names none.",
        ),
        ("Their browsers", f"{addresses} in full, then only the program's name, such as Firefox."),
        (
            "Keys of the codes",
            f"One for each quarter, destroyed {_days(KEPT_AFTER_QUARTER, fmt)} after its end. From then on "
            "nobody can find out who is behind a code.",
        ),
        ("Visits one by one", f"{_days(periods.raw, fmt)}. The figures of each day stay."),
        ("Tasks and deliveries", f"{_days(periods.jobs, fmt)} after their end, with their results."),
        ("Income, costs and figures", "Until the profile is deleted."),
    ]


def _days(period: timedelta, fmt: Format) -> str:
    return "1 day" if period.days == 1 else f"{fmt.count(period.days)} days"


def _runs(telling: Sequence[Run], profile: Profile, fmt: Format) -> Component:
    lines = [
        Line(
            [
                fmt.moment(run.started_at, profile.tz),
                Cell(WORDS[run.task].label if run.task in WORDS else run.task, note=run.problem or ""),
                _counts(run, fmt),
            ]
        )
        for run in telling
    ]
    return sheet(_COLUMNS, lines, "What was done, the newest first", style="table runs", heading=1)


def _counts(run: Run, fmt: Format) -> Cell:
    words: Mapping[str, str] = WORDS[run.task].counted if run.task in WORDS else {}
    known = sorted(run.before, key=lambda name: list(words).index(name) if name in words else len(words))
    told = [
        f"{fmt.count(run.before[name])} → {fmt.count(run.after.get(name, 0))} {words.get(name, name)}"
        for name in known
    ]
    first, *others = told or ["-"]
    return Cell(first, note=", ".join(others))
