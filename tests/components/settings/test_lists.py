"""Members, tokens, imports and tasks as lists."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from components.format import Format
from components.settings import imports, members, tasks, tokens
from services.accounts import Member
from services.imports.ledger import Import
from services.jobs import Job
from services.profiles import Profile
from services.tokens import Token
from tests.components.conftest import NOW
from tests.components.text import find, text

ALICE = Member(UUID(int=5), "alice@example.com", "owner", NOW)
TOKEN = Token(UUID(int=6), UUID(int=1), "Shop", ("read", "costs:write"), NOW, NOW + timedelta(days=9), None)
IMPORT = Import(
    import_id=UUID(int=7),
    profile_id=UUID(int=1),
    kind="access-log",
    file_name="access.log",
    status="done",
    counts={"rejected": 1, "bot": 2, "not a page": 0, "duplicate": 12, "stored": 69_659},
    started_at=NOW,
    finished_at=NOW,
    undone_at=None,
)


def acts(drawn: Any) -> list[str]:
    return [getattr(button, "aria-label") for button in find(drawn, "Button") if hasattr(button, "data-act")]


def test_members(profile: Profile, english: Format) -> None:
    two = [ALICE, replace(ALICE, email="bea@example.com")]
    drawn = members.members(two, profile, english, True)
    assert "alice@example.com Owner since Nov 24, 2026" in text(drawn)
    assert acts(drawn)[:2] == ["Make viewer: alice@example.com", "Remove: alice@example.com"]
    assert not acts(members.members([ALICE], profile, english, True)), "the last owner stays"
    assert not find(members.members(two, profile, english, False), "Button")


def test_tokens(profile: Profile, english: Format) -> None:
    drawn = tokens.tokens([TOKEN], profile, NOW, english, True)
    assert "Shop May read figures, write costs · made Nov 24, 2026 · ends Dec 3, 2026" in text(drawn)
    assert acts(drawn) == ["Revoke: Shop"]
    assert not find(tokens.tokens([TOKEN], profile, NOW, english, False), "Button")
    revoked = tokens.tokens([replace(TOKEN, revoked_at=NOW)], profile, NOW, english, True)
    ended = tokens.tokens([TOKEN], profile, NOW + timedelta(days=9), english, True)
    assert ("Shop Revoked" in text(revoked), acts(revoked)) == (True, [])
    assert ("Shop Ended" in text(ended), acts(ended)) == (True, [])
    assert "No tokens yet" in text(tokens.tokens([], profile, NOW, english, True))


def test_what_became_of_an_import_stands_in_words(english: Format) -> None:
    assert imports.words(IMPORT, english) == "69,659 stored, 2 bot hits, 12 duplicates, 1 rejected"
    one = replace(IMPORT, counts={"events": 1, "transactions": 2})
    assert imports.words(one, english) == "1 event, 2 transactions"


def test_an_import_is_asked_about_before_it_is_taken_back(profile: Profile, english: Format) -> None:
    drawn = imports.imports([IMPORT], profile, english, True, None)
    assert "access.log Access log · Nov 24, 2026" in text(drawn)
    assert acts(drawn) == ["Undo: access.log"]
    asked = imports.imports([IMPORT], profile, english, True, str(IMPORT.import_id))
    assert acts(asked) == ["Take back: access.log", "Keep: access.log"]
    undone = imports.imports([replace(IMPORT, status="undone")], profile, english, True, None)
    assert ("Undone" in text(undone), acts(undone)) == (True, [])
    assert not acts(imports.imports([IMPORT], profile, english, False, None))


def test_an_import_without_an_outcome_is_told_as_its_task_is(profile: Profile, english: Format) -> None:
    unfinished = imports.imports([replace(IMPORT, status="failed")], profile, english, True, None)
    assert "Not finished, nothing was changed" in text(unfinished)
    assert "Nothing was changed." in tasks.outcome(job(profile, status="cancelled"), english)


def test_no_imports_say_how_to_make_one(profile: Profile, english: Format) -> None:
    drawn = text(imports.imports([], profile, english, True, None))
    assert f"manage.py import access-log FILE --profile {profile.profile_id}" in drawn


def job(profile: Profile, kind: str = "rebuild", status: str = "running", **more: Any) -> Job:
    known: dict[str, Any] = {
        "profile_id": profile.profile_id,
        "job_id": UUID(int=4),
        "kind": kind,
        "title": "Counting everything again",
        "asked": {},
        "status": status,
        "done": 4,
        "total": 16,
        "result": None,
        "problem": None,
        "asked_by": "anna@example.com",
        "cancel_requested": False,
        "attempts": 1,
        "created_at": NOW,
        "started_at": NOW,
        "finished_at": None,
    }
    return Job(**known | more)


def test_tasks_say_how_far_they_are_and_what_came_of_them(profile: Profile, english: Format) -> None:
    imported = {
        "import": str(UUID(int=5)), "places": {"stored": 30, "rejected": 2}, "notes": [], "rejected": [],
        "first": None, "last": None,
    }  # fmt: skip
    found = [
        job(profile),
        job(profile, status="queued", kind="change", done=0, total=0),
        job(profile, kind="import-costs", done=1_200, total=8_000),
        job(profile, status="done", result={"differences": 2, "examples": ["one", "other"]}),
        job(profile, status="done", result={"differences": 0, "examples": []}),
        job(profile, status="done", result={"differences": 0, "examples": ["old"], "lasting": 1}),
        job(profile, status="done", kind="import-costs", result=imported),
        job(profile, status="failed", problem="It broke off; nothing was changed."),
        job(profile, status="cancelled"),
    ]
    drawn = tasks.tasks(found, profile, english, True)
    said = text(drawn)
    for words in (
        "Counting again, 25%",
        "Waiting for its turn …",
        "Importing, 1,200 of 8,000 rows",
        "2 figures were wrong and are right now. Which ones one other",
        "Every figure was right.",
        "Figures of closed months are not as they were closed, and can't be counted again. Which ones old",
        "30 stored, 2 rejected",
        "Failed",
        "It broke off; nothing was changed.",
        "Cancelled",
        "anna@example.com",
    ):
        assert words in said, words
    assert [button.children for button in find(drawn, "Button")] == ["Cancel"] * 3
    assert [getattr(bar, "value", None) for bar in find(drawn, "Progress")] == ["4", None, "1200"]


def test_only_owners_end_tasks_or_have_everything_counted_again(profile: Profile, english: Format) -> None:
    assert not find(tasks.tasks([job(profile)], profile, english, False), "Button")
    for found in ([], [job(profile, status="done", result={"differences": 0})]):
        (button,) = find(tasks.tasks(found, profile, english, True), "Button")
        assert button.children == "Count everything again"
        assert not find(tasks.tasks(found, profile, english, False), "Button")
    (cancelled,) = [tasks.tasks([job(profile, cancel_requested=True)], profile, english, True)]
    assert "Being cancelled …" in text(cancelled)
    assert not find(cancelled, "Button")
