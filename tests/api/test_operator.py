"""What is behind the operator's page is closed for everybody else, however it is asked for."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from models.stores import Stores
from services import accounts
from services.profiles import Profile
from tests.api.conftest import signed_in

BOXES = {
    "settings-activity.children": ("view.data", "settings-activity-changed.data"),
    "operations-window.children": ("view.data",),
    "operations-states.children": ("view.data", "operations-tick.n_intervals"),
    "..operations-volume.children...operations-slowest.children...operations-failing.children..": (
        "view.data", "operations-tick.n_intervals",
    ),
}  # fmt: skip


def ask(client: FlaskClient, output: str) -> str:
    parts = output.strip(".").split("...")
    outputs = [dict(zip(("id", "property"), part.split("."), strict=True)) for part in parts]
    inputs: list[dict[str, Any]] = [
        {**dict(zip(("id", "property"), name.split("."), strict=True)), "value": None}
        for name in BOXES[output]
    ]
    body = {
        "output": output,
        "outputs": outputs if len(outputs) > 1 else outputs[0],
        "inputs": inputs,
        "changedPropIds": [BOXES[output][0]],
    }
    answer = client.post("/_dash-update-component", json=body)
    assert answer.status_code == 200, answer.text
    return answer.text


@pytest.mark.parametrize("output", [output for output in BOXES if "operations" in output])
def test_its_boxes(client: FlaskClient, stores: Stores, anna: Profile, output: str) -> None:
    signed_in(client, stores, "alice@example.org", anna, "owner")
    refused = ask(client, output)
    assert "There is nothing at this address." in refused
    assert "PostgreSQL" not in refused
    with stores.database.transaction() as tx:
        accounts.make_operator(tx, accounts.find(tx, "alice@example.org").account_id, True)
    assert "nothing at this address" not in ask(client, output)


def test_the_trail_on_the_settings_is_for_owners(client: FlaskClient, stores: Stores, anna: Profile) -> None:
    output = "settings-activity.children"
    signed_in(client, stores, "bob@example.org", anna, "viewer")
    assert "Signed in" not in ask(client, output)
    signed_in(client, stores, "alice@example.org", anna, "owner")
    assert "Signed in" in ask(client, output)
