"""What an owner may ask about the data: all of it as a file, one visitor gone, and the whole profile gone."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from components import job as drawn
from components.card import Children, attributes, card, icon
from components.format import Format
from components.settings.parts import act, facts, field, form
from components.settings.place import cancel
from services.jobs import Job
from services.profiles import Profile
from services.rights.shelf import Archive
from services.rights.visitor import Found, Person

VISITOR, DELETE = "visitor", "delete"
FOUND = "settings-visitor-found"
"""Where it is said what there is of a visitor."""
ASKED = {"visitor": "visitor_id", "ip": "ip", "agent": "user_agent", "payer": "payer"}
"""The fields of the form of a visitor, and what each says of the person."""
_COUNTED = {
    "profile_events": ("visit or click", "visits and clicks"),
    "transactions": ("sale", "sales"),
    "cost_entries": ("cost", "costs"),
    "gov_alerts": ("alert", "alerts"),
    "imports": ("import", "imports"),
    "memberships": ("member", "members"),
    "api_tokens": ("token", "tokens"),
}


def export(last: Job | None, ready: Archive | None, profile: Profile, fmt: Format) -> Component:
    """The card of the export: the archive that can be fetched, or how far the one is that is being made."""
    note = "One ZIP file with every row of this profile as CSV, described in it. Nobody else can fetch it."
    asked = {"do": "export", "profile": str(profile.profile_id)}
    name = attributes(aria_label=f"Export everything: {profile.name}")
    if last is not None and last.is_open:
        running = [drawn.progress(last, fmt), *([] if last.cancel_requested else [cancel(last)])]
        return card("Export of everything", html.Div(running), note=note)
    parts: list[Component | None] = [_fetch(ready, profile, fmt) if ready else None]
    if last is not None and last.status == "failed":
        parts.append(html.P(f"The last export did not work. {last.problem}", className="form-problem"))
    label = "Make a new one" if ready else "Export everything"
    parts.append(act(label, profile.name, asked) if ready else _button(label, "download", asked, name))
    return card("Export of everything", html.Div(parts, className="leaving"), note=note)


def visitor(profile: Profile) -> Component:
    """The form that finds a visitor who wants to be gone."""
    note = (
        "A visitor may ask you to delete every visit. Say who it is: by your platform's id, or by "
        "address and browser. You see first what there is."
    )
    fields = [
        _text(VISITOR, "visitor", "Visitor's id", "Its visitorId"),
        _text(VISITOR, "ip", "Address", "203.0.113.7"),
        _text(VISITOR, "agent", "Browser", "Mozilla/5.0 …, exactly as it names itself", "whole"),
        _text(VISITOR, "payer", "Payer", "A donorId, clientId or subscriberId", "whole"),
    ]
    place = html.Div(id=FOUND)
    looked = form(VISITOR, fields, "Look", "eye", profile)
    return card("A visitor who wants to be gone", looked, place, note=note)


def found(there: Found, who: Person, profile: Profile, fmt: Format) -> Component:
    """What there is of a person, and the button that deletes it."""
    asked = {"do": "forget", "profile": str(profile.profile_id), **_said(who)}
    nothing = not (there.events or there.alerts or there.payments)
    words = "Delete messages about them" if nothing else "Delete all of it"
    label = _button(words, "trash", asked, attributes(aria_label=f"{words}: {_named(who)}"))
    return html.Section(
        [
            html.H3(
                "Nothing was found" if nothing else "This is what there is of them", className="card-title"
            ),
            facts(_facts(there, profile, fmt)),
            html.P(_reach(there, profile, fmt), className="card-note"),
            # Messages in Redis are looked for when it is deleted; there may be some without an event.
            label,
        ],
        className="found",
        role="status",
    )


def gone(there: Found, profile: Profile, fmt: Format) -> str:
    """What was deleted, in a sentence."""
    parts = [_many(there.events, "visit or click", "visits and clicks", fmt)]
    if there.events and there.first and there.last:
        parts[0] += f" {_between(there.first, there.last, profile, fmt)}"
    if there.alerts:
        parts.append(_many(there.alerts, "alert", "alerts", fmt))
    said = f"Deleted {' and '.join(parts)}."
    if there.payments:
        said += f" {_many(there.payments, 'payment', 'payments', fmt)} no longer name who paid."
    return said


def delete(
    profile: Profile, counts: Mapping[str, int] | None, ready: Archive | None, fmt: Format
) -> Component:
    """The card that deletes the profile: with the `counts` of what goes it asks for name and password."""
    asked = {"do": "leave", "profile": str(profile.profile_id)}
    note = "For good: nothing brings it back. Accounts stay, those of other members too."
    if counts is None:
        name = attributes(aria_label=f"Delete this profile …: {profile.name}")
        return card("Delete this profile", _button("Delete this profile …", "trash", asked, name), note=note)
    kept = (
        "An export of everything waits under Data."
        if ready
        else "There is no export of it; make one under Data first, if you want to keep anything."
    )
    fields = [
        dmc.TextInput(
            id=field(DELETE, "name"),
            label=f"Type the name of the profile: {profile.name}",
            autoComplete="off",
            size="sm",
            className="whole",
        ),
        dmc.PasswordInput(
            id=field(DELETE, "password"),
            label="Your password",
            autoComplete="current-password",
            size="sm",
            className="whole",
            visibilityToggleButtonProps={"aria-label": "Show or hide the password", "tabIndex": 0},
        ),
    ]
    keep = {"do": "stay", "profile": str(profile.profile_id)}
    return card(
        "Delete this profile",
        html.Div(
            [
                html.P(_goes(counts, fmt)),
                html.P(kept, className="card-note"),
                # A form, so that browsers know whose password it is; Enter does not send it.
                html.Form(form(DELETE, fields, "Delete it for good", "trash", profile)),
                act("Keep it", profile.name, keep),
            ],
            className="leaving",
        ),
        note=note,
    )


def _goes(counts: Mapping[str, int], fmt: Format) -> str:
    named = [_many(counts[table], *words, fmt) for table, words in _COUNTED.items() if counts.get(table)]
    return f"This goes: {', '.join(named)}, and all figures made of them."


def _fetch(ready: Archive, profile: Profile, fmt: Format) -> Component:
    made, until = (fmt.moment(each, profile.tz) for each in (ready.made_at, ready.until))
    size = f"{max(ready.bytes, 1_000) / 1_000_000:.1f} MB" if ready.bytes > 500_000 else (
        f"{max(ready.bytes // 1_000, 1)} KB"
    )  # fmt: skip
    return html.Div(
        [
            html.A(
                [icon("download"), "Download the export"],
                href=f"/api/profiles/{profile.profile_id}/export",
                className="button filled",
                download="",
            ),
            html.P(f"Made {made} · {size} · kept until {until}", className="card-note"),
        ]
    )


def _facts(there: Found, profile: Profile, fmt: Format) -> list[tuple[str, str]]:
    visits = fmt.count(there.events)
    if there.first and there.last:
        visits += f", {_between(there.first, there.last, profile, fmt)}"
    pairs = [("Visits and clicks", visits)]
    if there.alerts:
        pairs.append(("Alerts", fmt.count(there.alerts)))
    if there.payments:
        kept = "stay in your books; who paid is replaced by a name that means nothing"
        pairs.append(("Payments", f"{fmt.count(there.payments)}, which {kept}"))
    return pairs


def _reach(there: Found, profile: Profile, fmt: Format) -> str:
    quarters = ", ".join(f"Q{each[-1]} {each[:4]}" for each in there.quarters)
    said = f"Looked for in what came in during {quarters}." if quarters else "There are no visits to look in."
    if there.out_of_reach and there.reach_ends:
        many = _many(there.out_of_reach, "visit or click", "visits and clicks", fmt)
        newest = fmt.day(profile.local_date(there.reach_ends))
        said += f" {many} up to {newest} can't be told from anybody's any more: their key is destroyed."
    if there.closed_months:
        said += f" Of {_many(there.closed_months, 'month', 'months', fmt)} no single visits are kept."
    return said


def _between(first: datetime, last: datetime, profile: Profile, fmt: Format) -> str:
    begins, ends = (fmt.day(profile.local_date(each)) for each in (first, last))
    return f"on {begins}" if begins == ends else f"from {begins} to {ends}"


def _many(count: int, one: str, many: str, fmt: Format) -> str:
    return f"{fmt.count(count)} {one if count == 1 else many}"


def _named(who: Person) -> str:
    return ", ".join(_said(who).values())


def _said(who: Person) -> dict[str, str]:
    return {name: value for name, key in ASKED.items() if (value := getattr(who, key))}


def _text(name: str, part: str, label: str, placeholder: str, width: str = "") -> Component:
    written: Component = dmc.TextInput(
        id=field(name, part), label=label, placeholder=placeholder, autoComplete="off", size="sm",
        className=width or None,
    )  # fmt: skip
    return written


def _button(label: str, drawing: str, asked: Mapping[str, Any], name: Mapping[str, Any]) -> Component:
    inner: Children = [icon(drawing), label]
    told = json.dumps({"page": "settings", **asked})
    return html.Button(inner, type="button", className="button", **{**name, **attributes(data_act=told)})
