"""Imports web server access logs: page requests become views."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from models.clock import now
from models.errors import PeriodClosed
from models.stores import Stores
from services.imports.access_log import Hit, Pages, read
from services.imports.account import Account, Rejects, rejects
from services.imports.ledger import importing
from services.imports.rejected import Rejected
from services.ingest import events
from services.ingest.events import Fate
from services.ingest.inputs import Event
from services.profiles import Profile
from services.rollups.closed import Closed, Month, closed, reason

_BATCH = 5_000


def import_access_log(
    stores: Stores,
    profile: Profile,
    path: Path,
    pages: str | None = None,
    progress: Callable[[int], None] = lambda lines: None,
    dry_run: bool = False,
) -> Account:
    """Stores the page requests of the log at `path` as views; `pages` is a pattern of the paths that count.

    Every line ends up stored, duplicate, bot, not a page or rejected. Raises InvalidInput when the
    file is no access log; nothing is stored then.
    """
    counted, account, at = Pages(pages), Account(), now()
    lines = read(path)
    with stores.database.transaction() as tx:
        months = closed(tx, profile.profile_id)
    taken = _Taken(profile, months, at)
    if dry_run:
        late = 0
        for line in lines:
            account.places[_place(line, counted, taken)] += 1
            late += isinstance(line, Hit) and taken.month(line.at) is not None
        if late:
            account.notes.append(f"{late:,} lines lie in months that are closed, and can't be taken.")
        return account
    layout = {"pages": pages}
    with (
        rejects(account, path) as rejected,
        importing(stores, profile, "access-log", path.name, layout, account.places) as import_id,
    ):
        account.import_id = import_id
        batch: list[Hit] = []
        for line in lines:
            place = _place(line, counted, taken)
            if place == "page" and isinstance(line, Hit):
                batch.append(line)
            elif place == "not a page":
                account.places[place] += 1
            else:
                rejected.add(line if isinstance(line, Rejected) else taken.rejected(line))
            if len(batch) == _BATCH:
                _store(stores, profile, batch, at, import_id, account, rejected)
                progress(account.lines)
                batch = []
        _store(stores, profile, batch, at, import_id, account, rejected)
        progress(account.lines)
    return account


@dataclass(frozen=True)
class _Taken:
    """Which times can be taken."""

    profile: Profile
    closed: Closed
    now: datetime

    def refusal(self, at: datetime) -> str | None:
        """Why a hit of this time can't be; None when it can."""
        if not events.EARLIEST <= at <= self.now + events.LEAD:
            return f"Its time, {at:%Y-%m-%d %H:%M}, lies in the future or before 1990."
        month = self.month(at)
        return reason(month) if month else None

    def month(self, at: datetime) -> Month | None:
        """The closed month that it lies in."""
        return self.closed.holding(self.profile.local_date(at), at)

    def rejected(self, hit: Hit) -> Rejected:
        return Rejected(hit.line, self.refusal(hit.at) or "", hit.target)


def _place(line: Hit | Rejected, pages: Pages, taken: _Taken) -> str:
    if isinstance(line, Rejected) or taken.refusal(line.at):
        return "rejected"
    return "page" if pages.is_page(line) else "not a page"


def _store(
    stores: Stores,
    profile: Profile,
    hits: Sequence[Hit],
    at: datetime,
    import_id: UUID,
    account: Account,
    rejected: Rejects,
) -> None:
    if not hits:
        return
    try:
        outcome = events.store(stores, [_event(profile, hit) for hit in hits], at, import_id)
    except PeriodClosed as error:
        # A month was closed after the first look.
        late = {int(problem.pointer.split("/")[2]): problem.detail for problem in error.problems}
        for index, why in late.items():
            rejected.add(Rejected(hits[index].line, why, hits[index].target))
        left = [hit for index, hit in enumerate(hits) if index not in late]
        _store(stores, profile, left, at, import_id, account, rejected)
    else:
        for fate in Fate:
            account.places[fate.value] += outcome.count(fate)


def _event(profile: Profile, hit: Hit) -> Event:
    agent = hit.user_agent[:2000] if hit.user_agent else None
    return Event(
        id=UUID(hex=hit.key),
        profile_id=profile.profile_id,
        event_type="view",
        timestamp=hit.at,
        ip=hit.address,
        # A log that holds names instead of addresses tells its visitors apart by those.
        visitor_id=None if hit.address else f"{hit.ip[:100]} {(agent or '')[:99]}".strip() or None,
        user_agent=agent,
        referrer=hit.referrer[:4000] if hit.referrer else None,
        url=hit.target[:4000],
    )
