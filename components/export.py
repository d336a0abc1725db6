"""The way to figures and rows as a file."""

from urllib.parse import urlencode

from dash import html
from dash.development.base_component import Component

from components.card import icon
from services.scope import Scope


def export_link(scope: Scope, path: str, label: str, **asked: str | None) -> Component:
    """The link called `label` to the CSV file at `path`, in which "{}" stands for the profile: of the period
    of the scope, and of what is `asked` beyond that, where it is chosen."""
    if scope.period.name == "custom":
        when = {"from": scope.period.first.isoformat(), "to": scope.period.last.isoformat()}
    else:
        when = {"period": scope.period.name}
    query = urlencode(when | {name: value for name, value in asked.items() if value})
    address = f"{path.format(scope.profile.profile_id)}?{query}"
    return html.A([icon("download"), label], href=address, className="button", download="")
