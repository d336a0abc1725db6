"""What an import would book, for looking at before anything is stored: the same rows by the same rules."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from services.imports.account import Account, Rejects, rejected_lines, rejects
from services.imports.booking import BATCH, Progress
from services.imports.costs import costs_of
from services.imports.statements import Layout, Rejected, Statement
from services.imports.transactions import sales_of
from services.ingest.inputs import Cost, Transaction
from services.profiles import Profile

SHOWN = 6
"""Rows shown of those that would be booked."""
LISTED = 100
"""Rejected lines shown; their number is always whole."""


@dataclass(frozen=True)
class Booked:
    """One row as it would be booked. `amount` is positive, in `currency`; `day` is the profile's."""

    day: date
    description: str
    category: str
    amount: Decimal
    currency: str


@dataclass(frozen=True)
class Trial:
    """An import that stored nothing: how the file is read, where its lines would end up, and of those to
    be booked their number, exact sums by currency, earliest and latest day, and the first few."""

    layout: Layout
    account: Account
    rows: int
    sums: Mapping[str, Decimal]
    first: date | None
    last: date | None
    sample: tuple[Booked, ...]
    rejected: tuple[Rejected, ...]


def try_costs(
    profile: Profile,
    path: Path,
    statement: Statement,
    category: str,
    progress: Progress = lambda rows: None,
) -> Trial:
    """What import_costs would book; `progress` is told now and then how many rows were seen."""
    account = Account(notes=list(statement.layout.notes))
    with rejects(account, path) as rejected:
        found = costs_of(profile, statement, category, account, rejected)
        booked = (_cost(profile, cost) for cost in found)
        return _sum_up(statement, account, rejected, booked, progress)


def try_transactions(
    profile: Profile,
    path: Path,
    statement: Statement,
    kind: str,
    progress: Progress = lambda rows: None,
) -> Trial:
    """What import_transactions would book; refunds are counted, their sales are looked for by the import.
    `progress` as for costs."""
    account = Account(notes=list(statement.layout.notes))
    refunds: list[object] = []
    with rejects(account, path) as rejected:
        found = sales_of(profile, statement, kind, account, rejected, refunds.append)
        booked = (_sale(profile, sale) for sale in found)
        trial = _sum_up(statement, account, rejected, booked, progress)
    if refunds:
        account.places["refund of a sale"] += len(refunds)
    return trial


def _sum_up(
    statement: Statement, account: Account, rejected: Rejects, found: Iterable[Booked], progress: Progress
) -> Trial:
    sums: dict[str, Decimal] = defaultdict(Decimal)
    sample: list[Booked] = []
    days: list[date] = []
    rows = 0
    for row in found:
        rows += 1
        if rows % BATCH == 0:
            progress(rows)
        sums[row.currency] += row.amount
        days = [min(*days, row.day), max(*days, row.day)] if days else [row.day, row.day]
        if len(sample) < SHOWN:
            sample.append(row)
    rejected.close()
    first, last = days or (None, None)
    lines = tuple(rejected_lines(account, LISTED))
    return Trial(statement.layout, account, rows, dict(sums), first, last, tuple(sample), lines)


def _cost(profile: Profile, cost: Cost) -> Booked:
    currency = cost.currency or profile.currency
    return Booked(cost.expense_date, cost.description, cost.category, cost.amount, currency)


def _sale(profile: Profile, sale: Transaction) -> Booked:
    when = sale.transaction_date
    assert when is not None
    day = when.astimezone(profile.tz).date() if isinstance(when, datetime) else when
    what = sale.item_name or sale.counterparty_id or ""
    return Booked(day, what, sale.transaction_type, sale.amount, sale.currency or profile.currency)
