"""Tables as data: what assets/sheet.js is given."""

import json
from decimal import Decimal
from typing import Any

import pytest

from components.sheet import Action, Cell, Column, Line, sheet, width


def given(*lines: Line) -> dict[str, Any]:
    table = sheet([Column("Name"), Column("Sum", "number")], lines, "Sums")
    data: dict[str, Any] = json.loads(getattr(table, "data-sheet"))
    return data


def test_plain_cells_stay_plain() -> None:
    assert given(Line(["Anna", "3"]))["lines"] == [{"style": "", "cells": ["Anna", "3"]}]


def test_only_what_is_set_is_sent() -> None:
    cells = given(Line([Cell("Anna", note="since May"), Cell("3", "zero")]))["lines"][0]["cells"]
    assert cells == [{"text": "Anna", "note": "since May"}, {"text": "3", "style": "zero"}]


def test_a_bar_of_nothing_is_still_a_bar() -> None:
    cells = given(Line([Cell("Anna", bar=0.0, ink="gifts"), "3"]))["lines"][0]["cells"]
    assert cells[0] == {"text": "Anna", "bar": 0.0, "ink": "gifts"}


def test_bars_are_as_long_as_their_part_of_the_longest() -> None:
    assert [width(part, Decimal(8)) for part in (8, Decimal("1.4"), 0, None, -3)] == [100.0, 17.5, 0, 0, 0]
    assert width(Decimal(0), Decimal(0)) == 0


def test_buttons_carry_what_they_ask_for() -> None:
    delete = Action("trash", "Delete Anna", {"do": "delete"})
    cells = given(Line(["Anna", Cell(actions=[delete])]))["lines"][0]["cells"]
    assert cells[1]["actions"] == [{"icon": "trash", "label": "Delete Anna", "act": {"do": "delete"}}]


@pytest.mark.parametrize("text", ["<b>&amp;</b>", "\u202eabc", "مها", 'a"b', "a\u2028b", "</script>"])
def test_any_text_arrives_as_it_is(text: str) -> None:
    assert given(Line([text, ""]))["lines"][0]["cells"][0] == text


def test_it_can_be_reached_and_has_a_name() -> None:
    table = sheet([Column("Name")], [], "Names")
    assert (table.tabIndex, table.role, getattr(table, "aria-label")) == ("0", "region", "Names")
