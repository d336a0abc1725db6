"""Carries a change out: everything of the profile is moved, converted and counted again."""

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

from sqlalchemy import update

from models.clock import now
from models.database import Database, Transaction
from models.money import check_currency
from models.period import check_zone
from models.schema import profiles
from services import profiles as service
from services.changes import rows
from services.rollups import money, traffic
from services.rollups.closed import closed

Report = Callable[[int, int], None]
"""Is told how many rows are done, of how many; what it raises takes everything back."""


def change(
    database: Database,
    profile_id: UUID,
    time_zone: str,
    currency: str,
    report: Report = lambda done, total: None,
) -> None:
    """Changes the profile to this zone and currency, in one transaction that is the profile's only writer.
    Each row counts twice in what is reported, as it is moved first and counted then. The figures of closed
    months stay on the days that they were counted on.

    Raises InvalidInput for a zone or currency that can't be, and NotFound without such a profile. Whatever
    it raises, the profile is as it was. Done again, it changes nothing.
    """
    zone, reporting = check_zone(time_zone), check_currency(currency)
    with database.transaction() as tx:
        _change(tx, profile_id, zone, reporting, _Progress(report))


def _change(tx: Transaction, profile_id: UUID, zone: str, currency: str, progress: "_Progress") -> None:
    before = service.locked(tx, profile_id)
    after = replace(before, time_zone=zone, currency=currency)
    at = now()
    zone_changes, currency_changes = after.time_zone != before.time_zone, after.currency != before.currency
    months = rows.months(tx, before.profile_id) if zone_changes else {}
    events, sales, costs = sum(months.values()), rows.sales(tx, before.profile_id), 0
    if currency_changes:
        costs = rows.costs(tx, before.profile_id)
    progress.expect(2 * (events + sales) + costs)
    kept = closed(tx, before.profile_id)
    for month, many in months.items():
        rows.move_events(tx, after, month, kept)
        progress.advance(many)
    if zone_changes:
        rows.move_alerts(tx, after, kept)
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
        traffic.rebuild(tx, after.profile_id, at, progress.look)
        progress.advance(events)
    money.rebuild(tx, after.profile_id, at, progress.look)
    progress.advance(sales)
    service.note_change(tx, before, after, at)


class _Progress:
    """Counts the rows that are through."""

    def __init__(self, report: Report):
        self._report = report
        self._done, self._total = 0, 0

    def expect(self, total: int) -> None:
        self._total = total
        self.look()

    def advance(self, rows: int) -> None:
        self._done += rows
        self.look()

    def look(self) -> None:
        """Says the same again, so that whoever is told can stop it here."""
        self._report(self._done, self._total)
