"""What a component says, for tests that read it as a person would."""

import json
import re
from typing import Any


def text(component: Any) -> str:
    """All words of a component in order, parts that stand apart separated by a blank."""
    return re.sub(r"\s+", " ", " ".join(_words(component))).replace(" .", ".").strip()


def find(component: Any, kind: str) -> list[Any]:
    """All components of a type, such as "Button", in order."""
    if isinstance(component, list | tuple):
        return [found for part in component for found in find(part, kind)]
    if component is None or isinstance(component, str | int | float):
        return []
    own = [component] if component._type == kind else []
    return own + find(getattr(component, "children", None), kind)


def sheets(component: Any) -> list[dict[str, Any]]:
    """The data of all tables in a component, in order."""
    found = [getattr(part, "data-sheet", None) for part in find(component, "Div")]
    return [json.loads(data) for data in found if data]


def rows(component: Any) -> list[str]:
    """What the rows of its tables say, heads included."""
    return [" ".join(words).strip() for sheet in sheets(component) for words in _rows(sheet)]


def cell(component: Any, row: int, column: int) -> dict[str, Any]:
    """One cell of its first table; rows count without the head."""
    given = sheets(component)[0]["lines"][row]["cells"][column]
    return {"text": given} if isinstance(given, str) else dict(given)


def _words(component: Any) -> list[str]:
    if component is None:
        return []
    if isinstance(component, list | tuple):
        return [word for part in component for word in _words(part)]
    if isinstance(component, str | int | float):
        return [str(component)]
    data = getattr(component, "data-sheet", None)
    if data:
        return [" ".join(words) for words in _rows(json.loads(data))]
    return _words(getattr(component, "children", None))


def _rows(sheet: dict[str, Any]) -> list[list[str]]:
    """The words of each row, as assets/sheet.js writes them."""
    head = [" ".join(filter(None, (column["name"], column.get("note")))) for column in sheet["columns"]]
    return [head] + [[_cell(given) for given in line["cells"]] for line in sheet["lines"]]


def _cell(given: Any) -> str:
    if isinstance(given, str):
        return given
    return (given.get("prefix", "") + " ".join(filter(None, (given.get("text"), given.get("note"))))).strip()
