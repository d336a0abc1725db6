"""What was done with the profile, by whom: the audit trail as its owners read it."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from dash import html
from dash.development.base_component import Component

from components.card import Children, card, empty, icon
from components.format import Format
from components.lists import choices, pager
from components.settings.parts import entries, entry
from services.audit import Entry
from services.audit_actions import KINDS
from services.profiles import Profile

PER_PAGE = 20
_WORDS = {True: "yes", False: "no"}
_QUIET = {"cost", "transaction", "import", "token", "channel", "reference", "by", "format"}
"""Details that are for machines, or said in the sentence."""
_NOTHING = (
    "Nothing has happened yet",
    "Sign-ins, exports, and every change that somebody makes stand here, with who made it and when.",
)
_NOTHING_OF_IT = ("Nothing of this kind", "Choose All above to see the rest.")


def activity(
    found: Sequence[Entry],
    profile: Profile,
    fmt: Format,
    *,
    kind: str,
    first: bool,
    more: bool,
    names: Mapping[str, str],
) -> Component:
    """The card with a page of the trail, the newest entry first; `names` are what actors are called who have
    no name of their own."""
    lines = [entry(each.sentence, _note(each, profile, fmt, names)) for each in found]
    following = str(found[-1].number) if found and more else None
    nothing = _NOTHING_OF_IT if kind or not first else _NOTHING
    return card(
        "Activity",
        html.Div(choices("Kind", "kind", {"": "All", **KINDS}, kind), className="entries-head"),
        entries(lines) if lines else empty(*nothing),
        pager(first, following, onward="Older"),
        note="Who did what with this profile. Owners see it; nobody can change it.",
        action=_file(profile, kind) if found else None,
        name="activity-card",
    )


def closed() -> Component:
    """What those read who may not read it."""
    text = "Ask one of them what was done, or to make you an owner under Profile, Members."
    return card("Activity", empty("Owners of this profile read here who did what", text))


def _file(profile: Profile, kind: str) -> Component:
    query = f"?{urlencode({'kind': kind})}" if kind else ""
    address = f"/api/audit/{profile.profile_id}/export{query}"
    return html.A([icon("download"), "CSV"], href=address, className="button", download="")


def _note(entry: Entry, profile: Profile, fmt: Format, names: Mapping[str, str]) -> Children:
    who = html.Span(names.get(entry.actor, entry.actor), className="activity-actor", dir="auto")
    said = [f"{name}: {_words(value)}" for name, value in entry.details.items() if name not in _QUIET]
    told = html.Span(" · ".join(said), className="activity-details", dir="auto")
    return [who, f" · {fmt.moment(entry.at, profile.tz)}", *([html.Br(), told] if said else [])]


def _words(value: Any) -> str:
    """A detail in words; what changed as "old → new"."""
    if isinstance(value, list) and len(value) == 2:
        before, after = (_words(each) or "nothing" for each in value)
        return f"{before} → {after}"
    return _WORDS[value] if isinstance(value, bool) else str(value)
