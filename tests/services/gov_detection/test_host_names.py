"""Host names: asked in the background, and believed only when they lead back."""

import socket
from collections.abc import Iterator, Sequence
from threading import Event

import pytest

from services.gov_detection import Detector
from services.gov_detection.databases import Source
from services.gov_detection.host_names import HostNames, of_domain
from services.gov_detection.lists import load
from tests.services.gov_detection.conftest import Write, organization

NAMES = {
    "81.2.69.1": ["gate.treasury.gov.au"],
    "81.2.69.2": ["liar.police.uk"],
    "81.2.69.3": ["cable-3.example.net"],
}
ADDRESSES = {"gate.treasury.gov.au": ["81.2.69.1"], "liar.police.uk": ["192.0.2.9"]}


def names_of(ip: str) -> Sequence[str]:
    if ip not in NAMES:
        raise socket.herror(1, "Unknown host")
    return NAMES[ip]


@pytest.fixture
def host_names() -> Iterator[HostNames]:
    asked = HostNames(load(), names_of, lambda name: ADDRESSES.get(name, []))
    yield asked
    asked.close()


@pytest.mark.parametrize(
    ("name", "organization"),
    [
        ("www.nasa.gov", "government of the United States"),
        ("x.mil", "armed forces of the United States"),
        ("mail.gov.au.", "government of the country"),
        ("gw.interieur.gouv.fr", "French ministry of the interior"),
        ("WWW.GOB.MX", "government of Mexico"),
        ("a.b.go.jp", "government of Japan"),
        ("kent.police.uk", "police of the United Kingdom"),
        ("gov.example.com", None),
        ("notgov", None),
        ("mygov.org", None),
        ("gov.com", None),
        ("", None),
    ],
)
def test_endings(name: str, organization: str | None) -> None:
    found = of_domain(load(), name)
    assert (found and found.organization) == organization


def test_an_address_is_known_only_after_it_was_asked_for(host_names: HostNames) -> None:
    assert all(host_names.of(ip) is None for ip in (*NAMES, "81.2.69.4"))
    host_names._workers.shutdown()
    known = {ip: host_names.of(ip) for ip in (*NAMES, "81.2.69.4")}
    assert [ip for ip, said in known.items() if said] == ["81.2.69.1"]


def test_nobody_waits_for_a_name_server() -> None:
    answer = Event()

    def slow(ip: str) -> Sequence[str]:
        answer.wait()
        return []

    asked = HostNames(load(), slow, lambda name: [])
    try:
        assert all(asked.of(f"81.2.{number // 250}.{number % 250}") is None for number in range(1_500))
        assert len(asked._waiting) == 1_000
    finally:
        answer.set()
        asked.close()


def test_a_detector_takes_what_is_known(write: Write, host_names: HostNames) -> None:
    source = Source(write("asn.mmdb", {"81.2.69.0/24": organization("Zorblax")}))
    detector = Detector([source], host_names=host_names)
    assert detector.judge("81.2.69.1").is_government is False
    host_names._workers.shutdown()
    verdict = detector.judge("81.2.69.1")
    assert verdict.is_government is True
    assert verdict.reasons[0].startswith("Its host name belongs to government of the country")
    assert Detector([source]).judge("81.2.69.1").is_government is False
