"""Detection as an installation has it, opened once for each process and handed to its stores."""

from collections.abc import Sequence
from pathlib import Path

from models.detection import Detection
from services.gov_detection.detector import Detector


def opened(
    enabled: bool, databases: Sequence[Path], data_dir: Path, threshold: float, reverse_dns: bool
) -> Detection | None:
    """The detection over these databases of the operator and the shipped ones; None when it is turned off.
    Raises CannotStart when its rules can't be read."""
    if not enabled:
        return None
    return Detection(Detector.of(databases, data_dir, threshold, reverse_dns), threshold)
