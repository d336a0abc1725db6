"""The P&L as a file is the P&L of the page and of the API, to the cent."""

import csv
import io
import json
from decimal import Decimal

import pytest

from tests.browser.conftest import Person, World

pytestmark = pytest.mark.browser


def test_the_csv_agrees_with_the_api_and_the_page(person: Person, world: World) -> None:
    person.sign_in("alice")
    person.open("/pnl?period=12m&granularity=month")
    person.sees("Export CSV", "main")
    link = str(
        person.wait.until(
            lambda _: person.run("return document.querySelector('#pnl-export a').getAttribute('href')")
        )
    )
    status, text = person.fetch(link)
    assert status == 200
    rows = {row["line"]: row for row in csv.DictReader(io.StringIO(text))}
    _, answer = person.fetch(f"/api/pnl/{world.anna.profile_id}?period=12m&granularity=month")
    statement = json.loads(answer)
    assert len(statement["lines"]) == len(rows) > 10
    for line in statement["lines"]:
        row = rows[line["key"]]
        cells = [row[column["from"]] for column in statement["columns"]]
        assert cells == ["" if value is None else str(value) for value in line["values"]], line["key"]
        assert row["total"] == ("" if line["total"] is None else str(line["total"]))
        if line["unit"] == "money":
            assert row["currency"] == "EUR"
    shown = iter(person.run(_ROWS))
    for line in statement["lines"]:
        cells = next(row for row in shown if row[0] == line["label"])
        if line["unit"] == "money" and Decimal(line["total"]):
            signed = -Decimal(line["total"]) if line["less"] else Decimal(line["total"])
            assert f"{signed:,.2f}".replace("-", "\N{MINUS SIGN}") in cells, line["key"]
    person.sees("These amounts are in no sum", "main")
    person.sees("USD", "main")


_ROWS = """
return [...document.querySelectorAll("main table tr")].map((row) =>
  [...row.cells].map((cell) => cell.innerText.trim().replace(/^less\\s+/, "")));
"""
