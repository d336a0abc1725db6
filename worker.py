#!/usr/bin/env python3
"""The background process: runs every duty in a thread of its own until it is told to stop.

`make run` starts one; any number may run beside it, here or elsewhere, on the same stores: they share
the work. SIGTERM and SIGINT stop it after what each duty has in hand. It reads the settings of config.py.
"""

import gc
import logging
import signal
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from threading import Event, Thread

from redis.exceptions import RedisError

import config as settings
import installation
import logs
from config import Config
from models.errors import CannotStart, Unavailable
from models.stores import Stores
from services import delivery, demo, domain_events, jobs, password_reset, retention
from services.rights import deletion

Run = Callable[[Stores, Event], None]

PATIENCE = 3
"""Seconds that a duty waits for another writer of a profile before it does something else."""
SHORTEST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
STEADY = 60.0
"""Seconds after which a duty that fails is taken to have worked in between."""
PARTING = 6.0
"""Seconds that the duties have to finish what they have in hand, all together."""
_SIGNALS = (signal.SIGTERM, signal.SIGINT)
_log = logging.getLogger("worker")


@dataclass(frozen=True)
class Duty:
    """Something to be done all the time: `run` loops until its event is set. When it raises or returns
    before that, it is started again after a pause, which grows with every failure in a row."""

    name: str
    run: Run


def duties(config: Config) -> tuple[Duty, ...]:
    """What there is to do."""
    demo_traffic = Duty("the demo", partial(demo.drive, stream=config.event_stream))
    return (
        Duty("domain events", partial(domain_events.consume, stream=config.event_stream)),
        Duty("jobs", jobs.run),
        Duty("alert delivery", delivery.run),
        Duty("retention", partial(retention.run, stream=config.event_stream)),
        Duty("links for a new password", password_reset.run),
        Duty("deletion", partial(deletion.run, stream=config.event_stream)),
        *([demo_traffic] if config.demo else []),
    )


def work(
    stores: Stores, duties: Sequence[Duty], wait: Callable[[], object], shortest: float = SHORTEST_PAUSE
) -> bool:
    """Does the duties until `wait` returns; says whether all of them came to their end in time then."""
    stopping = Event()
    threads = [
        Thread(target=_keep_up, args=(duty, stores, stopping, shortest), name=duty.name, daemon=True)
        for duty in duties
    ]
    for thread in threads:
        thread.start()
    wait()
    stopping.set()
    until = time.monotonic() + PARTING
    for thread in threads:
        thread.join(max(0.0, until - time.monotonic()))
    late = [thread.name for thread in threads if thread.is_alive()]
    if late:
        _log.warning("Stopped in the middle of: %s", ", ".join(late))
    return not late


def main() -> int:
    """Returns the exit status: 0 after a clean stop, 1 when it can't start or a duty did not end."""
    # Waited for instead of handled: a handler would run in the middle of whatever the main thread does.
    signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    logs.configure("worker")
    # What is loaded by now stays for good. Events are not to wait for a job that computes beside them.
    gc.freeze()
    sys.setswitchinterval(0.001)
    try:
        config = settings.load()
        stores = installation.opened(config, PATIENCE)
    except CannotStart as error:
        _log.error("%s", error)
        return 1
    try:
        ended = work(stores, duties(config), partial(signal.sigwait, _SIGNALS))
    finally:
        stores.close()
    return 0 if ended else 1


def _keep_up(duty: Duty, stores: Stores, stopping: Event, shortest: float) -> None:
    failures = 0
    while not stopping.is_set():
        begun = time.monotonic()
        try:
            duty.run(stores, stopping)
            if stopping.is_set():
                return
            _log.warning("%s ended by itself", duty.name)
        except (Unavailable, RedisError) as error:
            # What Redis says may quote what was to be stored.
            what = error if isinstance(error, Unavailable) else f"Redis is away ({type(error).__name__})"
            _log.warning("%s has to wait: %s", duty.name, what)
        except Exception:
            _log.exception("%s failed", duty.name)
        failures = 1 if time.monotonic() - begun > STEADY else failures + 1
        stopping.wait(min(LONGEST_PAUSE, shortest * 2.0 ** min(failures - 1, 10)))


if __name__ == "__main__":
    sys.exit(main())
