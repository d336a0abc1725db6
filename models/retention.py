"""How long things are kept, as the operator set it."""

from dataclasses import dataclass
from datetime import timedelta

LONGEST_ADDRESS_DAYS = 90
"""What visitors are promised; an operator may keep their addresses for less."""


@dataclass(frozen=True)
class Periods:
    """All of them count from the receipt of what is kept. `addresses`: of visitors, and their user agents;
    `raw`: events one by one; `jobs`: background tasks and deliveries that have ended; `requests`: timings of
    requests to the API."""

    addresses: timedelta = timedelta(days=LONGEST_ADDRESS_DAYS)
    raw: timedelta = timedelta(days=365)
    jobs: timedelta = timedelta(days=90)
    requests: timedelta = timedelta(days=30)
