"""Members, tokens and imports as lists."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from components.format import Format
from components.settings import imports, members, tokens
from services.accounts import Member
from services.imports.ledger import Import
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


def test_no_imports_say_how_to_make_one(profile: Profile, english: Format) -> None:
    drawn = text(imports.imports([], profile, english, True, None))
    assert f"manage.py import access-log FILE --profile {profile.profile_id}" in drawn
