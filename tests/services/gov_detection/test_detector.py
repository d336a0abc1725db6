"""Verdicts: how the signs come together."""

from dataclasses import replace
from ipaddress import ip_network

import pytest

from services.gov_detection import Detector, Kind
from services.gov_detection.address import Ranges
from services.gov_detection.databases import Source
from services.gov_detection.lists import Listed, load
from tests.services.gov_detection.conftest import Write, detector_of, organization

IP, NETWORK = "81.2.69.142", "81.2.69.0/24"
LISTED = Listed(Kind.JUDICIARY, 0.95, "Court of Nowhere", "it says so", "its own site", "2026-11-24")


def test_a_verdict_explains_itself(write: Write) -> None:
    asn = write("asn.mmdb", {NETWORK: organization("City of Springfield", 7015)})
    country = write("country.mmdb", {NETWORK: {"country_code": "US"}}, "country")
    verdict = detector_of(asn, country).judge(IP)
    assert verdict.ip == IP
    assert verdict.is_government is True
    assert 0.9 < verdict.confidence < 1
    assert verdict.kind is Kind.REGIONAL_LOCAL
    assert (verdict.organization, verdict.asn, verdict.country) == ("City of Springfield", "AS7015", "US")
    assert verdict.reasons[0] == '"city of" in the name: town, city or county (English).'
    assert verdict.list_version == load().version


def test_what_speaks_against_is_told(write: Write) -> None:
    verdict = detector_of(write("asn.mmdb", {NETWORK: organization("Ministry of Sound LLC")})).judge(IP)
    assert verdict.is_government is False
    assert any(reason.startswith("Against it:") for reason in verdict.reasons)


@pytest.mark.parametrize(
    ("ip", "is_government"),
    [("10.0.0.1", False), ("::1", False), ("240.0.0.1", False), ("nonsense", None), ("", None)],
)
def test_every_address_has_an_answer(write: Write, ip: str, is_government: bool | None) -> None:
    verdict = detector_of(write("asn.mmdb", {NETWORK: organization("City of Springfield")})).judge(ip)
    assert (verdict.ip, verdict.is_government, verdict.confidence) == (ip, is_government, 0)
    assert verdict.reasons


def test_listed_networks_and_ranges(write: Write) -> None:
    lists = replace(
        load(), networks={64_500: LISTED}, prefixes=Ranges([(ip_network("81.2.70.0/24"), LISTED)])
    )
    files = [
        Source(
            write(
                "asn.mmdb", {NETWORK: organization("Zorblax"), "81.2.70.0/24": organization("Big ISP Ltd", 1)}
            )
        )
    ]
    detector = Detector(files, lists)
    for ip, what in ((IP, "AS64500"), ("81.2.70.1", "This range")):
        verdict = detector.judge(ip)
        assert (verdict.is_government, verdict.kind) == (True, Kind.JUDICIARY)
        assert verdict.reasons[0].startswith(f"{what} belongs to Court of Nowhere: it says so (its own site")
    assert detector.judge("81.2.70.1").organization == "Court of Nowhere"


def test_the_threshold_is_the_operators(write: Write) -> None:
    source = Source(write("asn.mmdb", {NETWORK: organization("City of Springfield")}))
    assert Detector([source], threshold=0.999).judge(IP).is_government is False
    assert Detector([source], threshold=0.5).judge(IP).is_government is True


@pytest.mark.parametrize(
    ("record", "is_government"),
    [
        ({"organization": "City of Springfield"}, True),
        ({"organization": "Springfield School District"}, False),
        ({"organization": "Zorblax"}, True),
    ],
)
def test_the_user_of_an_address_comes_before_its_network(
    write: Write, record: dict[str, str], is_government: bool
) -> None:
    own = {**organization("State of Ohio"), **record}
    verdict = detector_of(write("isp.mmdb", {NETWORK: own}, "GeoIP2-ISP")).judge(IP)
    assert verdict.is_government is is_government
    assert verdict.organization == record["organization"]


@pytest.mark.parametrize(
    ("user_type", "name", "is_government", "kind"),
    [
        ("government", "Zorblax", True, Kind.NATIONAL_CIVIL),
        ("military", "Zorblax", True, Kind.MILITARY),
        ("business", "City of Springfield", True, Kind.REGIONAL_LOCAL),
        ("business", "Zorblax", False, None),
        ("residential", "Ministry", False, Kind.NATIONAL_CIVIL),
    ],
)
def test_the_type_of_user(
    write: Write, user_type: str, name: str, is_government: bool, kind: Kind | None
) -> None:
    record = {"traits": {"user_type": user_type, **organization(name)}, "country": {"iso_code": "US"}}
    verdict = detector_of(write("enterprise.mmdb", {NETWORK: record}, "GeoIP2-Enterprise")).judge(IP)
    assert (verdict.is_government, verdict.kind, verdict.country) == (is_government, kind, "US")


def test_an_organisation_is_judged_once(write: Write) -> None:
    detector = detector_of(write("asn.mmdb", {NETWORK: organization("City of Springfield")}))
    first, second = detector.judge(IP), detector.judge("81.2.69.1")
    assert replace(first, ip="") == replace(second, ip="")
    assert len(detector._opinions) == 1
