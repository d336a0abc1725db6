"""The records of a CSV file, read as a stream, each with the line where it begins."""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

LONGEST_RECORD = 60
"""Lines that one quoted cell may span; a quote that stays open longer is a stray one."""


@dataclass(frozen=True, slots=True)
class Record:
    """`line` counts from 1, `text` is the record as written without its line end, `cells` its fields."""

    line: int
    text: str
    cells: list[str]


def split(text: str, delimiter: str) -> list[str]:
    """The fields of one record; quotes are doubled, or escaped by a backslash, or stray."""
    if '"' not in text or text.count('"') % 2:
        return text.split(delimiter)
    escape = "\\" if '\\"' in text and '""' not in text.replace('\\""', "") else None
    for quoting in (csv.QUOTE_MINIMAL, csv.QUOTE_NONE):
        reader = csv.reader(
            [text],
            delimiter=delimiter,
            quoting=quoting,
            escapechar=escape,
            skipinitialspace=delimiter != "\t",
        )
        try:
            rows = list(reader)
        except csv.Error:
            continue
        if len(rows) == 1:
            return rows[0]
    return text.split(delimiter)


def logical_lines(lines: Iterable[str], delimiter: str, start: int = 1) -> Iterator[tuple[int, str]]:
    """Lines put together where a quoted cell spans several -> (number of the first, text).

    A quote that never closes, or that swallows lines which look like records of their own, is a stray one.
    """
    waiting: list[tuple[int, str]] = []
    odd = False
    usual = swallowed = 0
    for number, raw in enumerate(lines, start):
        line = raw.rstrip("\n")
        if not waiting:
            if '"' not in line:
                usual = line.count(delimiter)
                yield number, line
            elif line.count('"') % 2 == 0:
                yield number, line
            else:
                waiting, odd, swallowed = [(number, line)], True, 0
            continue
        waiting.append((number, line))
        swallowed += '"' not in line and usual > 1 and line.count(delimiter) == usual
        if line.count('"') % 2:
            odd = not odd
        if not odd:
            yield waiting[0][0], "\n".join(text for _, text in waiting)
            waiting = []
        elif len(waiting) > LONGEST_RECORD or swallowed > 1:
            yield from _apart(waiting, delimiter)
            waiting, odd = [], False
    yield from _apart(waiting, delimiter)


def _apart(waiting: list[tuple[int, str]], delimiter: str) -> Iterator[tuple[int, str]]:
    """The lines after a quote that never closes, each by itself; a later quoted cell still holds together."""
    if not waiting:
        return
    (number, text), *others = waiting
    yield number, text
    yield from logical_lines((line for _, line in others), delimiter, number + 1)


def records(lines: Iterable[str], delimiter: str, unwrap: bool = False, start: int = 1) -> Iterator[Record]:
    """The records of a file; `unwrap` takes off the quotes around whole lines that some programs add."""
    for number, text in logical_lines(lines, delimiter, start):
        if unwrap and len(text) > 1 and text[0] == '"' == text[-1]:
            inner = text[1:-1].replace('""', '"')
            yield Record(number, text, split(inner, delimiter))
        else:
            yield Record(number, text, split(text, delimiter))
