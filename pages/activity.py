"""The audit trail, as the settings show it to owners; app.py registers its callback."""

from dash import Dash, Input, Output
from dash.development.base_component import Component

from components import lists
from components.frame import VIEW
from components.settings import activity
from pages import boxed, database, may_change, reader, scope_of
from services import audit, tokens

PARTS = ("place", "profile", "members", "account", "tokens", "imports", "tasks")
"""The cards whose changes stand in the trail."""


def register(app: Dash) -> None:
    """The card of the trail: it looks again when something is changed on the page."""
    changes = [Input(f"settings-{part}-changed", "data") for part in PARTS]
    app.callback(Output("settings-activity", "children"), VIEW, *changes)(show)


@boxed
def show(search: str, *changes: int) -> Component | None:
    """A page of what was done with the profile, for its owners."""
    own, given = scope_of(search).profile, lists.chosen(search)
    if not may_change(own):
        return None
    kind, before = given.get("kind", ""), given.get("cursor", "")
    last = int(before) if before.isascii() and before.isdigit() and len(before) < 19 else None
    with database().transaction() as tx:
        found = audit.listing(tx, own.profile_id, kind=kind or None, before=last, limit=activity.PER_PAGE + 1)
        names = {each.subject: f"Token {each.label}" for each in tokens.listing(tx, own.profile_id)}
    page, more = found[: activity.PER_PAGE], len(found) > activity.PER_PAGE
    return activity.activity(page, own, reader(), kind=kind, first=last is None, more=more, names=names)
