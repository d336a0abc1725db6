"""What was imported, and the way to take it back."""

from collections.abc import Mapping, Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

from components.card import attributes, card, empty
from components.format import Format
from components.settings.parts import act, entries, entry
from services.imports.ledger import Import
from services.profiles import Profile

KINDS = {"access-log": "Access log", "transactions": "Income", "costs": "Costs", "demo": "Demo data"}
_ENDED = {"undone": "Undone", "failed": "Not finished, nothing was changed", "running": "Running"}
_MANY = {"duplicate": "duplicates", "bot": "bot hits", "refund of a sale": "refunds of sales"}
_ONE = {"bot": "bot hit", "events": "event", "transactions": "transaction", "costs": "cost"}


def imports(
    found: Sequence[Import], profile: Profile, fmt: Format, may_change: bool, asking: str | None
) -> Component:
    """The card with the imports, the newest first; of the one with the id `asking` it is asked whether to
    take it back."""
    note = "Each can be taken back as a whole." if may_change else None
    if not found:
        return card("Imports", empty("Nothing was imported yet", _how(profile)))
    lines = [
        entry(
            called(each),
            _note(each, profile, fmt),
            _actions(each, asking == str(each.import_id)) if may_change else (),
            _ENDED.get(each.status, ""),
        )
        for each in found
    ]
    scroll = html.Div(
        entries(lines),
        className="entries-scroll",
        tabIndex="0",
        role="region",
        **attributes(aria_label="Imports, the newest first"),
    )
    return card("Imports", scroll, note=note)


def called(imported: Import) -> str:
    """What an import is called: its file."""
    return KINDS["demo"] if imported.kind == "demo" else imported.file_name


def words(imported: Import, fmt: Format) -> str:
    """Its account in words: "69,659 stored, 12 duplicates, 1 rejected"."""
    return counted(imported.counts, fmt)


def counted(places: Mapping[str, int], fmt: Format) -> str:
    """The same of the account's places."""
    found = [(place, count) for place, count in places.items() if count]
    found.sort(key=lambda pair: (pair[0] != "stored", pair[0] == "rejected"))
    return ", ".join(
        f"{fmt.count(count)} {(_ONE if count == 1 else _MANY).get(place, place)}" for place, count in found
    )


def _note(imported: Import, profile: Profile, fmt: Format) -> str:
    kind = None if imported.kind == "demo" else KINDS.get(imported.kind, imported.kind)
    parts = (kind, fmt.moment(imported.started_at, profile.tz), words(imported, fmt))
    return " · ".join(part for part in parts if part)


def _actions(imported: Import, asked: bool) -> list[Component]:
    if imported.status != "done":
        return []
    this: dict[str, Any] = {"profile": str(imported.profile_id), "import": str(imported.import_id)}
    name = called(imported)
    if not asked:
        return [act("Undo", name, {**this, "do": "ask"})]
    return [
        html.Span("Take all of it back?", className="entry-question"),
        act("Take back", name, {**this, "do": "undo"}),
        act("Keep", name, {**this, "do": "keep"}),
    ]


def _how(profile: Profile) -> list[Component | str]:
    command = f"manage.py import access-log FILE --profile {profile.profile_id}"
    return [
        "Statements of banks and payment services come in by “Import a file” on Costs and Revenue, an access "
        "log by the command line: ",
        html.Code(command, className="command"),
    ]
