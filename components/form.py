"""Forms of which each field is known by its name, and what is wrong with what was written into one.

The fields of a form of some kind ("cost") have ids {"cost-form": form, "field": name}, its button
{"cost-save": form}, and the line for its first mistake {"cost-problem": form}.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component
from pydantic import ValidationError

from components.card import attributes, icon
from components.format import Format
from models.clock import now
from models.errors import InvalidInput
from models.money import currencies
from services.profiles import Profile

_SAMPLE = Decimal("125")

Values = Mapping[str, Any]


def form(kind: str, name: str, fields: Sequence[Component], *buttons: Component) -> Component:
    """The form `name` of a kind: its fields in a row, its buttons, and the line for a mistake."""
    return html.Div(
        [
            html.Div([*fields, html.Div(list(buttons), className="form-buttons")], className="entry-form"),
            html.P(id={f"{kind}-problem": name}, className="form-problem", role="alert"),
        ]
    )


def save(kind: str, name: str, drawing: str, label: str) -> Component:
    """The button that sends a form."""
    return html.Button(
        [icon(drawing), label], id={f"{kind}-save": name}, type="button", className="button filled"
    )


def cancel(page: str) -> Component:
    """The button that closes a form which opened among the rows of a page."""
    act = json.dumps({"page": page, "do": "close"})
    return html.Button("Cancel", type="button", className="button", **attributes(data_act=act))


def editing(label: str, opened: Component) -> Component:
    """A form that opened among rows, called `label` by screen readers."""
    return html.Div(opened, className="editing", role="group", **attributes(aria_label=label))


def field(kind: str, form: str, name: str, label: str, values: Values) -> dict[str, Any]:
    """What every field has: its id, its label and its value."""
    return {
        "id": {f"{kind}-form": form, "field": name},
        "label": label,
        "value": values.get(name) or None,
        "size": "sm",
    }


def choice(options: Mapping[str, str], **props: Any) -> Component:
    """A field with a few values, each under its words."""
    data = [{"value": value, "label": words} for value, words in options.items()]
    chosen: Component = dmc.Select(data=data, allowDeselect=False, **props)
    return chosen


def currency(**props: Any) -> Component:
    """The field for a currency."""
    chosen: Component = dmc.Select(
        data=sorted(currencies()), searchable=True, allowDeselect=False, limit=50, className="narrow", **props
    )
    return chosen


def written(form: str, kind: str, ids: Sequence[Mapping[str, str]], values: Sequence[Any]) -> dict[str, Any]:
    """What stands in the fields of one form, from the ids and values of all of its kind."""
    pairs = zip(ids, values, strict=True)
    return {one["field"]: value for one, value in pairs if one[f"{kind}-form"] == form}


def amount(given: Any, currency: str, fmt: Format) -> Decimal:
    """The amount that the reader wrote, more than zero. Raises InvalidInput when it is none."""
    found = fmt.read(str(given or ""))
    if found is None:
        sample = fmt.amount(_SAMPLE, currency)
        raise InvalidInput.at("/amount", f"The amount is missing or not a number; write it like {sample}.")
    if found <= 0:
        raise InvalidInput.at("/amount", "The amount must be more than 0.")
    return found


def not_to_come(day: date, name: str, profile: Profile) -> None:
    """Raises InvalidInput for a day that has not begun in the profile's zone."""
    if day > profile.local_date(now()):
        raise InvalidInput.at(f"/{name}", f"{day} lies in the future; enter it once it has happened.")


def mistake(error: ValidationError, written: Values, labels: Mapping[str, str]) -> InvalidInput:
    """The first mistake in a form, in a sentence that names its field by the label."""
    first = error.errors()[0]
    name = str(first["loc"][0]) if first["loc"] else "amount"
    label = labels.get(name, name)
    if written.get(name) in (None, ""):
        return InvalidInput.at(f"/{name}", f"{label} is missing.")
    return InvalidInput.at(f"/{name}", f"{label}: {first['msg'].removeprefix('Value error, ')}")
