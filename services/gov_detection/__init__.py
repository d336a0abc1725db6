"""Whether an address belongs to a government's network: `Detector(...).judge(ip)` -> `Verdict`."""

from services.gov_detection.address import parsed
from services.gov_detection.detector import THRESHOLD, Detector
from services.gov_detection.opening import opened
from services.gov_detection.verdict import Kind, Verdict

__all__ = ["THRESHOLD", "Detector", "Kind", "Verdict", "opened", "parsed"]
