"""Imports web server access logs: page requests become views."""

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from uuid import UUID

from models.clock import now
from models.stores import Stores
from services.imports.access_log import Hit, Pages, read
from services.imports.account import Account, rejects
from services.imports.ledger import importing
from services.imports.rejected import Rejected
from services.ingest import events
from services.ingest.events import Fate
from services.ingest.inputs import Event
from services.profiles import Profile

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
    if dry_run:
        for line in lines:
            account.places[_place(line, counted, at)] += 1
        return account
    layout = {"pages": pages}
    with (
        rejects(account, path) as rejected,
        importing(stores, profile, "access-log", path.name, layout, account.places) as import_id,
    ):
        account.import_id = import_id
        batch: list[Hit] = []
        for line in lines:
            place = _place(line, counted, at)
            if place == "page" and isinstance(line, Hit):
                batch.append(line)
            elif place == "not a page":
                account.places[place] += 1
            else:
                rejected.add(line if isinstance(line, Rejected) else _out_of_time(line))
            if len(batch) == _BATCH:
                _store(stores, profile, batch, at, import_id, account)
                progress(account.lines)
                batch = []
        _store(stores, profile, batch, at, import_id, account)
        progress(account.lines)
    return account


def _place(line: Hit | Rejected, pages: Pages, at: datetime) -> str:
    if isinstance(line, Rejected) or not events.EARLIEST <= line.at <= at + events.LEAD:
        return "rejected"
    return "page" if pages.is_page(line) else "not a page"


def _out_of_time(hit: Hit) -> Rejected:
    return Rejected(
        hit.line, f"Its time, {hit.at:%Y-%m-%d %H:%M}, lies in the future or before 1990.", hit.target
    )


def _store(
    stores: Stores, profile: Profile, hits: Sequence[Hit], at: datetime, import_id: UUID, account: Account
) -> None:
    if not hits:
        return
    outcome = events.store(stores, [_event(profile, hit) for hit in hits], at, import_id)
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
