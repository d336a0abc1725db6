"""Carries a change out: everything of the profile is moved, converted and counted again."""

import logging
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from threading import Thread

from sqlalchemy import update

from models.clock import now
from models.database import Database, Transaction
from models.errors import AppError, Unavailable
from models.schema import profiles
from models.stores import Stores
from services import profiles as service
from services.changes import ledger, rows
from services.changes.ledger import Change
from services.rollups import money, traffic

_log = logging.getLogger(__name__)
_PAUSE = 0.3
"""Seconds between two words on the progress."""

Report = Callable[[int, int], None]
"""Is told how many rows are done, of how many."""


def follow(stores: Stores, change: Change) -> Thread:
    """Runs a change that was begun in the background of this process; returns what runs it."""

    def attempt() -> None:
        try:
            run(stores, change)
        except Exception:
            _log.exception("The change %s of the profile %s failed", change.change_id, change.profile_id)

    thread = Thread(target=attempt, name=f"change {change.change_id}", daemon=True)
    thread.start()
    return thread


def run(stores: Stores, change: Change, report: Report = lambda done, total: None) -> None:
    """Carries a change out that was begun, in one transaction that is the profile's only writer.

    Raises Conflict when it is running elsewhere or has ended. Whatever else it raises, the change is
    marked as failed and the profile is as it was.
    """
    taken = False
    try:
        with stores.database.transaction() as tx:
            tx.wait_long()
            ledger.take(tx, change)
            taken = True
            _carry_out(tx, change, _Progress(stores.database, change, report))
    except BaseException as error:
        if taken:
            problem = str(error) if isinstance(error, AppError) else ledger.BROKE_OFF
            ledger.fail(stores.database, change, problem, now())
        raise


def _carry_out(tx: Transaction, change: Change, progress: "_Progress") -> None:
    before = service.locked(tx, change.profile_id)
    after = replace(before, time_zone=change.time_zone, currency=change.currency)
    at = now()
    zone_changes, currency_changes = after.time_zone != before.time_zone, after.currency != before.currency
    months = rows.months(tx, before.profile_id) if zone_changes else {}
    events, sales, costs = sum(months.values()), rows.sales(tx, before.profile_id), 0
    if currency_changes:
        costs = rows.costs(tx, before.profile_id)
    progress.expect(2 * (events + sales) + costs)
    for month, many in months.items():
        rows.move_events(tx, after, month)
        progress.advance(many)
    if zone_changes:
        rows.move_alerts(tx, after)
    found = rows.rates_for(tx, after)
    for many in rows.move_sales(tx, before, after, found, at):
        progress.advance(many)
    if currency_changes:
        for many in rows.convert_costs(tx, after, found, at):
            progress.advance(many)
    tx.run(
        update(profiles)
        .where(profiles.c.profile_id == after.profile_id)
        .values(time_zone=after.time_zone, currency=after.currency, updated_at=at)
    )
    if zone_changes:
        traffic.rebuild(tx, after.profile_id, at)
        progress.advance(events)
    money.rebuild(tx, after.profile_id, at)
    progress.advance(sales)
    ledger.finish(tx, change, progress.total, now())


class _Progress:
    """Counts the rows that are through, and tells it a few times a second at most."""

    def __init__(self, database: Database, change: Change, report: Report):
        self._database, self._change, self._report = database, change, report
        self._done, self.total, self._told = 0, 0, 0.0

    def expect(self, total: int) -> None:
        self.total = total
        self._tell()

    def advance(self, rows: int) -> None:
        self._done += rows
        self._report(self._done, self.total)
        if time.monotonic() - self._told >= _PAUSE:
            self._tell()

    def _tell(self) -> None:
        with suppress(Unavailable):  # it is worth no more than the change itself
            ledger.tell(self._database, self._change, self._done, self.total)
        self._told = time.monotonic()
