"""A judge for tests, who knows a few networks by heart."""

from dataclasses import dataclass, replace

from models.detection import Detection
from models.stores import Stores

MINISTRY, POLICE, CABLE, UNKNOWN = "192.0.2.10", "198.51.100.20", "203.0.113.30", "203.0.113.99"
SECOND = "192.0.2.11"
"""Another address of the ministry."""


@dataclass(frozen=True)
class Known:
    """A verdict that is known beforehand."""

    ip: str
    is_government: bool | None
    confidence: float
    kind: str | None = None
    organization: str | None = None
    asn: str | None = None
    country: str | None = None
    reasons: tuple[str, ...] = ()
    list_version: str = "2026-11-01"


_MINISTRY = Known(
    MINISTRY, True, 0.98, "national_civil", "Ministère de l'Intérieur", "AS64500", "FR",
    ("Its organisation's name says ministère.", "The AS is on the list of ministries."),
)  # fmt: skip
NETWORKS = (
    _MINISTRY,
    replace(_MINISTRY, ip=SECOND),
    Known(POLICE, True, 0.81, "law_enforcement", "State Police", "AS64501", "US", ("The name says police.",)),
    Known(CABLE, False, 0.02, None, "Cable One", "AS64502", "DE"),
    Known(UNKNOWN, None, 0.0),
)


class Judge:
    """Says what it knows, and of everything else that it is no government."""

    def __init__(self, *networks: Known):
        self.known = {each.ip: each for each in networks or NETWORKS}

    def judge(self, ip: str) -> Known:
        return self.known.get(ip) or Known(ip, False, 0.01)


def judging(stores: Stores, *networks: Known, threshold: float = 0.7) -> Stores:
    """The same stores with detection turned on."""
    return replace(stores, detection=Detection(Judge(*networks), threshold))
