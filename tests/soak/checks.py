"""What is there after the end, held against what was acknowledged. Each check returns what is wrong."""

import re
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from models.schema import cost_entries, profile_events, transactions
from models.schema import jobs as job_table
from models.stores import Stores
from services import rollups
from services.domain_events.dead import letters
from services.domain_events.stream import Stream
from services.profiles import Profile
from tests.faults.watcher import Watcher
from tests.soak.client import Client
from tests.soak.gauges import KINDS, Gauges
from tests.soak.journal import WEB, Journal

E, T, C, J = profile_events.c, transactions.c, cost_entries.c, job_table.c
_FEW = 5
_LATE = 3.0
_SLACK, _PER_REQUEST = 12_000_000, 2_000
"""Bytes that a process may grow by, and more for each request that was answered meanwhile."""
_MORE_FILES, _MORE_CONNECTIONS = 10, 8


def events(stores: Stores, journal: Journal) -> list[str]:
    """Every event that was acknowledged is there once, and no other."""
    with stores.database.transaction() as tx:
        rows = tx.rows(select(E.id, E.profile_id).where(E.import_id.is_(None)))
        stored = Counter((str(row["id"]), row["profile_id"]) for row in rows)
    return _same("events", Counter(journal.events.items()), stored, journal.open)


def sales(stores: Stores, journal: Journal) -> list[str]:
    """Every transaction is as it was last acknowledged."""
    columns = select(T.id, T.profile_id, T.amount, T.status, T.refunded_amount).where(T.import_id.is_(None))
    with stores.database.transaction() as tx:
        stored = {
            str(row["id"]): (row["profile_id"], row["amount"], row["status"], row["refunded_amount"])
            for row in tx.rows(columns)
        }
    wanted = {
        key: (sale.profile_id, sale.amount, sale.status, sale.refunded) for key, sale in journal.sales.items()
    }
    unsure = journal.open
    wrong = [key for key in wanted if stored.get(key) != wanted[key] and key not in unsure]
    strange = stored.keys() - wanted.keys() - unsure
    found = [f"transaction {key}: {stored.get(key)} in place of {wanted[key]}" for key in wrong[:_FEW]]
    return found + ([f"{len(strange)} transactions that nobody sent"] if strange else [])


def costs(stores: Stores, journal: Journal) -> list[str]:
    with stores.database.transaction() as tx:
        rows = tx.rows(select(C.description, C.profile_id))
    stored = Counter((row["description"], row["profile_id"]) for row in rows)
    return _same("costs", Counter(journal.costs.items()), stored, journal.open)


def imports(stores: Stores, journal: Journal) -> list[str]:
    """Every file that was taken is imported whole and once; no job is left."""
    with stores.database.transaction() as tx:
        rows = tx.rows(
            select(T.profile_id, func.count().label("many"))
            .where(T.import_id.is_not(None))
            .group_by(T.profile_id)
        )
        stored = {row["profile_id"]: row["many"] for row in rows}
        states = Counter(row["status"] for row in tx.rows(select(J.status)))
    wanted: Counter[Any] = Counter()
    for profile_id, many in journal.imported.values():
        wanted[profile_id] += many
    found = [f"imported rows: {stored} in place of {dict(wanted)}"] if stored != dict(wanted) else []
    return found + [f"{many} jobs {status}" for status, many in states.items() if status != "done"]


def logs(stores: Stores, journal: Journal) -> list[str]:
    """Every request of the access logs is there once."""
    with stores.database.transaction() as tx:
        rows = tx.rows(
            select(E.profile_id, func.count().label("many"))
            .where(E.import_id.is_not(None))
            .group_by(E.profile_id)
        )
        stored = {row["profile_id"]: row["many"] for row in rows}
    return (
        [] if stored == dict(journal.logged) else [f"log lines: {stored} in place of {dict(journal.logged)}"]
    )


def sums(stores: Stores, profiles: list[Profile]) -> list[str]:
    """`verify` is clean."""
    return [
        f"{profile.name}: {difference}"
        for profile in profiles
        for difference in rollups.verify(stores.database, profile.profile_id)[:_FEW]
    ]


def figures(stores: Stores, profiles: list[Profile], client: Client) -> list[str]:
    """REST tells what a recount of the raw rows does."""
    found = []
    for profile in profiles:
        mine = (E.profile_id == profile.profile_id, E.event_type == "view", ~E.is_bot, ~E.is_owner)
        paid = (T.profile_id == profile.profile_id, T.status != "pending", T.import_id.is_(None))
        with stores.database.transaction() as tx:
            views = tx.value(select(func.count()).where(*mine))
            gross = tx.value(select(func.coalesce(func.sum(T.share_amount), Decimal(0))).where(*paid))
        query = "?period=7d&granularity=day&compare=none"
        overview = client.insist("GET", f"/api/profile-analytics/{profile.profile_id}/overview{query}")
        summary = client.insist("GET", f"/api/revenue/{profile.profile_id}/summary{query}")
        assert overview is not None and summary is not None
        told = overview.json()["views"], Decimal(summary.json()["gross"])
        if told != (views, gross):
            found.append(f"{profile.name}: views and gross {told}, counted {(views, gross)}")
    return found


def stream(source: Stream) -> list[str]:
    """Nothing is pending for ever, and nothing is given up."""
    (group,) = source.redis.xinfo_groups(source.name)
    dead = list(letters(source))
    found = [f"{each.reason} ({each.text[:100]})" for each in dead[:_FEW]]
    left = group["pending"], group["lag"]
    return found + ([f"pending and unread: {left}"] if left != (0, 0) else [])


def told(watchers: list[tuple[Profile, Watcher]], journal: Journal, say: Any = print) -> list[str]:
    """Each socket was told of every acknowledged view, or of a gap where it is missing. What waits in a
    process for a Redis that is away dies with that process: that alone explains what is missing else."""
    found = []
    for profile, watcher in watchers:
        mine = {key for key in journal.views if journal.events[key] == profile.profile_id}
        missing = mine - set(watcher.seen())
        in_gap = {key for key in missing if _lies_in(watcher.gaps, journal.views[key])}
        excused = {key for key in missing - in_gap if _could_wait_and_die(journal, journal.views[key])}
        if missing:
            heard = dict(Counter(watcher.said))
            say(f"  {profile.name}'s socket: {len(missing)} of {len(mine)} views untold; {heard}")
            say(f"  {len(in_gap)} of them lie in gaps, {len(excused)} waited for Redis in a killed process")
        if untold := missing - in_gap - excused:
            found.append(f"{profile.name}: {len(untold)} views were not told")
            begun = min(journal.views.values())
            found.append(f"  seconds: {sorted(round(journal.views[key] - begun, 1) for key in untold)[:40]}")
    return found


def flat(gauges: Gauges, requests: int) -> list[str]:
    """Memory, open files and connections are at the end of the calm about what they were when it began;
    `requests` were answered meanwhile."""
    found = []
    for kind in KINDS:
        held = gauges.held(kind)
        if held is None:
            found.append(f"no {kind} lived through the calm")
            continue
        grown = held.memory[1] - held.memory[0]
        if grown > _SLACK + _PER_REQUEST * requests:
            found.append(f"a {kind} grew by {grown:,.0f} bytes while {requests:,} requests were answered")
        if held.files[1] > held.files[0] + _MORE_FILES:
            found.append("files of a {}: {:.0f}, then {:.0f}".format(kind, *held.files))
    first, last = gauges.connections_held()
    if last > first + _MORE_CONNECTIONS:
        found.append(f"connections: {first:.0f}, then {last:.0f}")
    return found


def odd(journal: Journal) -> list[str]:
    """What was answered and can't be explained."""
    return [f"{many} x {what}" for what, many in Counter(each.what for each in journal.odd).items()]


def tracebacks(log: Path) -> list[str]:
    """What the product logged of errors that nobody expected, by their last line. A process that is told to
    end while it starts says where it was."""
    text = log.read_text(errors="replace")
    blocks = re.findall(r"Traceback \(most recent call last\):\n(?:[ \t].*\n|\n)*(\S.*)", text)
    unexpected = Counter(line[:160] for line in blocks if line not in ("KeyboardInterrupt", "SystemExit: 0"))
    return [f"{many} x {what}" for what, many in unexpected.items()]


def _lies_in(gaps: list[tuple[float, float]], at: float) -> bool:
    """Whether a view that was acknowledged then may have been told while nobody listened: a message takes a
    while to arrive, and an acknowledgement to be read."""
    return any(heard - _LATE <= at <= told + _LATE for heard, told in gaps)


def _could_wait_and_die(journal: Journal, at: float) -> bool:
    return any(
        fault.kind == "redis"
        and fault.begun - 1 <= at <= (fault.ended or at) + 3
        and journal.away((*WEB, "worker"), fault.begun - 1, (fault.ended or at) + 3, after=0)
        for fault in journal.faults
    )


def _same(what: str, wanted: Counter[Any], stored: Counter[Any], unsure: set[str]) -> list[str]:
    missing = wanted - stored
    strange = {key for key in stored - wanted if key[0] not in unsure}
    found = [f"{len(missing)} {what} were acknowledged and are not there: {list(missing)[:_FEW]}"]
    more = [f"{len(strange)} {what} are there too often, or were never sent: {list(strange)[:_FEW]}"]
    return (found if missing else []) + (more if strange else [])
