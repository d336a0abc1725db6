"""`python -m tests.soak --minutes 10 --seed 7`: exits with 0 when nothing is lost, and 1 else."""

import argparse
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from models.clock import now
from models.stores import Stores
from services import accounts, tokens
from services import profiles as profile_service
from services.access import SCOPES
from services.domain_events.stream import Stream, opened
from services.jobs import ledger as jobs
from services.profiles import Profile
from tests.faults.machine import Machine, eventually
from tests.faults.watcher import Watcher
from tests.soak import checks
from tests.soak.chaos import Chaos
from tests.soak.client import Client
from tests.soak.gauges import GROWN, KINDS, Gauges
from tests.soak.installed import Installed
from tests.soak.journal import Journal
from tests.soak.load import Load
from tests.soak.platform import Platform

_PROFILES = (
    ("Anna", "Europe/Berlin", "EUR"),
    ("Carl", "America/New_York", "USD"),
    ("Priya", "Asia/Kolkata", "INR"),
)
_SIGN_IN = "soak@example.com", "a long enough password"
_QUIET = 120.0
"""Seconds that all which is under way has to come to its end (docs/operations.md says so)."""
_SHORTEST = 2.0
"""Minutes: the calm has to be long enough for processes to have grown up in it."""
_CALM = 0.4
"""The part of the time, at its end, in which no process of the product is killed."""


def main() -> int:
    """Returns the exit status."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--minutes", type=float, default=10)
    asked.add_argument("--seed", type=int, default=None)
    asked.add_argument("--keep", action="store_true", help="keep the folder with the logs")
    given = asked.parse_args()
    if given.minutes < _SHORTEST:
        asked.error(f"In less than {_SHORTEST:g} minutes nothing can be said of memory.")
    seed = given.seed if given.seed is not None else random.SystemRandom().randrange(10**6)
    print(f"A soak of {given.minutes:g} minutes, SEED={seed}", flush=True)
    # Where the user that the engines run as may enter.
    folder = Path(tempfile.mkdtemp(prefix="platform-analytics-soak-"))
    folder.chmod(0o711)
    with ExitStack() as ends:
        ends.callback(_leave, folder, given.keep)
        machine = Machine(folder)
        ends.callback(machine.stop)
        installed = Installed(machine)
        ends.callback(installed.stop)
        installed.start()
        installed.require_answer()
        stores = installed.stores()
        ends.callback(stores.close)
        found = _soak(installed, stores, given.minutes * 60, seed)
    print(f"\n{'Nothing was lost.' if not found else f'{found} things are wrong.'} (SEED={seed})")
    return 1 if found else 0


def _leave(folder: Path, keep: bool) -> None:
    if keep:
        print(f"Logs: {folder}")
    else:
        shutil.rmtree(folder, ignore_errors=True)


def _soak(installed: Installed, stores: Stores, seconds: float, seed: int) -> int:
    """Returns how many things are wrong."""
    begun = time.monotonic()

    def say(sentence: str) -> None:
        print(f"{time.monotonic() - begun:7.1f} s  {sentence}", flush=True)

    known = _profiles(stores)
    token = tokens.mint(stores.keys.jwt, subject="soak", profiles=None, scopes=SCOPES, now=now(), days=2)
    journal = Journal()
    calm = begun + seconds * (1 - _CALM)
    chaos = Chaos(installed, journal, random.Random(seed), say, calm)
    load = Load(installed.url, token, stores, known, journal, seed, _SIGN_IN, installed.machine.folder)
    platform = Platform(stores, known, journal, seed)
    gauges = Gauges(installed, calm=calm)
    address = installed.url.replace("http", "ws", 1) + "/realtime"
    watchers = [(each, Watcher(address, token, each.profile_id)) for each in known]
    with opened(stores) as stream, ExitStack() as watching:
        stream.join()
        for _, watcher in watchers:
            watching.enter_context(watcher)
        for part in (gauges, load, platform):
            part.start()
        before = None
        try:
            while time.monotonic() < begun + seconds:
                chaos.turn()
                if before is None and time.monotonic() > calm + GROWN:
                    before = journal.answered_so_far
                time.sleep(0.1)
        finally:
            say("the end: everything comes back")
            chaos.restore()
            installed.require_answer()
            answered = journal.answered_so_far - (before or 0)
            late = load.stop(60)
            published = platform.stop(60)
        gauges.stop()
        for name in late:
            journal.note(f"{name} did not end")
        if not published:
            journal.note("the platform did not end")
        settled = eventually(lambda: _is_settled(stores, stream), _QUIET)
        say("settled" if settled else "NOT settled")
        # Sockets hear what is on its way.
        for _, watcher in watchers:
            eventually(lambda watcher=watcher: set(journal.views) <= set(watcher.seen()), 10)
        return _report(installed, stores, known, stream, watchers, journal, gauges, token, answered)


def _is_settled(stores: Stores, stream: Stream) -> bool:
    (group,) = stream.redis.xinfo_groups(stream.name)
    return group["pending"] == 0 and not group["lag"] and not jobs.waiting(stores.database)


def _profiles(stores: Stores) -> list[Profile]:
    with stores.database.transaction() as tx:
        account = accounts.add(tx, *_SIGN_IN, now())
        made = [
            profile_service.add(tx, name=name, time_zone=zone, currency=currency, at=now())
            for name, zone, currency in _PROFILES
        ]
        for profile in made:
            accounts.grant(tx, account.account_id, profile.profile_id, "owner", now())
    return made


def _report(
    installed: Installed,
    stores: Stores,
    known: list[Profile],
    stream: Stream,
    watchers: list[tuple[Profile, Watcher]],
    journal: Journal,
    gauges: Gauges,
    token: str,
    answered: int,
) -> int:
    client = Client(installed.url, journal, token)
    client.until = time.monotonic() + 60
    kills = Counter(fault.kind for fault in journal.faults)
    print("\nKilled:      " + ", ".join(f"{kind} {many}" for kind, many in sorted(kills.items())))
    print("Answers:     " + ", ".join(f"{many:,} x {what}" for what, many in sorted(journal.answers.items())))
    print(f"Slowest:     {journal.slowest:.1f} s")
    print(
        f"Stored:      {len(journal.events):,} events, {len(journal.sales):,} transactions, "
        f"{len(journal.costs):,} costs, {len(journal.imported):,} files, "
        f"{journal.logged.total():,} lines of logs; {len(journal.open)} unacknowledged"
    )
    print(
        f"Published:   {journal.published:,} domain events; {journal.published_again:,} of them again when "
        f"Redis was back, of which it had lost {journal.lost_by_redis:,}"
    )
    print(f"While no process was killed, {answered:,} requests were answered:")
    for kind in KINDS:
        if held := gauges.held(kind):
            (first, last), (few, many) = held.memory, held.files
            print(
                f"{kind:<12} {first / 1e6:.0f} MB, then {last / 1e6:.0f} MB; {few:.0f} files, then {many:.0f}"
            )
    print("Connections: {:.0f}, then {:.0f}".format(*gauges.connections_held()))
    rows: list[tuple[str, Callable[[], list[str]]]] = [
        ("every acknowledged event is there once, and no other", lambda: checks.events(stores, journal)),
        ("every transaction is as it was acknowledged", lambda: checks.sales(stores, journal)),
        ("every cost is there once", lambda: checks.costs(stores, journal)),
        ("every file is imported once, every job has ended", lambda: checks.imports(stores, journal)),
        ("every line of the access logs is there once", lambda: checks.logs(stores, journal)),
        ("verify is clean", lambda: checks.sums(stores, known)),
        ("REST tells what a recount does", lambda: checks.figures(stores, known, client)),
        ("no domain event is pending or dead", lambda: checks.stream(stream)),
        ("sockets were told every view, or of a gap", lambda: checks.told(watchers, journal)),
        ("memory, files and connections stay flat", lambda: checks.flat(gauges, answered)),
        ("no traceback in the log", lambda: checks.tracebacks(installed.log)),
        ("nothing odd was answered", lambda: checks.odd(journal)),
    ]  # fmt: skip
    wrong = 0
    print()
    for name, check in rows:
        problems = check()
        wrong += len(problems)
        print(f"{'FAILED' if problems else 'ok':<7}{name}")
        for problem in problems[:20]:
            print(f"       - {problem}")
    return wrong


if __name__ == "__main__":
    sys.exit(main())
