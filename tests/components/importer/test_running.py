"""An import on its way."""

from collections import Counter
from dataclasses import replace
from uuid import UUID

import pytest

from components.format import Format
from components.importer import running
from services.imports.account import Account
from services.imports.upload import Imported
from services.jobs import Job
from services.profiles import Profile
from tests.components.conftest import NOW
from tests.components.importer.found import KIND
from tests.components.text import find, text


@pytest.fixture
def job(profile: Profile) -> Job:
    return Job(
        profile.profile_id,
        UUID(int=3),
        kind="import-costs",
        title="Import of bank.csv",
        asked={"name": "bank.csv"},
        status="running",
        done=2_000,
        total=8_000,
        result=None,
        problem=None,
        asked_by="anna@example.com",
        cancel_requested=False,
        attempts=1,
        created_at=NOW,
        started_at=NOW,
        finished_at=None,
    )


def test_it_says_how_far_it_is_and_can_be_ended(job: Job, english: Format) -> None:
    drawn = running.running(job, KIND, english)
    assert "Import of bank.csv" in text(drawn)
    assert "Importing, 2,000 of 8,000 rows" in text(drawn)
    (bar,) = find(drawn, "Progress")
    assert (bar.value, bar.max) == ("2000", "8000")
    (cancel,) = find(drawn, "Button")
    assert getattr(cancel, "data-act") == (
        f'{{"page": "import", "do": "cancel", "kind": "costs", "job": "{UUID(int=3)}"}}'
    )
    (asked,) = find(running.running(replace(job, cancel_requested=True), KIND, english), "Button")
    assert asked.disabled
    assert "Reading the file …" in text(running.running(replace(job, done=0, total=0), KIND, english))


def test_it_says_what_became_of_it(job: Job, profile: Profile, english: Format) -> None:
    stored = Imported(Account(Counter({"stored": 8_000}), import_id=UUID(int=5)), ())
    done = replace(job, status="done", result=stored.as_json())
    assert "8,000 rows imported." in text(running.ended(done, KIND, profile, english))
    failed = replace(job, status="failed", problem="It has no dates.")
    assert "It has no dates." in text(running.ended(failed, KIND, profile, english))
    cancelled = running.ended(replace(job, status="cancelled"), KIND, profile, english)
    assert "Nothing of it was kept." in text(cancelled)
