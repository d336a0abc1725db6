"""The product with its clock or its patience changed, where a test can't wait or turn the machine's clock.

`jumping` and `worker` take the hours by which the clock is wrong from the file that FAULT_CLOCK names.
"""

import os
import sys
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from models import clock


def _wrong() -> datetime:
    hours = Path(os.environ["FAULT_CLOCK"]).read_text().strip()
    return datetime.now(UTC) + timedelta(hours=float(hours or 0))


if "FAULT_CLOCK" in os.environ:
    # Before anything else takes it by name.
    clock.now = _wrong


def jumping() -> Any:
    """The web process with such a clock."""
    from app import create_app

    return create_app()


def impatient() -> Any:
    """The web process, which asks its clients for a sign of life all the time."""
    from api.realtime.sockets import Sockets
    from app import create_app

    Sockets.PING_EVERY = 3.0
    return create_app()


def worker() -> int:
    """The worker, which takes over what a dead one left sooner than in real life."""
    import worker as real
    from services import domain_events

    def duties(config: Any) -> tuple[real.Duty, ...]:
        consume = partial(domain_events.consume, stream=config.event_stream, idle=2.0)
        return (real.Duty("domain events", consume),)

    real.duties = duties
    return real.main()


if __name__ == "__main__":
    sys.exit(worker())
