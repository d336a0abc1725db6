"""A statement is looked at on the page, imported, and taken back."""

from pathlib import Path

import pytest
from sqlalchemy import func, select

from models.schema import cost_entries
from tests.browser.conftest import Person, World

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("worker")]
EXPORTS = Path(__file__).parents[1] / "data" / "exports"
PLACE = ".importer"
EITHER = "Date,What,Currency,Amount\n01/02/2024,Lamp,CAD,-10.00\n03/02/2024,Chair,CAD,-20.50\n"


def stored(world: World) -> int:
    """How many costs Anna has."""
    mine = cost_entries.c.profile_id == world.anna.profile_id
    with world.stores.database.transaction() as tx:
        return int(tx.value(select(func.count()).select_from(cost_entries).where(mine)) or 0)


def attach(person: Person, path: Path) -> None:
    """Chooses the file, as the browser's dialog would."""
    person.sees("or drop it here", PLACE)
    field = person.driver.find_element("css selector", f"{PLACE} input[type=file]")
    person.run("arguments[0].value = ''", field)
    field.send_keys(str(path))


@pytest.fixture
def opened(person: Person, world: World) -> Person:
    """Alice with the importer open on the page of the costs."""
    person.sign_in("alice")
    person.open("/costs?period=all")
    person.click("Import a file", "main")
    person.sees("Import costs from a file", PLACE)
    return person


def test_a_real_statement_is_seen_imported_and_taken_back(opened: Person, world: World) -> None:
    person, before = opened, stored(world)
    attach(person, EXPORTS / "ocbc_history.csv")
    person.sees("ocbc_history.csv: 8 rows", PLACE)
    person.sees("UBER EATS", PLACE)
    assert "173.28" in person.text(PLACE)
    assert stored(world) == before

    person.click("Import 8 rows", PLACE)
    person.sees("8 rows imported.", PLACE)
    person.sees("UBER EATS", "#costs-entries")
    assert "or drop it here" not in person.text(PLACE)
    assert stored(world) == before + 8

    person.click("Import a file", "main")
    attach(person, EXPORTS / "ocbc_history.csv")
    person.click("Import 8 rows", PLACE)
    person.sees("Nothing new was found, so nothing was stored.", PLACE)
    person.sees("There already, not doubled: 8", PLACE)
    assert stored(world) == before + 8
    assert "Undo" not in person.text(PLACE)


def test_undo(opened: Person, world: World) -> None:
    person, before = opened, stored(world)
    attach(person, EXPORTS / "amex_uk_card.csv")
    person.sees("Can't be taken: 3.", PLACE)
    person.sees("It is pending.", PLACE)
    person.sees("Income, left for an import on Revenue: 1", PLACE)
    person.click("Import 9 rows", PLACE)
    person.sees("9 rows imported.", PLACE)
    person.click("Undo", PLACE)
    person.sees("Taken back: 9 rows of amex_uk_card.csv.")
    person.misses("ROYAL LONDON", "#costs-entries")
    assert stored(world) == before
    assert person.complaints() == []


def test_what_the_file_does_not_say_is_asked(opened: Person, world: World, tmp_path: Path) -> None:
    person, before = opened, stored(world)
    file = tmp_path / "either.csv"
    file.write_text(EITHER, encoding="utf-8")
    attach(person, file)
    person.sees("day/month or month/day?", PLACE)
    assert person.text(f"{PLACE} .button.filled") == ""
    assert person.findings() == []
    person.choose("Date order", "Day, month, year", PLACE)
    person.sees("either.csv: 2 rows, Feb 1 – Feb 3, 2024", PLACE)
    person.choose("Category where none is named", "Marketing", PLACE)
    person.sees("Marketing", f"{PLACE} table")
    person.click("Import 2 rows", PLACE)
    person.sees("2 rows imported.", PLACE)
    assert stored(world) == before + 2
    person.click("Show them", PLACE)
    person.sees("2 entries", "#costs-entries")
    assert "from=2024-02-01" in person.driver.current_url
    assert person.complaints() == []


def test_what_is_no_statement_gets_a_sentence(opened: Person, world: World, tmp_path: Path) -> None:
    person, before = opened, stored(world)
    for name, content, sentence in (
        ("photo.csv", b"\x89PNG\r\n\x1a\n\x00\x00", "photo.csv can't be imported."),
        ("empty.csv", b"", "empty.csv is empty."),
        ("words.csv", b"Hello\nthere\n", "No rows with a date and an amount were found"),
        ("large.csv", b"2024-01-01,x,-1\n" * 200_000, "large.csv is larger than 3 MB"),
    ):
        file = tmp_path / name
        file.write_bytes(content)
        attach(person, file)
        person.sees(sentence, PLACE)
        assert person.text(f"{PLACE} .button.filled") == ""
    assert stored(world) == before
    assert person.complaints() == []


def test_a_viewer_is_offered_no_import(person: Person, world: World) -> None:
    person.sign_in("bob")
    person.open("/costs?period=all")
    person.settled()
    assert "Import" not in person.text("main")


def test_income_is_imported_on_its_own_page(person: Person, world: World) -> None:
    person.sign_in("alice")
    person.open("/revenue?period=7d")
    person.click("Import a file", "main")
    attach(person, EXPORTS / "stripe_payments_default.csv")
    person.sees("stripe_payments_default.csv: 5 rows", PLACE)
    person.choose("It is income from", "Gifts", PLACE)
    person.sees("Gifts", f"{PLACE} table")
    person.click("Import 5 rows", PLACE)
    person.sees("5 rows imported.", PLACE)
    person.click("Show them", PLACE)
    person.sees("Big Event 2021", "#revenue-rows")
    person.click("Import a file", "main")
    attach(person, EXPORTS / "stripe_payments_default.csv")
    person.click("Import 5 rows", PLACE)
    person.sees("5 of 5 transactions can't be taken; nothing was stored.", PLACE)
    person.choose("It is income from", "Gifts", PLACE)
    person.click("Import 5 rows", PLACE)
    person.sees("There already, not doubled: 5", PLACE)
    assert person.complaints() == []


def test_an_import_on_its_way_survives_a_reload_and_is_cancelled(opened: Person, world: World) -> None:
    person, before = opened, stored(world)
    attach(person, EXPORTS / "ocbc_history.csv")
    person.sees("ocbc_history.csv: 8 rows", PLACE)
    with world.stores.database.transaction() as tx:
        # Another writer, whom the import has to wait for.
        tx.lock_profile(world.anna.profile_id)
        person.click("Import 8 rows", PLACE)
        person.sees("Import of ocbc_history.csv", PLACE)
        person.sees("It goes on when you leave this page", PLACE)
        assert "or drop it here" not in person.text(PLACE)
        assert "UBER EATS" not in person.text(PLACE)
        person.open("/costs?period=all")
        person.sees("Import of ocbc_history.csv", PLACE)
        assert person.findings() == []
        person.open(f"/costs?profile={world.anna.profile_id}&period=30d")
        person.click("Cancel", PLACE)
        person.sees("Cancelled. Nothing of it was kept.", PLACE)
    assert stored(world) == before
    person.click("Done", PLACE)
    person.wait.until(lambda _: person.text(PLACE) == "")
    assert person.complaints() == []
