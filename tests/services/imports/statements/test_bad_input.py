"""What can't be taken gets one plain sentence that says what is wrong, where, or what to tell."""

from pathlib import Path

import pytest

from models.errors import InvalidInput
from services.imports.statements import Overrides, Rejected, Row, preview, read

LOG_LINE = b'192.0.2.7 - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 5 "-" "Agent"\n'
FOREIGN = {
    "empty": (b"", "is empty"),
    "spaces": (b" \n\n \r\n", "is empty"),
    "pdf": (b"%PDF-1.7\n%\xe2\xe3\n1 0 obj", "a PDF document"),
    "xlsx": (b"PK\x03\x04\x14\x00\x06\x00\x08\x00" + bytes(200), "a spreadsheet"),
    "xls": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(200), "an old Excel workbook"),
    "html": (b"\n<!DOCTYPE html><html><body><table><tr><td>1.00</td></tr></table></html>\n", "a web page"),
    "json": (b'[{"date": "2024-01-31", "amount": 1}]\n', "JSON"),
    "xml": (b'<?xml version="1.0"?>\n<rows/>\n', "an XML file"),
    "camt": (
        b'<?xml version="1.0"?>\n<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02">\n',
        "CAMT",
    ),
    "qif": (b"!Type:Bank\nD01/31/2024\nT-5.00\n^\n", "a QIF file"),
    "mt940": (b":20:STARTUMS\n:25:10020030/1234567\n:60F:C240101EUR100,00\n:61:2401310131D5,00N\n", "MT940"),
    "access log": (LOG_LINE * 5, "a web server's access log"),
    "binary": (bytes(range(256)) * 8 + b"\n", "not a text file"),
    "one line": (b"x" * 70_000, "no line ends"),
    "prose": (b"Dear Sir,\nthank you for your letter.\nYours\n", "No rows with a date and an amount"),
}


def _write(folder: Path, content: bytes | str) -> Path:
    file = folder / "statement.csv"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return file


@pytest.mark.parametrize("name", FOREIGN)
def test_a_file_that_is_no_statement_is_named(name: str, tmp_path: Path) -> None:
    content, sentence = FOREIGN[name]
    with pytest.raises(InvalidInput, match=sentence):
        read(_write(tmp_path, content))


def test_no_file_at_all(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="There is no file"):
        read(tmp_path / "missing.csv")
    with pytest.raises(InvalidInput, match="is a directory"):
        read(tmp_path)


def _pointer(file: Path) -> str:
    with pytest.raises(InvalidInput) as caught:
        read(file)
    return caught.value.problems[0].pointer


def test_it_asks_for_the_order_of_day_and_month(tmp_path: Path) -> None:
    file = _write(
        tmp_path, "Date,Description,Amount,Currency\n01/02/2024,a,1.00,CAD\n05/03/2024,b,2.00,CAD\n"
    )
    assert _pointer(file) == "date_order"
    seen = preview(read(file, Overrides(date_order="mdy"))).as_json()
    assert (seen["from"], seen["to"]) == ("2024-01-02", "2024-05-03")


def test_it_asks_for_the_currency_unless_the_profile_has_one(tmp_path: Path) -> None:
    file = _write(tmp_path, "Date,Description,Amount\n2024-01-31,a,1.00\n2024-02-01,b,2.00\n")
    assert _pointer(file) == "currency"
    assert preview(read(file, Overrides(currency="nok"))).as_json()["sums"] == {"NOK": "3.00"}
    assert preview(read(file, fallback_currency="EUR")).as_json()["sums"] == {"EUR": "3.00"}


def test_it_asks_for_the_amount(tmp_path: Path) -> None:
    file = _write(tmp_path, "when;x;y\n2024-01-31;1,50;-2,50\n2024-02-01;-3,00;4,00\n2024-02-05;3,00;4,00\n")
    assert _pointer(file) == "amount"
    seen = preview(read(file, Overrides(mapping={"amount": "y"}, currency="EUR"))).as_json()
    assert seen["sums"] == {"EUR": "5.50"}


def test_what_is_told_is_kept(tmp_path: Path) -> None:
    text = "junk\na;b;c\n01/02/2024;x;1,500\n02/02/2024;y;2,000\n"
    told = Overrides(
        mapping={"amount": "3", "date": "a", "description": "B"},
        delimiter=";",
        decimal=",",
        date_order="dmy",
        currency="KWD",
        header_line=2,
        sign="inverted",
        encoding="windows-1252",
    )
    statement = read(_write(tmp_path, text), told)
    assert statement.layout.mapping["description"] == "b"
    assert statement.layout.encoding == "windows-1252"
    assert preview(statement).as_json()["sums"] == {"KWD": "-3.500"}


@pytest.mark.parametrize(
    ("told", "pointer"),
    [
        (Overrides(mapping={"amount": "Nothing"}), "amount"),
        (Overrides(mapping={"price": "Amount"}), "price"),
        (Overrides(currency="EURO"), "currency"),
        (Overrides(encoding="utf-99"), "encoding"),
        (Overrides(delimiter=";;"), "delimiter"),
        (Overrides(header_line=99), "header_line"),
    ],
    ids=lambda v: v if isinstance(v, str) else "",
)
def test_telling_something_impossible(told: Overrides, pointer: str, tmp_path: Path) -> None:
    file = _write(tmp_path, "Date,Description,Amount,Currency\n2024-01-31,a,1.00,EUR\n")
    with pytest.raises(InvalidInput) as caught:
        read(file, told)
    assert caught.value.problems[0].pointer == pointer


ROWS = [
    ("2024-13-31,a,1.00,EUR", "The date '2024-13-31' can't be read."),
    ("2024-01-31,a,abc,EUR", "The amount 'abc' can't be read."),
    (
        "2024-01-31,a,123456789012345678901234567890,EUR",
        "The amount must be a number below 1,000,000,000,000.",
    ),
    ("2024-01-31,a,1000000000000,EUR", "The amount must be a number below 1,000,000,000,000."),
    ("2024-01-31,a,1.005,EUR", "EUR has 2 decimals; 1.005 can't be an amount of it."),
    ("2024-01-31,a,1.00,EUX", "There is no currency 'EUX'."),
    (",a,1.00,EUR", "It has no date."),
    ("2024-01-31,a\x00b,1.00,EUR", "The line holds a NUL byte."),
]


@pytest.mark.parametrize(("line", "reason"), ROWS, ids=[r for _, r in ROWS])
def test_a_bad_row_is_rejected_alone(line: str, reason: str, tmp_path: Path) -> None:
    good = "2024-01-30,ok,2.00,EUR\n" * 5
    file = _write(tmp_path, f"Date,Description,Amount,Currency\n{good}{line}\n2024-02-01,ok,3.00,EUR\n")
    items = list(read(file))
    bad = [item for item in items if not isinstance(item, Row)]
    assert [(b.line, b.reason, type(b)) for b in bad] == [(7, reason, Rejected)]
    assert bad[0].text == line.replace("\x00", " ")
    assert len(items) == 7


def test_lines_that_are_no_transactions_are_skipped_with_a_reason(tmp_path: Path) -> None:
    head = "Date,Description,Amount,Currency\n"
    text = (
        f"{head}2024-01-30,a,2.00,EUR\n{head}2024-01-31,Closing balance,9.00,EUR\n"
        "Total,,2.00,EUR\n\nEnd of file,,,\n"
    )
    seen = preview(read(_write(tmp_path, text))).as_json()
    assert (seen["rows"], seen["sums"], seen["rejected"]) == (1, {"EUR": "2.00"}, [])
    assert [(s["line"], s["reason"]) for s in seen["skipped"]] == [
        (3, "The header stands here again."),
        (4, "It is a balance, not a transaction."),
        (5, "It is a total, not a transaction."),
        (7, "It is no transaction: it has neither date nor amount."),
    ]


def test_a_shop_named_like_a_balance_is_a_shop(tmp_path: Path) -> None:
    text = "Date,Description,Amount,Currency\n2024-01-30,NEW BALANCE STORE OXFORD STREET,-80.00,GBP\n"
    assert preview(read(_write(tmp_path, text))).rows == 1


def test_a_stray_quote_spoils_no_other_row(tmp_path: Path) -> None:
    rows = "".join(
        f"2024-01-{day:02},{'17' if day != 5 else chr(34) + '17'},1.00,EUR\n" for day in range(1, 32)
    )
    seen = preview(read(_write(tmp_path, "Date,Description,Amount,Currency\n" + rows * 3))).as_json()
    assert seen["rows"] >= 90


def test_a_description_with_unquoted_delimiters(tmp_path: Path) -> None:
    text = "Date,Description,Amount,Currency\n2024-01-30,ok,2.00,EUR\n2024-01-31,ACME, Inc,-5.00,EUR\n"
    rows = [r for r in read(_write(tmp_path, text)) if isinstance(r, Row)]
    assert [r.description for r in rows] == ["ok", "ACME, Inc"]
    assert str(rows[1].amount) == "-5.00"


def test_a_header_without_rows_is_an_empty_statement(tmp_path: Path) -> None:
    seen = preview(
        read(_write(tmp_path, "Date,Description,Amount,Currency\n"), fallback_currency="EUR")
    ).as_json()
    assert (seen["rows"], seen["from"], seen["sums"]) == (0, None, {})


def test_a_code_that_is_no_currency_refuses_its_row_alone(tmp_path: Path) -> None:
    file = tmp_path / "export.csv"
    file.write_text("date,amount,currency\n2026-03-01,5.00,XXX\n2026-03-02,6.00,USDT\n2026-03-03,7.00,EUR\n")
    answer = preview(read(file, Overrides(currency="EUR"))).as_json()
    assert answer["sums"] == {"EUR": "7.00"}
    assert [rejected["line"] for rejected in answer["rejected"]] == [2, 3]
