"""What the importer asks, and what it makes of the answers."""

from base64 import b64encode

import pytest

from components.format import Format
from components.importer import chooser, trial
from components.importer.kinds import KINDS
from models.errors import InvalidInput, Problem
from services.imports.statements import Overrides
from services.imports.upload import Look
from services.profiles import Profile
from tests.components.importer.found import KIND, tried
from tests.components.text import find, text


def data_url(content: bytes) -> str:
    return f"data:text/csv;base64,{b64encode(content).decode()}"


def test_all_that_is_told_reaches_the_reader() -> None:
    columns = {"date": "1", "amount": None, "currency": "3", "date_order": "9"}
    told = {"date_order": "dmy", "decimal": None, "currency": "USD", "choice": "marketing", "mapping": "x"}
    upload = chooser.upload_of(KIND, "bank.csv", data_url(b"a,b"), columns, told)
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
    assert chooser.upload_of(KIND, None, data_url(b""), {}, {"choice": "booking"}).choice == "tools"


@pytest.mark.parametrize("contents", ["data:;base64,%%%", "data:;base64,abc", "", "data:;base64,é"])
def test_what_did_not_arrive_whole_is_refused(contents: str) -> None:
    if not contents:
        assert chooser.upload_of(KIND, "x", contents, {}, {}).content == b""
        return
    with pytest.raises(InvalidInput, match="did not arrive whole"):
        chooser.upload_of(KIND, "x", contents, {}, {})


def test_what_can_not_be_told_is_asked(english: Format) -> None:
    problem = InvalidInput("Which column is money out?", (Problem("debit", "Which?"),))
    found = Look(("a", "b"), None, problem)
    assert chooser.asked(found) == {"debit", "credit"}
    assert chooser.asked(Look((), tried())) == frozenset()
    assert text(trial.preview(KIND, "x.csv", found, english)) == "Which column is money out?"
    assert trial.ready(found) is None


def test_every_field_has_a_label(profile: Profile) -> None:
    for kind in KINDS.values():
        fields = find(chooser.chooser(kind, profile), "Select")
        assert all(field.label for field in fields)
        assert len({str(field.id) for field in fields}) == len(fields) == 13
