"""What is said of a file before it is imported."""

from components.format import Format
from components.importer import chooser, trial
from services.imports.upload import Look
from tests.components.importer.found import KIND, tried
from tests.components.text import rows, text


def test_a_preview_says_what_would_be_booked(english: Format) -> None:
    found = Look(("Tag", "", "Betrag"), tried(2, rejected=1, no_transaction=3))
    drawn = trial.preview(KIND, "C:\\bank.csv", found, english)
    said = text(drawn)
    assert "bank.csv: 2 rows, Mar 1 – Mar 31, 2026, €1,234.50 + $5.00" in said.replace(" :", ":")
    assert "Read as UTF-8 parted by semicolons: dates as day, month, year, “,” as decimal sign" in said
    assert "date from “Tag”, amount from “Betrag”, description from “Zweck”" in said
    assert "which are no bookings: 3" in said
    assert "Noted." in said
    assert "Can't be taken: 1." in said
    assert rows(drawn) == [
        "Date What Category Amount",
        "Mar 1, 2026 =Lamp Platform fees €1,234.50",
        "Line Why What it says",
        "7 It has no date. x;y",
    ]
    assert trial.ready(found) == "Import 2 rows"
    assert chooser.column_choices(found) == [
        {"value": "1", "label": "Tag"},
        {"value": "2", "label": "Column 2"},
        {"value": "3", "label": "Betrag"},
    ]


def test_nothing_to_book_offers_no_import(english: Format) -> None:
    found = Look((), tried(0))
    assert trial.ready(found) is None
    assert "Nothing in this file is a cost." in text(trial.preview(KIND, "x.csv", found, english))


def test_refunds_alone_can_be_imported() -> None:
    assert trial.ready(Look((), tried(0, refund_of_a_sale=1))) == "Import 1 row"
