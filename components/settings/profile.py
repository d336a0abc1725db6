"""The profile: its name and its own sites."""

import dash_mantine_components as dmc
from dash.development.base_component import Component

from components.card import card
from components.settings.parts import facts, field, form
from services.profiles import Profile

FORM = "profile"


def profile(profile: Profile, may_change: bool) -> Component:
    """The card with name and own hosts, to be changed by those who may."""
    if not may_change:
        sites = ", ".join(profile.own_hosts) or "None named"
        return card("Profile", facts([("Name", profile.name), ("Own sites", sites)]))
    fields = [
        dmc.TextInput(
            id=field(FORM, "name"),
            label="Name",
            value=profile.name,
            attributes={"input": {"dir": "auto"}},
            size="sm",
            className="whole",
        ),
        dmc.TagsInput(
            id=field(FORM, "hosts"),
            label="Own sites",
            value=list(profile.own_hosts),
            placeholder="anna.example",
            description="Links from them are no source of visitors; pages elsewhere can send nothing.",
            splitChars=[",", " ", ";"],
            acceptValueOnBlur=True,
            size="sm",
            className="whole",
        ),
    ]
    return card("Profile", form(FORM, fields, "Save profile", profile=profile))
