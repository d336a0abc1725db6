"""What is said of an import."""

from collections import Counter
from datetime import date
from uuid import UUID

from components.format import Format
from components.importer import outcome
from services.imports.account import Account
from services.imports.costs import INCOME
from services.imports.statements import Rejected
from services.imports.transactions import COSTS
from services.imports.upload import Imported
from services.profiles import Profile
from tests.components.importer.found import KIND
from tests.components.text import find, text


def test_an_account_can_be_taken_back(profile: Profile, english: Format) -> None:
    places = Counter({"stored": 1_210, "duplicate": 3, INCOME: 2, COSTS: 4, "rejected": 120})
    lines = tuple(Rejected(number, "It has no date.", "") for number in range(100))
    days = date(2022, 1, 2), date(2022, 1, 31)
    done = Imported(Account(places, import_id=UUID(int=5)), lines, *days)
    drawn = outcome.account(done, KIND, "bank.csv", profile, english)
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
    drawn = outcome.account(done, KIND, "bank.csv", profile, english)
    assert "Nothing new was found, so nothing was stored." in text(drawn)
    assert not find(drawn, "Button")
