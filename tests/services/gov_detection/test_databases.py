"""Files that are good, bad, missing and new."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.gov_detection import Detector, Kind
from services.gov_detection.databases import SHIPPED, Source, sources
from tests.services.gov_detection.conftest import BUILT, Write, detector_of, organization

IP = "81.2.69.142"
NETWORK = "81.2.69.0/24"
TOWN, SHOP = organization("City of Springfield"), organization("Corner Shop Ltd")


def test_what_a_file_tells_of_itself(write: Write) -> None:
    path = write("asn.mmdb", {NETWORK: TOWN})
    (state,) = detector_of(path).states
    assert (state.path, state.type, state.built) == (path, "GeoLite2-ASN", BUILT)
    assert state.knows == ("organisation",)
    assert state.problem is None


def test_the_shipped_ones_answer() -> None:
    verdict = Detector.of().judge("156.33.195.33")
    assert verdict.is_government is True
    assert (verdict.kind, verdict.asn, verdict.country) == (Kind.LEGISLATURE, "AS3495", "US")
    assert Detector.of().judge("2001:4860:4860::8888").is_government is False


@pytest.mark.parametrize("what", ["missing", "truncated", "empty", "text", "folder", "of another type"])
def test_a_bad_file_is_told_and_never_says_no(write: Write, tmp_path: Path, what: str) -> None:
    path = tmp_path / "given.mmdb"
    if what == "truncated":
        whole = write("whole.mmdb", {NETWORK: TOWN}).read_bytes()
        path.write_bytes(whole[: len(whole) // 2])
    elif what == "empty":
        path.touch()
    elif what == "text":
        path.write_text("nothing of the sort", encoding="utf-8")
    elif what == "folder":
        path.mkdir()
    elif what == "of another type":
        write("given.mmdb", {NETWORK: {"connection_type": "Cable/DSL"}}, "GeoIP2-Connection-Type")
    alone = detector_of(path)
    assert str(path) in " ".join(alone.problems)
    verdict = alone.judge(IP)
    assert verdict.is_government is None
    assert verdict.confidence == 0
    assert str(path) in " ".join(verdict.reasons)

    beside = detector_of(path, write("towns.mmdb", {NETWORK: TOWN}))
    assert beside.judge(IP).is_government is True
    beside = detector_of(path, write("shops.mmdb", {NETWORK: SHOP}))
    assert beside.judge(IP).is_government is None
    assert beside.judge("10.0.0.1").is_government is False


def test_a_record_that_is_broken(write: Write) -> None:
    path = write(
        "asn.mmdb", {f"81.2.{number}.0/24": organization(f"Corner Shop {number}") for number in range(250)}
    )
    content = bytearray(path.read_bytes())
    start = content.rindex(b"Corner Shop 249") - 40
    content[start : start + 30] = b"\xff" * 30
    path.write_bytes(content)
    detector = detector_of(path)
    verdicts = [detector.judge(f"81.2.{number}.1") for number in (0, 249, 0)]
    assert [verdict.is_government for verdict in verdicts] == [False, None, None]
    assert "broken" in " ".join(detector.problems)


def test_no_network_is_known(write: Write) -> None:
    verdict = detector_of(write("asn.mmdb", {NETWORK: TOWN})).judge("8.8.8.8")
    assert verdict.is_government is None
    assert verdict.reasons == ("No network is known for this address.",)


def test_a_new_file_is_taken_up(write: Write, tmp_path: Path) -> None:
    detector = detector_of(tmp_path / "asn.mmdb")
    assert detector.judge(IP).is_government is None
    for record, expected in ((SHOP, False), (TOWN, True)):
        write("asn.mmdb", {NETWORK: record})
        detector.look()
        assert detector.judge(IP).is_government is expected
    (tmp_path / "asn.mmdb").unlink()
    detector.look()
    assert detector.judge(IP).is_government is None


def test_it_looks_by_itself(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    detector = detector_of(write("asn.mmdb", {NETWORK: SHOP}))
    write("asn.mmdb", {NETWORK: TOWN})
    assert detector.judge(IP).is_government is False
    later = detector._looked + 11
    monkeypatch.setattr("services.gov_detection.detector.time.monotonic", lambda: later)
    assert detector.judge(IP).is_government is True


def test_the_operators_file_is_asked_first(write: Write) -> None:
    first = write("own.mmdb", {NETWORK: TOWN})
    second = write("shipped.mmdb", {"81.2.0.0/16": SHOP})
    detector = detector_of(first, second)
    assert detector.judge(IP).organization == "City of Springfield"
    assert detector.judge("81.2.1.1").organization == "Corner Shop Ltd"


def test_countries_come_in_every_shape(write: Write) -> None:
    asn = write("asn.mmdb", {"81.2.0.0/16": TOWN})
    flat = write("flat.mmdb", {"81.2.1.0/24": {"country_code": "US"}}, "country ipvAll")
    nested = write("nested.mmdb", {"81.2.2.0/24": {"country": {"iso_code": "CA"}}}, "GeoLite2-City")
    detector = detector_of(asn, flat, nested)
    assert [detector.judge(f"81.2.{part}.9").country for part in (1, 2, 3)] == ["US", "CA", None]


def test_what_an_update_brought_takes_the_place_of_the_shipped(write: Write, tmp_path: Path) -> None:
    assert [source.places[-1].parent for source in sources((), tmp_path)] == [SHIPPED, SHIPPED]
    detector = Detector(sources((), tmp_path))
    assert detector.states[0].path == SHIPPED / "asn.mmdb"
    (tmp_path / "geoip").mkdir()
    write("asn.mmdb", {NETWORK: TOWN}).replace(tmp_path / "geoip" / "asn.mmdb")
    detector.look()
    assert detector.states[0].path == tmp_path / "geoip" / "asn.mmdb"
    assert detector.judge(IP).organization == "City of Springfield"


def test_an_ipv4_file_is_not_asked_for_ipv6(write: Write) -> None:
    detector = detector_of(write("asn.mmdb", {NETWORK: TOWN, "2a00::/16": SHOP}))
    assert detector.judge("2a00::1").organization == "Corner Shop Ltd"
    assert detector.judge(f"::ffff:{IP}").organization == "City of Springfield"


def test_a_source_without_change_stays_open(write: Write) -> None:
    source = Source(write("asn.mmdb", {NETWORK: TOWN}))
    assert source.look()
    assert not source.look()
    assert source.state.built == datetime(2026, 6, 17, tzinfo=UTC)
