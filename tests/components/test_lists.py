"""What stands around a long list."""

from typing import Any

import pytest
from dash import html

from components import lists
from tests.components.text import find, text


def test_a_section_is_where_links_to_rows_lead() -> None:
    section: Any = lists.section("Entries", lists.find("costs-find", "Search", "lamp"), html.P("Rows"))
    assert section.id == "rows"
    assert text(section).endswith("Rows")
    [field] = find(section, "TextInput")
    assert (field.id, field.value) == ("costs-find", "lamp")


@pytest.mark.parametrize(
    ("typed", "found", "differs"),
    [(None, None, False), (" lamp ", "lamp", False), ("lam", "lamp", True), ("lamp", None, True)],
)
def test_what_was_typed_is_compared_with_what_was_looked_for(
    typed: str | None, found: str | None, differs: bool
) -> None:
    assert lists.differs(typed, found) is differs
