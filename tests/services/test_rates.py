from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from models.database import Database
from models.errors import InvalidInput
from services import rates
from services.rates import Rate


def find(database: Database, currency: str, reporting: str, day: str) -> Rate | None:
    on = date.fromisoformat(day)
    with database.transaction() as tx:
        return rates.needed(tx, {(currency, on)}, reporting).find(currency, reporting, on)


@pytest.mark.parametrize(
    ("day", "found"),
    [
        ("2026-03-26", None),
        ("2026-03-27", "1.25"),  # a Friday
        ("2026-03-29", "1.25"),
        ("2026-04-06", "1.25"),  # ten days later
        ("2026-04-07", None),
    ],
)
def test_the_last_published_rate_holds_for_ten_days(
    database: Database, publish: Callable[..., None], day: str, found: str | None
) -> None:
    publish("USD", "2026-03-27", "1.25")
    rate = find(database, "USD", "EUR", day)
    assert rate == (Rate(1 / Decimal(found), date(2026, 3, 27)) if found else None)


def test_two_currencies_meet_over_the_euro(database: Database, publish: Callable[..., None]) -> None:
    publish("USD", "2026-03-27", "1.25")
    publish("JPY", "2026-03-26", "160")
    assert find(database, "USD", "JPY", "2026-03-28") == Rate(Decimal(128), date(2026, 3, 26))
    assert find(database, "EUR", "JPY", "2026-03-28") == Rate(Decimal(160), date(2026, 3, 26))
    assert find(database, "USD", "KWD", "2026-03-28") is None
    assert find(database, "KWD", "USD", "2026-03-28") is None


def test_the_operators_rate_goes_before_the_ecbs_of_the_same_day(
    database: Database, publish: Callable[..., None]
) -> None:
    publish("USD", "2026-03-26", "4", source="operator")
    publish("USD", "2026-03-27", "2", source="operator")
    publish("USD", "2026-03-27", "1.25")
    publish("USD", "2026-03-28", "1.6")
    found = {day: find(database, "USD", "EUR", f"2026-03-{day}") for day in (26, 27, 28)}
    assert {day: rate and rate.value for day, rate in found.items()} == {
        26: Decimal("0.25"),
        27: Decimal("0.5"),
        28: Decimal("0.625"),
    }


def test_converted_amounts_are_rounded_half_even() -> None:
    rate = Rate(Decimal("0.5"), date(2026, 3, 27))
    amounts = ["0.01", "0.03", "0.05"]
    halves = [rates.converted(Decimal(amount), rate, "EUR") for amount in amounts]
    assert halves == [Decimal("0.00"), Decimal("0.02"), Decimal("0.02")]
    assert rates.converted(Decimal("3"), rate, "JPY") == 2
    assert rates.converted(Decimal("3"), rate, "KWD") == Decimal("1.500")
    assert rates.converted(Decimal("3"), None, "EUR") is None


def test_the_shipped_history_is_loaded_once(database: Database) -> None:
    since = date(2024, 1, 1)
    added = rates.load_shipped(database, since)
    assert added > 1000
    assert rates.load_shipped(database, since) == 0
    (source,) = rates.status(database)
    assert (source["source"], source["rates"]) == ("ecb", added)
    assert find(database, "USD", "EUR", "2024-01-10") is not None


def test_a_file_of_rates_is_taken_and_may_be_corrected(database: Database, tmp_path: Path) -> None:
    file = tmp_path / "rates.csv"
    file.write_text("date,currency,rate\n2026-03-27,usd,2\n2026-03-27,BTC,0.00001\n".replace("BTC", "KWD"))
    assert rates.import_file(database, file) == 2
    file.write_text("\ufeffcurrency,rate,date\nUSD,4,2026-03-27\n", encoding="utf-8")
    assert rates.import_file(database, file) == 1
    rate = find(database, "USD", "EUR", "2026-03-28")
    assert rate is not None
    assert rate.value == Decimal("0.25")
    assert [source["rates"] for source in rates.status(database)] == [2]


def test_bad_lines_are_named_and_nothing_is_stored(database: Database, tmp_path: Path) -> None:
    file = tmp_path / "rates.csv"
    lines = ["2026-03-27,USD,1.25", "27.03.2026,USD,1", "2026-03-27,ABC,1", "2026-03-27,USD,0"]
    lines += ["2026-03-27,USD,NaN", "2026-03-27,USD", "2026-03-27,USD,-1", "2026-03-27,USD,1e10"]
    file.write_text("\n".join(["date,currency,rate", *lines]))
    with pytest.raises(InvalidInput) as refused:
        rates.import_file(database, file)
    assert str(refused.value) == "7 lines can't be taken; nothing was stored."
    assert [problem.pointer for problem in refused.value.problems] == [
        f"line {number}" for number in range(3, 10)
    ]
    assert rates.status(database) == []


@pytest.mark.parametrize("content", [b"", b"date,currency,rate\n", b"\xff\xfe\x00", b"PK\x03\x04\x80"])
def test_files_that_are_no_rates(database: Database, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "rates.csv"
    file.write_bytes(content)
    with pytest.raises(InvalidInput, match=r"rates\.csv"):
        rates.import_file(database, file)


def test_a_file_that_is_not_there(database: Database, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="can't be read: No such file"):
        rates.import_file(database, tmp_path / "none.csv")
