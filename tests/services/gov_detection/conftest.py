"""Small databases, written for the test that asks for them."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from services.gov_detection import Detector, mmdb
from services.gov_detection.databases import Source

BUILT = datetime(2026, 6, 17, tzinfo=UTC)
Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes `{"203.0.113.0/24": record}` to a database of this name, and returns its path."""

    def written(name: str, networks: Mapping[str, Mapping[str, Any]], kind: str = "GeoLite2-ASN") -> Path:
        ranges = []
        for text, record in networks.items():
            network = ip_network(text)
            ranges.append(
                ((int(network.network_address), int(network.broadcast_address)), record),
            )
        new = tmp_path / f"{name}.new"
        mmdb.write(new, ranges, kind, "for a test", BUILT)
        return new.replace(tmp_path / name)

    return written


def organization(name: str, number: int = 64_500) -> dict[str, Any]:
    """A record as GeoLite2-ASN has it."""
    return {"autonomous_system_number": number, "autonomous_system_organization": name}


def detector_of(*paths: Path) -> Detector:
    """A detector that looks in these files alone."""
    return Detector([Source(path) for path in paths])
