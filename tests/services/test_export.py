"""CSV that every reader takes: RFC 4180, and no text that a spreadsheet would run."""

import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from services import export

NASTY = ("=1+1", "+49 30", "-x", "@sum(a)", "\tx", "\rx", 'He said "so", twice', "two\r\nlines", "plain")


def test_text_is_guarded_and_read_back_as_one_cell() -> None:
    written = export.table(["text", "number"], [[export.text(each), "-1.50"] for each in NASTY])
    header, *rows = csv.reader(io.StringIO(written, newline=""))
    assert header == ["text", "number"]
    assert [row[0] for row in rows] == [
        *(f"'{each}" for each in NASTY[:6]),
        *NASTY[6:],
    ]


@given(st.text())
def test_a_guarded_text_can_be_had_back(value: str) -> None:
    if not value.startswith("'"):
        assert export.unguarded(export.text(value)) == value


def test_numbers_are_never_guarded_and_none_is_empty() -> None:
    assert export.table(["a"], [["-1.50"], [None], [0]]) == 'a\r\n-1.50\r\n""\r\n0\r\n'
    assert export.table(["a", "b"], [[-1, None]]) == "a,b\r\n-1,\r\n"


def test_quotes_are_doubled_and_lines_end_with_crlf() -> None:
    assert export.table(["a", "b"], [['x"y', "1,5"]]) == 'a,b\r\n"x""y","1,5"\r\n'
