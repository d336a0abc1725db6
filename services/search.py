"""The search box of a list: rows that hold words."""

from sqlalchemy import ColumnElement, func


def holding(text: str | None, *columns: ColumnElement[str]) -> list[ColumnElement[bool]]:
    """The conditions of the rows that hold each word of `text` somewhere in one of these columns, in any
    case of letters; none without a text. Null holds nothing."""
    # One text to look through is quicker than one for each column; no word can reach over a line's end.
    whole = func.concat_ws("\n", *columns)
    return [whole.icontains(word, autoescape=True) for word in (text or "").split()]
