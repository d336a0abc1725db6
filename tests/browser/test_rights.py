"""What an owner asks about the data in the settings: all of it, a visitor gone, the profile gone."""

import io
from zipfile import ZipFile

import pytest
from sqlalchemy import func, select

from models.clock import now
from models.errors import NotFound
from models.schema import deletions, profile_events
from services import profiles, rollups
from services.rights import shelf
from tests.browser.conftest import PASSWORD, Person, World

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("worker")]
EXPORT, VISITOR, FOUND, DELETE = (
    "#settings-export", "#settings-visitor", "#settings-visitor-found", "#settings-delete",
)  # fmt: skip


def test_a_viewer_is_offered_none_of_it(person: Person, world: World) -> None:
    person.sign_in("bob")
    person.open("/settings/data")
    person.settled()
    assert person.text(EXPORT) == ""
    person.open("/settings/privacy")
    person.settled()
    assert [person.text(part) for part in (VISITOR, DELETE)] == ["", ""]
    for do in ("export", "leave", "forget"):
        person.act(page="settings", do=do, profile=str(world.anna.profile_id), visitor="v1")
        person.sees("This needs the scope admin")
        person.open("/settings/privacy")
        person.settled()
    assert shelf.ready(world.stores, world.anna.profile_id, now()) is None


def test_all_of_it_is_made_and_fetched(person: Person, world: World) -> None:
    person.sign_in("alice")
    person.open("/settings/data")
    person.settled()
    person.click("Export everything: Anna", EXPORT)
    person.sees("Download the export", EXPORT)
    person.sees("rows, to be fetched under", "#settings-tasks")
    status, _ = person.fetch(f"/api/profiles/{world.anna.profile_id}/export")
    assert status == 200
    found = shelf.fetched(world.stores, world.anna.profile_id, now())
    with ZipFile(io.BytesIO(found.path.read_bytes())) as opened:
        assert opened.testzip() is None
        assert "alice@example.com" in opened.read("memberships.csv").decode()
    assert person.findings() == []
    assert person.complaints() == []


def test_a_visitor_is_seen_first_and_deleted_then(person: Person, world: World) -> None:
    person.sign_in("alice")
    person.open("/settings/privacy")
    person.settled()
    person.click("Look", VISITOR)
    person.sees("Say who it is", VISITOR)
    person.fill("Visitor's id", "v1", VISITOR)
    person.click("Look", VISITOR)
    person.sees("This is what there is of them", FOUND)
    person.sees("36, from ", FOUND)
    assert person.findings() == []
    person.click("Delete all of it: v1", FOUND)
    person.sees("Deleted 36 visits and clicks from")
    person.misses("This is what there is", VISITOR)
    assert rollups.verify(world.stores.database, world.anna.profile_id) == []
    assert person.complaints() == []


def test_a_profile_is_deleted_by_name_and_password(person: Person, world: World) -> None:
    """The last: nothing of Anna is left then."""
    person.sign_in("alice")
    person.open("/settings/privacy")
    person.settled()
    person.click("Delete this profile …: Anna", DELETE)
    person.sees("This goes: ", DELETE)
    assert person.findings() == []
    for name, password, sentence in (
        ("Anna", "another password", "The password is another one. Nothing was deleted."),
        ("anna", PASSWORD, "The name is another one. Nothing was deleted."),
    ):
        person.fill("Type the name of the profile: Anna", name, DELETE)
        person.fill("Your password", password, DELETE)
        person.click("Delete it for good", DELETE)
        person.sees(sentence, DELETE)
    person.fill("Type the name of the profile: Anna", "Anna", DELETE)
    person.click("Delete it for good", DELETE)
    person.sees("Anna is deleted.")
    person.sees("This account has no profile yet.")
    with pytest.raises(NotFound):
        profiles.find(world.stores.database, world.anna.profile_id)
    counted = select(func.count()).where(profile_events.c.profile_id == world.anna.profile_id)

    def is_empty(_: object) -> bool:
        with world.stores.database.transaction() as tx:
            emptied = tx.value(select(deletions.c.emptied_at))
            return emptied is not None and tx.value(counted) == 0

    person.wait.until(is_empty)
    person.open("/settings")
    person.sees("This account has no profile yet.")
    person.driver.delete_all_cookies()
    person.sign_in("alice")
    person.sees("This account has no profile yet.")
