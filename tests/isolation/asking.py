"""Dash's callbacks, called as the browser calls them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

Values = Mapping[str, Any]
Registered = Mapping[str, Any]


@dataclass(frozen=True)
class Call:
    """A call of a callback beyond looking at the page. `given` are its inputs and states, by their names as
    Dash lists them: a value, or for a pattern of ids the list of (id, value) that match; `by` is the id
    that set it off, where that is one of a pattern."""

    given: Values = field(default_factory=dict)
    by: Mapping[str, str] | str = ""
    changes: bool = True
    """Whether it changes something when Alice does it."""


def registered(client: FlaskClient) -> dict[str, Registered]:
    """The callbacks that the server answers, by their outputs, and those without by their inputs."""
    found = client.get("/_dash-dependencies").json
    return {_name(each): each for each in found if not each.get("clientside_function")}


def call(client: FlaskClient, callback: Registered, values: Values, by: Any = "") -> TestResponse:
    """What the server answers."""
    inputs, state = ([_part(each, values) for each in callback[kind]] for kind in ("inputs", "state"))
    triggering = by or callback["inputs"][0]["id"]
    prop = callback["inputs"][0]["property"]
    for each in callback["inputs"]:
        if each["id"] == triggering:
            prop = each["property"]
    body = {
        "output": callback["output"],
        "outputs": None if callback.get("no_output") else _outputs(callback["output"], by),
        "inputs": inputs,
        "state": state,
        "changedPropIds": [f"{_text(triggering)}.{prop}"],
    }
    return client.post("/_dash-update-component", json=body)


def _name(callback: Registered) -> str:
    if callback.get("no_output"):
        return " ".join(f"{each['id']}.{each['property']}" for each in callback["inputs"])
    return str(callback["output"])


def _part(part: Registered, values: Values) -> Any:
    name = f"{part['id']}.{part['property']}"
    if not part["id"].startswith("{"):
        return {**part, "value": values.get(name)}
    of_ids = part["property"] == "id"
    found = values.get(f"{part['id']}.value" if of_ids else name)
    if isinstance(found, tuple):
        return {"id": found[0], "property": part["property"], "value": found[1]}
    return [
        {"id": one, "property": part["property"], "value": one if of_ids else value}
        for one, value in found or ()
    ]


def _outputs(output: str, by: Any) -> Any:
    places = [place.rpartition(".") for place in output.strip(".").split("...")]
    made = [{"id": _filled(name, by), "property": prop} for name, _, prop in places]
    return made if output.startswith("..") else made[0]


def _filled(name: str, by: Any) -> Any:
    """The id of an output; of one that matches, with the value of the id that set it off."""
    if not name.startswith("{"):
        return name
    return {key: by[key] if value == ["MATCH"] else value for key, value in json.loads(name).items()}


def _text(one: Any) -> str:
    return one if isinstance(one, str) else json.dumps(one, sort_keys=True, separators=(",", ":"))
