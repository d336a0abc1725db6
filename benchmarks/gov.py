"""`make bench-gov`: how good the detection is on addresses whose owners somebody looked up, and how fast.

Reads a CSV with the columns ip, label (gov or not) and kind; by default the small set in tests/data, names of
organisations that were read by eye. `python -m benchmarks.gov FILE.csv` measures another one.
"""

import csv
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address
from pathlib import Path
from random import Random

from services.gov_detection import THRESHOLD, Detector

SET = Path(__file__).parent.parent / "tests" / "data" / "gov_networks.csv"
_ADDRESSES = 200_000


@dataclass(frozen=True)
class Case:
    """An address, what it is, and how sure the detector is that it is a government's."""

    gov: bool
    kind: str
    confidence: float

    @property
    def flagged(self) -> bool:
        return self.confidence >= THRESHOLD


@dataclass(frozen=True)
class Score:
    """How many of the flagged are right, how many of the right are flagged, and their harmonic mean."""

    precision: float
    recall: float
    f1: float

    @classmethod
    def of(cls, cases: Iterable[Case]) -> "Score":
        counted = list(cases)
        hits = sum(case.gov and case.flagged for case in counted)
        flagged, gov = sum(case.flagged for case in counted), sum(case.gov for case in counted)
        precision, recall = hits / flagged if flagged else 0.0, hits / gov if gov else 0.0
        both = precision + recall
        return cls(precision, recall, 2 * precision * recall / both if both else 0.0)


def main(arguments: Sequence[str]) -> None:
    """Prints the tables."""
    path = Path(arguments[0]) if arguments else SET
    detector = Detector.of()
    cases = judged(detector, path)
    score = Score.of(cases)
    print(f"{path.name}: {len(cases):,} addresses, {sum(case.gov for case in cases):,} of governments")
    print(f"precision {score.precision:.3f}   recall {score.recall:.3f}   F1 {score.f1:.3f}   at {THRESHOLD}")
    print("\nflagged, by what it is")
    for gov in (True, False):
        for kind, some in sorted(by_kind(cases, gov).items()):
            share = sum(case.flagged for case in some) / len(some)
            print(f"  {'gov' if gov else 'not':4}{kind:30}{share:7.3f} of {len(some):5,}")
    print("\nconfidence and how often it is a government's")
    for tenth, some in by_tenth(cases).items():
        right = sum(case.gov for case in some) / len(some)
        print(f"  {tenth / 10:.1f} - {(tenth + 1) / 10:.1f} {right:7.3f} of {len(some):5,}")
    print(f"\n{speed(detector):,.0f} verdicts a second on addresses not seen before (one core)")


def judged(detector: Detector, path: Path) -> list[Case]:
    """The addresses of a file with their verdicts."""
    with path.open(encoding="utf-8", newline="") as file:
        return [
            Case(row["label"] == "gov", row["kind"], detector.judge(row["ip"]).confidence)
            for row in csv.DictReader(file)
        ]


def by_kind(cases: Iterable[Case], gov: bool) -> dict[str, list[Case]]:
    """The cases that are a government's, or not, by kind."""
    groups: defaultdict[str, list[Case]] = defaultdict(list)
    for case in cases:
        if case.gov is gov:
            groups[case.kind].append(case)
    return dict(groups)


def by_tenth(cases: Iterable[Case]) -> dict[int, list[Case]]:
    """The cases by the tenth that their confidence lies in, 0 to 9."""
    groups: defaultdict[int, list[Case]] = defaultdict(list)
    for case in sorted(cases, key=lambda case: case.confidence):
        groups[min(9, int(case.confidence * 10))].append(case)
    return dict(groups)


def speed(detector: Detector) -> float:
    """Verdicts a second of processor time, on IPv4 addresses drawn from all there are."""
    draw = Random(7)
    addresses = [str(IPv4Address(draw.getrandbits(32))) for _ in range(_ADDRESSES)]
    fresh = Detector(detector.sources, detector.lists)
    begun = time.process_time()
    for address in addresses:
        fresh.judge(address)
    return len(addresses) / (time.process_time() - begun)


if __name__ == "__main__":
    main(sys.argv[1:])
