"""What an event keeps of the verdict on its address, which can't be judged again once it is hashed."""

from collections.abc import Iterable, Mapping
from typing import Any

from models.detection import Detection, Verdict

Verdicts = Mapping[str, Verdict]
"""By address."""
_NOT_JUDGED = {"is_gov_ip": None, "gov_confidence": None, "gov_list_version": None}


def judged(detection: Detection | None, addresses: Iterable[str | None]) -> Verdicts:
    """The verdict on each of these addresses; none at all where detection is turned off."""
    if detection is None:
        return {}
    return {ip: detection.judge.judge(ip) for ip in set(addresses) if ip is not None}


def kept(detection: Detection | None, verdict: Verdict | None) -> dict[str, Any]:
    """The columns is_gov_ip, gov_confidence and gov_list_version of an event: null where nobody judged, or
    nobody could. What the confidence must be for a government's is the operator's choice."""
    if detection is None or verdict is None or verdict.is_government is None:
        return dict(_NOT_JUDGED)
    return {
        "is_gov_ip": verdict.confidence >= detection.threshold,
        "gov_confidence": verdict.confidence,
        "gov_list_version": verdict.list_version,
    }
