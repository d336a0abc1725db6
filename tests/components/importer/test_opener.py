"""The button that opens the importer."""

from components.importer import opener
from components.importer.kinds import KINDS
from services.access import COSTS_WRITE, EVENTS_WRITE
from tests.components.importer.found import KIND
from tests.components.text import text


def test_who_may_only_read_gets_no_button() -> None:
    assert opener.opener(KIND, False) is None
    assert text(opener.opener(KIND, True)) == "Import a file"
    assert (KIND.scope, KINDS["transactions"].scope) == (COSTS_WRITE, EVENTS_WRITE)
