"""Who may see the profile, and who keeps it."""

from collections.abc import Sequence

import dash_mantine_components as dmc
from dash.development.base_component import Component

from components.card import card
from components.format import Format
from components.settings.parts import act, entries, entry, field, form, secret
from services.accounts import Member
from services.profiles import Profile

FORM = "member"
ROLES = {"owner": "Owner", "viewer": "Viewer"}
_OTHER = {"owner": "viewer", "viewer": "owner"}


def members(found: Sequence[Member], profile: Profile, fmt: Format, may_change: bool) -> Component:
    """The card with the members; those who may change them get the buttons and the form."""
    owners = [each for each in found if each.role == "owner"]
    lines = [
        # Without its last owner nobody could change the profile.
        entry(
            each.email,
            _note(each, profile, fmt),
            _actions(each, profile, may_change and [each] != owners),
        )
        for each in found
    ]
    note = "Owners change everything; viewers see everything."
    return card("Members", entries(lines), _form(profile) if may_change else None, note=note)


def password(email: str, value: str) -> Component:
    """The password of an account that was made for a new member."""
    note = "Give it to them over a safe way; they can change it under Account. It is not shown again."
    return secret(f"The password of {email}", "Password", value, note)


def _note(member: Member, profile: Profile, fmt: Format) -> str:
    return f"{ROLES[member.role]} since {fmt.day(profile.local_date(member.since))}"


def _actions(member: Member, profile: Profile, may_change: bool) -> list[Component]:
    if not may_change:
        return []
    who = {"profile": str(profile.profile_id), "account": str(member.account_id)}
    other = _OTHER[member.role]
    return [
        act(f"Make {other}", member.email, {**who, "do": "role", "role": other}),
        act("Remove", member.email, {**who, "do": "remove"}),
    ]


def _form(profile: Profile) -> Component:
    fields = [
        dmc.TextInput(
            id=field(FORM, "email"),
            label="E-mail",
            placeholder="bea@example.com",
            size="sm",
            className="wide",
        ),
        dmc.Select(
            id=field(FORM, "role"),
            label="Role",
            data=[{"value": key, "label": label} for key, label in ROLES.items()],
            value="viewer",
            allowDeselect=False,
            size="sm",
            className="narrow",
        ),
    ]
    return form(FORM, fields, "Add member", "plus", profile)
