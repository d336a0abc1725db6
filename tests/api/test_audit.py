"""The audit trail by REST: what was done by REST stands in it, for owners alone."""

import csv
import io

from flask.testing import FlaskClient

from models.clock import now
from models.stores import Stores
from services import jobs
from services.profiles import Profile
from services.rights import shelf
from tests.api.conftest import PASSWORD, Ask, Headers, pointers, problem, signed_in

COST = {"category": "tools", "description": "=1+1", "amount": "20", "expenseDate": "2026-11-01"}


def test_what_a_token_does_is_told(
    client: FlaskClient, get: Ask, post: Ask, alice: Headers, anna: Profile
) -> None:
    made = post("/api/costs", {"profileId": str(anna.profile_id), **COST}).json
    client.put(f"/api/costs/{made['id']}", json={**COST, "amount": "21"}, headers=alice)
    client.delete(f"/api/costs/{made['id']}", headers=alice)
    post("/api/transactions", {
        "profileId": str(anna.profile_id), "transactionType": "gift", "amount": "5", "id": made["id"],
        "transactionDate": "2026-11-01",
    })  # fmt: skip
    client.put(f"/api/profiles/{anna.profile_id}", json={"name": "Anna B"}, headers=alice)
    get(f"/api/pnl/{anna.profile_id}/export", period="7d")
    answer = get(f"/api/audit/{anna.profile_id}").json
    assert [each["action"] for each in answer["entries"]] == [
        "exported", "profile-changed", "transaction-added", "cost-removed", "cost-changed", "cost-added",
    ]  # fmt: skip
    assert {each["actor"] for each in answer["entries"]} == {"alice"}
    assert answer["entries"][4]["details"]["amount"] == ["20.00", "21.00"]
    assert answer["entries"][0]["at"].endswith("+01:00")
    assert answer["entries"][0]["subject"].startswith("profit-and-loss, 2")
    assert answer["nextCursor"] is None


def test_an_export_of_everything_is_told_when_asked_for_and_fetched(
    stores: Stores, get: Ask, anna: Profile
) -> None:
    address = f"/api/profiles/{anna.profile_id}/export"
    alices = stores.acting("alice")
    jobs.export(alices, anna.profile_id, "alice", now())
    assert get(address).status_code == 404
    with shelf.placing(stores, anna.profile_id) as file:
        file.write(b"archive")
    assert get(address).data == b"archive"
    fetched, asked = get(f"/api/audit/{anna.profile_id}", kind="exports").json["entries"]
    assert [each["sentence"] for each in (asked, fetched)] == [
        "Asked for an export of everything", "Fetched the export of everything",
    ]  # fmt: skip
    assert {each["actor"] for each in (asked, fetched)} == {"alice"}
    assert set(fetched["details"]) == {"made"}


def test_what_a_platform_feeds_is_a_source_and_no_act(
    client: FlaskClient, get: Ask, platform: Headers, anna: Profile
) -> None:
    sale = {"transactionType": "gift", "amount": "5", "transactionDate": "2026-11-01"}
    sold = client.post(
        "/api/transactions", json={"profileId": str(anna.profile_id), **sale}, headers=platform
    )
    assert sold.status_code == 201
    assert get(f"/api/audit/{anna.profile_id}").json["entries"] == []


def test_pages_and_kinds(get: Ask, post: Ask, anna: Profile) -> None:
    for _ in range(3):
        post("/api/costs", {"profileId": str(anna.profile_id), **COST})
    get(f"/api/costs/{anna.profile_id}/entries/export")
    address = f"/api/audit/{anna.profile_id}"
    first = get(address, limit=2, kind="costs").json
    assert [each["number"] for each in first["entries"]] == [3, 2]
    rest = get(address, limit=2, kind="costs", cursor=first["nextCursor"]).json
    assert ([each["number"] for each in rest["entries"]], rest["nextCursor"]) == ([1], None)
    assert pointers(get(address, kind="gossip")) == ["kind"]
    assert pointers(get(address, cursor="x")) == ["cursor"]


def test_the_file_is_told_of_and_guards_its_cells(get: Ask, post: Ask, anna: Profile) -> None:
    post("/api/costs", {"profileId": str(anna.profile_id), **COST})
    answer = get(f"/api/audit/{anna.profile_id}/export")
    assert "audit-trail-" in answer.headers["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [row["action"] for row in rows] == ["exported", "cost-added"]
    assert rows[1]["subject"].startswith("'=1+1")


def test_sign_ins_are_told_whether_they_succeed_or_not(
    client: FlaskClient, stores: Stores, get: Ask, anna: Profile
) -> None:
    signed_in(client, stores, "anna@example.org", anna, "owner")
    for _ in range(2):
        wrong = {"email": "ANNA@example.org", "password": PASSWORD + "x"}
        assert client.post("/sign-in", data=wrong).status_code == 401
    kinds: list[str] = []
    while len(kinds) < 3:  # a refusal is told aside
        kinds = [
            each["action"] for each in get(f"/api/audit/{anna.profile_id}", kind="access").json["entries"]
        ]
    assert kinds == ["sign-in-refused", "sign-in-refused", "signed-in"]


def test_a_viewer_sees_no_trail(client: FlaskClient, bob: Headers, anna: Profile) -> None:
    problem(client.get(f"/api/audit/{anna.profile_id}", headers=bob), 403)


def test_an_unknown_kind_is_refused_before_a_file_begins(get: Ask, anna: Profile) -> None:
    for address in (f"/api/audit/{anna.profile_id}", f"/api/audit/{anna.profile_id}/export"):
        assert pointers(get(address, kind="gossip")) == ["kind"]
