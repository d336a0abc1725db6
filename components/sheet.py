"""Tables as data: one component for a whole table, which assets/sheet.js builds in the browser.

What Dash spends on a page grows faster than the number of its components; thousands of cells must
not be thousands of components.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dash import html
from dash.development.base_component import Component

from components.card import attributes
from services.metrics.metric import Value, ratio


@dataclass(frozen=True)
class Action:
    """A button in a cell. `act` is handed to the callbacks that listen to the store `act`."""

    icon: str
    label: str
    act: Mapping[str, Any]


@dataclass(frozen=True)
class Cell:
    """One cell. `style` are its classes, `note` a quiet line below, `bar` the width (percent) of a bar
    behind the text in the colour `ink`, `explain` the words of the figure that it names (see
    components/explain.py), `href` the place where its rows are, and `choose` ("country=DE") what a click on
    it puts into the URL."""

    text: str = ""
    style: str = ""
    note: str = ""
    note_style: str = ""
    title: str = ""
    prefix: str = ""
    bar: float | None = None
    ink: str = ""
    actions: Sequence[Action] = ()
    explain: Mapping[str, str] | None = None
    href: str = ""
    choose: str = ""


@dataclass(frozen=True)
class Column:
    """One column; its `style` goes for all its cells. A `quiet` name is there for screen readers alone."""

    name: str
    style: str = ""
    note: str = ""
    title: str = ""
    quiet: bool = False
    explain: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Line:
    """One row."""

    cells: Sequence[Cell | str]
    style: str = ""


def sheet(
    columns: Sequence[Column],
    lines: Sequence[Line],
    label: str,
    *,
    style: str = "table",
    place: str = "table-scroll",
    heading: int = 0,
    headless: bool = False,
) -> Component:
    """A table with the class `style` in a box of the class `place`, called `label` by screen readers.

    The column of index `heading` holds what each row is about.
    """
    data = {
        "style": style,
        "heading": heading,
        "headless": headless,
        "columns": [_given(vars(column)) for column in columns],
        "lines": [{"style": line.style, "cells": [_cell(cell) for cell in line.cells]} for line in lines],
    }
    return html.Div(
        className=place,
        tabIndex="0",
        role="region",
        **attributes(
            aria_label=label, data_sheet=json.dumps(data, ensure_ascii=False, separators=(",", ":"))
        ),
    )


def width(part: Value, most: Value) -> float:
    """The width (percent) of the bar of `part` where the longest stands for `most`; nothing below zero."""
    return max(round(float(ratio(part, most) or 0) * 100, 1), 0)


def _cell(cell: Cell | str) -> Any:
    if isinstance(cell, str):
        return cell
    return _given(vars(cell) | {"actions": [vars(action) for action in cell.actions]})


def _given(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value or (value == 0 and value is not False)}
