# ruff: noqa: E501 (one line of figures each)
"""Real exports give the figures that were counted by hand."""

from pathlib import Path
from typing import Any

import pytest

from services.imports.statements import Row, Skipped, preview, read

EXPORTS = Path(__file__).parents[3] / "data" / "exports"
TRUTH: dict[str, dict[str, Any]] = {
    "stripe_payments_default.csv": {
        "encoding": "ASCII", "delimiter": ",", "headerLine": 1, "rows": 5, "sums": {"CAD": "112.50"},
        "positive": {"CAD": "112.50"}, "negative": {}, "fees": {"CAD": "4.78"}, "from": "2021-02-02", "to": "2021-03-16",
    },
    "etsy_statement.csv": {
        "encoding": "UTF-8 with BOM", "rows": 29, "sums": {"USD": "76.38"}, "positive": {"USD": "127.72"},
        "negative": {"USD": "-51.34"}, "positiveRows": 13, "negativeRows": 14, "refundRows": 3, "rowsWithoutAmount": 2,
        "from": "2022-01-18", "to": "2022-03-01",
    },
    "n26_account.csv": {
        "rows": 2, "sums": {"EUR": "0.00"}, "positive": {"EUR": "328.00"}, "negative": {"EUR": "-328.00"},
        "from": "2020-03-07", "to": "2020-03-07",
    },
    "outbank_export.csv": {
        "delimiter": ";", "decimal": ",", "dateOrder": "mdy", "rows": 4, "sums": {"EUR": "-35.89"},
        "positive": {"EUR": "100.00"}, "negative": {"EUR": "-135.89"}, "from": "2019-01-05", "to": "2019-02-20",
        "refundRows": 0,
    },
    "ocbc_history.csv": {
        "headerLine": 6, "rows": 8, "sums": {"SGD": "-173.28"}, "positive": {}, "negative": {"SGD": "-173.28"},
        "from": "2018-04-13", "to": "2018-04-18", "skipped": [],
    },
    "amex_uk_card.csv": {
        "encoding": "UTF-8 with BOM", "rows": 13, "sums": {"GBP": "-399.99"}, "positive": {"GBP": "1100.00"},
        "negative": {"GBP": "-1499.99"}, "rowsWithoutDate": 3, "from": "2019-12-02", "to": "2019-12-12",
    },
    "bank_parentheses_noheader.csv": {
        "headerLine": None, "rows": 9, "sums": {"USD": "6954.57"}, "positive": {"USD": "7183.75"},
        "negative": {"USD": "-229.18"}, "from": "2003-12-24", "to": "2011-12-24",
    },
    "bank_brazil_latin1.csv": {
        "encoding": "ISO-8859-1", "rows": 22, "sums": {"BRL": "805.00"}, "positive": {"BRL": "1300.00"},
        "negative": {"BRL": "-495.00"}, "from": "2012-11-01", "to": "2012-11-05", "skippedRows": 1,
    },
}  # fmt: skip


@pytest.mark.parametrize("name", TRUTH)
def test_an_export_gives_its_figures(name: str) -> None:
    seen = preview(read(EXPORTS / name)).as_json()
    assert {key: seen[key] for key in TRUTH[name]} == TRUTH[name]
    assert seen["rejected"] == []


def test_every_copied_export_is_tested_and_has_its_licence() -> None:
    notice = (EXPORTS / "README.md").read_text()
    files = {file.name for file in EXPORTS.glob("*.csv")}
    assert files == set(TRUTH)
    assert all(f"`{name}`" in notice for name in files)


def test_a_continuation_line_carries_on_the_description() -> None:
    first = next(iter(read(EXPORTS / "ocbc_history.csv")))
    assert isinstance(first, Row)
    assert first.line == 7
    assert first.description == "DEBIT PURCHASE 15/04/18  66-6666 UBER EATS AN2GO HELP.UBERh"


def test_a_refund_points_to_the_order_that_its_text_names() -> None:
    rows = [row for row in read(EXPORTS / "etsy_statement.csv") if isinstance(row, Row)]
    refunds = [row.refers_to for row in rows if row.is_refund]
    assert refunds == ["2233445566", "4455667788", "6677889900"]
    assert [row.reference for row in rows if row.kind == "Sale"] == ["2233445566", "4455667788"]


def test_the_opening_balance_is_named_as_what_it_is() -> None:
    first = next(iter(read(EXPORTS / "bank_brazil_latin1.csv")))
    assert isinstance(first, Skipped)
    assert (first.line, first.reason) == (2, "It is a balance, not a transaction.")


def test_a_statement_can_be_read_again() -> None:
    statement = read(EXPORTS / "n26_account.csv")
    assert list(statement) == list(statement)
