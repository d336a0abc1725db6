"""Settings, Activity: who did what with the profile, for its owners."""

from typing import Any

from dash import Output, callback, register_page
from dash.development.base_component import Component

from components import lists
from components.card import box
from components.frame import VIEW
from components.settings import activity
from components.settings.sections import ACTIVITY
from pages import boxed, database, may_change, reader, scope_of
from pages.settings import changed, settings
from services import audit, tokens

register_page(__name__, path=ACTIVITY, name="Activity", title="Activity · Settings · Platform Analytics")


def layout(**query: Any) -> Component:
    """The page without its data."""
    return settings(ACTIVITY, query, "Who did what with this profile.", [box("settings-activity", 700)])


@callback(Output("settings-activity", "children"), VIEW, changed("activity"))
@boxed
def done(search: str, changed: int) -> Component:
    """A page of what was done with the profile; others hear whose it is to read."""
    own, given = scope_of(search).profile, lists.chosen(search)
    if not may_change(own):
        return activity.closed()
    kind, before = given.get("kind", ""), given.get("cursor", "")
    last = int(before) if before.isascii() and before.isdigit() and len(before) < 19 else None
    with database().transaction() as tx:
        found = audit.listing(tx, own.profile_id, kind=kind or None, before=last, limit=activity.PER_PAGE + 1)
        names = {each.subject: f"Token {each.label}" for each in tokens.listing(tx, own.profile_id)}
    page, more = found[: activity.PER_PAGE], len(found) > activity.PER_PAGE
    return activity.activity(page, own, reader(), kind=kind, first=last is None, more=more, names=names)
