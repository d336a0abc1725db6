"""The importer: what it asks, shows and says."""

from base64 import b64encode
from collections import Counter
from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest

from components import importer
from components.format import Format
from components.importer import KINDS
from models.errors import InvalidInput, Problem
from services.access import COSTS_WRITE, EVENTS_WRITE
from services.imports.account import Account
from services.imports.costs import INCOME
from services.imports.statements import Layout, Overrides, Rejected
from services.imports.transactions import COSTS
from services.imports.trial import Booked, Trial
from services.imports.upload import Imported, Look
from services.profiles import Profile
from tests.components.text import find, rows, text

KIND = KINDS["costs"]
LAYOUT = Layout(
    "UTF-8", ";", 1, {"date": "Tag", "amount": "Betrag", "description": "Zweck"}, ",", "dmy", "EUR"
)
BOOKED = Booked(date(2026, 3, 1), "=Lamp", "platform_fees", Decimal("1234.50"), "EUR")


def trial(rows: int = 1, **places: int) -> Trial:
    account = Account(Counter({name.replace("_", " "): many for name, many in places.items()}), ["Noted."])
    refused = (Rejected(7, "It has no date.", "x;y"),) if places.get("rejected") else ()
    sums = {"EUR": Decimal("1234.50"), "USD": Decimal(5)}
    return Trial(LAYOUT, account, rows, sums, date(2026, 3, 1), date(2026, 3, 31), (BOOKED,), refused)


def data_url(content: bytes) -> str:
    return f"data:text/csv;base64,{b64encode(content).decode()}"


def test_who_may_only_read_gets_no_button() -> None:
    assert importer.opener(KIND, False) is None
    assert text(importer.opener(KIND, True)) == "Import a file"
    assert (KIND.scope, KINDS["transactions"].scope) == (COSTS_WRITE, EVENTS_WRITE)


def test_all_that_is_told_reaches_the_reader() -> None:
    columns = {"date": "1", "amount": None, "currency": "3", "date_order": "9"}
    told = {"date_order": "dmy", "decimal": None, "currency": "USD", "choice": "marketing", "mapping": "x"}
    upload = importer.upload_of(KIND, "bank.csv", data_url(b"a,b"), columns, told)
    assert (upload.kind, upload.name, upload.content, upload.choice) == (
        "costs",
        "bank.csv",
        b"a,b",
        "marketing",
    )
    assert upload.overrides == Overrides(
        mapping={"date": "1", "currency": "3"}, date_order="dmy", currency="USD"
    )


def test_a_choice_that_is_none_is_the_usual_one() -> None:
    assert importer.upload_of(KIND, None, data_url(b""), {}, {"choice": "booking"}).choice == "tools"


@pytest.mark.parametrize("contents", ["data:;base64,%%%", "data:;base64,abc", "", "data:;base64,é"])
def test_what_did_not_arrive_whole_is_refused(contents: str) -> None:
    if not contents:
        assert importer.upload_of(KIND, "x", contents, {}, {}).content == b""
        return
    with pytest.raises(InvalidInput, match="did not arrive whole"):
        importer.upload_of(KIND, "x", contents, {}, {})


def test_a_preview_says_what_would_be_booked(english: Format) -> None:
    found = Look(("Tag", "", "Betrag"), trial(2, rejected=1, no_transaction=3))
    drawn = importer.preview(KIND, "C:\\bank.csv", found, english)
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
    assert importer.ready(found) == "Import 2 rows"
    assert importer.column_choices(found) == [
        {"value": "1", "label": "Tag"},
        {"value": "2", "label": "Column 2"},
        {"value": "3", "label": "Betrag"},
    ]


def test_nothing_to_book_offers_no_import(english: Format) -> None:
    found = Look((), trial(0))
    assert importer.ready(found) is None
    assert "Nothing in this file is a cost." in text(importer.preview(KIND, "x.csv", found, english))


def test_refunds_alone_can_be_imported() -> None:
    assert importer.ready(Look((), trial(0, refund_of_a_sale=1))) == "Import 1 row"


def test_what_can_not_be_told_is_asked(english: Format) -> None:
    problem = InvalidInput("Which column is money out?", (Problem("debit", "Which?"),))
    found = Look(("a", "b"), None, problem)
    assert importer.asked(found) == {"debit", "credit"}
    assert importer.asked(Look((), trial())) == frozenset()
    assert text(importer.preview(KIND, "x.csv", found, english)) == "Which column is money out?"
    assert importer.ready(found) is None


def test_an_account_can_be_taken_back(profile: Profile, english: Format) -> None:
    places = Counter({"stored": 1_210, "duplicate": 3, INCOME: 2, COSTS: 4, "rejected": 120})
    lines = tuple(Rejected(number, "It has no date.", "") for number in range(100))
    days = date(2022, 1, 2), date(2022, 1, 31)
    done = Imported(Account(places, import_id=UUID(int=5)), lines, *days)
    drawn = importer.account(done, KIND, "bank.csv", profile, english)
    said = text(drawn)
    for words in (
        "1,210 rows imported.",
        "There already, not doubled: 3",
        "Income, left for an import on Revenue: 2",
        "Costs, left for an import on Costs: 4",
        "Can't be taken: 120. The first 100 are listed.",
    ):
        assert words in said
    [undo] = find(drawn, "Button")
    assert getattr(undo, "data-act") == (
        f'{{"page": "import", "do": "undo", "kind": "costs", "import": "{UUID(int=5)}"}}'
    )
    [link] = find(drawn, "A")
    assert link.href == f"/costs?profile={profile.profile_id}&from=2022-01-02&to=2022-01-31#rows"


def test_an_import_of_nothing_new_has_nothing_to_take_back(profile: Profile, english: Format) -> None:
    done = Imported(Account(Counter({"duplicate": 8}), import_id=UUID(int=5)), ())
    drawn = importer.account(done, KIND, "bank.csv", profile, english)
    assert "Nothing new was found, so nothing was stored." in text(drawn)
    assert not find(drawn, "Button")


def test_every_field_has_a_label(profile: Profile) -> None:
    for kind in KINDS.values():
        fields = find(importer.chooser(kind, profile), "Select")
        assert all(field.label for field in fields)
        assert len({str(field.id) for field in fields}) == len(fields) == 13
