"""verify, rebuild, migrate, status and rates."""

import json
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

from sqlalchemy import update

from models.clock import now
from models.schema import profile_performance
from models.stores import Stores
from services import costs, profiles
from services.ingest import events
from services.ingest.inputs import Cost, Event
from tests.commands.conftest import Ran

Run = Callable[..., Ran]


def test_verify_names_a_difference_and_rebuild_mends_it(run: Run, profile: str, stores: Stores) -> None:
    events.store(stores, [Event(profile_id=UUID(profile), event_type="view")], now())
    assert run("verify").status == 0
    with stores.database.transaction() as tx:
        tx.run(update(profile_performance).values(total_views=7))
    found = run("verify", "--profile", profile, "--json")
    assert found.status == 1
    (difference,) = json.loads(found.out)["differences"]
    assert difference["profile"] == profile
    assert "total_views is 7, the raw rows give 1" in difference["difference"]
    assert run("rebuild", "--profile", profile).status == 0
    assert run("verify").status == 0


def test_verify_of_an_unknown_profile_fails(run: Run) -> None:
    ran = run("verify", "--profile", "0192e4a4-0000-7000-8000-000000000009")
    assert (ran.status, ran.err) == (1, "There is no such profile.\n")


def test_status_and_migrate_of_an_up_to_date_database(run: Run) -> None:
    status = json.loads(run("status", "--json").out)
    assert status["pending"] == []
    assert status["current"] == status["newest"]
    assert json.loads(run("migrate", "--json").out) == {"applied": []}


def test_rates_convert_what_waited_for_them(run: Run, profile: str, stores: Stores, tmp_path: Path) -> None:
    with stores.database.transaction() as tx:
        anna = profiles.get(tx, UUID(profile))
        cost = Cost(
            profile_id=anna.profile_id, category="tools", description="Lamp",
            amount="100", currency="EUR", expense_date="2026-11-20",
        )  # fmt: skip
        made = costs.add(tx, anna, cost, now())
    assert made.reporting_amount is None
    file = tmp_path / "rates.csv"
    file.write_text("date,currency,rate\n2026-11-19,USD,1.25\n")
    ran = run("rates", "import", str(file), "--json")
    assert json.loads(ran.out) == {"rates": 1, "converted": 1}
    with stores.database.transaction() as tx:
        entry = costs.get(tx, {anna.profile_id}, made.cost_id)
    assert str(entry.reporting_amount) == "125.0000"
    assert "operator" in run("rates", "status").out


def test_rates_that_cannot_be_read_are_named_by_line(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "rates.csv"
    file.write_text(
        "date,currency,rate\n2026-11-19,USD,1.25\n2026-13-01,USD,1\n2026-11-01,QQQ,1\n2026-11-01,USD,-1\n"
    )
    ran = run("rates", "import", str(file))
    assert ran.status == 1
    assert "line 3" in ran.err
    assert "line 4" in ran.err
    assert "line 5" in ran.err
    assert "operator" not in run("rates", "status").out
