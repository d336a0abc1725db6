"""Alerts, muted networks, channels and their log, as they are read: every state has its word."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from components.format import Format
from components.safety import about, alerts, badge, channels, figures
from services.alerts.inbox import Alert
from services.alerts.mutes import Muted
from services.delivery.channels import Channel
from services.delivery.queue import Attempt, Delivery
from services.gov_detection import Kind
from services.gov_detection.databases import State
from services.profiles import Profile
from tests.components.conftest import NOW, Make
from tests.components.text import find, text

ALERT = Alert(
    UUID(int=2), UUID(int=1), UUID(int=3), UUID(int=4), NOW, "192.0.2.10", 0.98, "national_civil",
    "Ministère", "AS64500", "FR", ("The name says ministère.",), "2026-11-01", None, False,
)  # fmt: skip
HOOK = Channel(UUID(int=5), UUID(int=1), "webhook", "https://example.com/hook", b"salt", NOW, None, None)
SENT = Delivery(
    UUID(int=6), "webhook", HOOK.target, "sent", 1, NOW, None, ALERT.alert_id, "Ministère",
    Attempt(NOW, True, "It answered 204.", 80),
)  # fmt: skip


def acts(drawn: Any) -> list[str]:
    return [getattr(button, "aria-label") for button in find(drawn, "Button") if hasattr(button, "data-act")]


def card(profile: Profile, fmt: Format, *found: Alert, **given: Any) -> Any:
    usual: dict[str, Any] = {"only_new": False, "first": True, "after": None, "may_change": True}
    return alerts.alerts(found, len(found), profile, fmt, **{**usual, **given})


def test_a_new_alert_says_all_that_is_known(profile: Profile, english: Format) -> None:
    drawn = card(profile, english, ALERT)
    said = text(drawn)
    for words in (
        "New National government 98% sure Ministère",
        "France · AS64500 · 192.0.2.10",
        "The name says ministère.",
    ):
        assert words in said
    assert acts(drawn) == [
        "Acknowledge all alerts", "Acknowledge: Ministère", "False alarm, mute this network: Ministère",
    ]  # fmt: skip


def test_an_address_that_is_kept_no_more_is_a_tag(profile: Profile, english: Format) -> None:
    reduced = replace(ALERT, ip=None, address_hash=bytes.fromhex("9f86d081884c7d65"))
    assert "AS64500 · address no longer kept ( 9f86d0 )" in text(card(profile, english, reduced))
    assert text(card(profile, english, replace(ALERT, ip=None))).count("address no longer kept Why") == 1


def test_what_is_not_known_leaves_no_gap(profile: Profile, english: Format) -> None:
    bare = replace(ALERT, kind=None, organization=None, country=None)
    said = text(card(profile, english, bare))
    assert "New Government 98% sure AS64500" in said
    assert "· 192.0.2.10" in said
    assert "None" not in said
    assert "A network without a name" in text(card(profile, english, replace(bare, asn=None)))


def test_each_state_has_its_word_and_its_buttons(profile: Profile, english: Format) -> None:
    seen, muted = replace(ALERT, seen_at=NOW), replace(ALERT, seen_at=NOW, is_muted=True)
    assert "Seen National" in text(card(profile, english, seen))
    assert acts(card(profile, english, seen))[1:] == ["False alarm, mute this network: Ministère"]
    assert "Muted National" in text(card(profile, english, muted))
    assert acts(card(profile, english, muted))[1:] == ["Hear of it again: Ministère"]
    assert acts(card(profile, english, ALERT, seen, muted, may_change=False)) == []


def test_nothing_to_show(profile: Profile, english: Format) -> None:
    assert "No government visits" in text(card(profile, english))
    assert "Nothing new" in text(card(profile, english, only_new=True))


def test_every_kind_of_the_detector_has_its_name() -> None:
    assert alerts.KINDS.keys() == set(Kind)


@pytest.mark.parametrize(("unseen", "shown"), [(0, ""), (1, "1"), (99, "99"), (100, "99+")])
def test_the_number_in_the_navigation(unseen: int, shown: str) -> None:
    drawn = badge.badge(unseen)
    assert text(drawn) == shown
    assert drawn is None or getattr(drawn, "aria-label").endswith(
        "new alert" if unseen == 1 else "new alerts"
    )


def test_muted_networks(profile: Profile, english: Format) -> None:
    network = Muted(UUID(int=3), "Ministère", "AS64500", NOW)
    drawn = alerts.muted([network], profile, english, True)
    assert "Ministère AS64500 · since Nov 24, 2026" in text(drawn)
    assert acts(drawn) == ["Hear of it again: Ministère"]
    assert alerts.muted([], profile, english, True) is None


def test_figures_by_kind(make: Make, english: Format) -> None:
    drawn = figures.figures(make(govVisits=[0, 1, 2]), {"military": 2, None: 1}, english)
    assert "Government visits 3" in text(drawn)
    assert "Military 2 Government 1" in text(drawn)


def test_what_it_rests_on(profile: Profile, english: Format) -> None:
    fine = State(Path("/x/asn.mmdb"), "ASN", NOW - timedelta(days=40), 9, ("organisation",), None)
    broken = State(Path("/x/isp.mmdb"), None, None, None, (), "The database /x/isp.mmdb is broken.")
    said = text(about.about([fine, broken], "2026-11-01.ab", 0.7, profile, NOW, english))
    for words in (
        "2026-11-01.ab",
        "70% sure",
        "asn.mmdb",
        "40 days old",
        "is broken",
        "IP Geolocation by DB-IP",
    ):
        assert words in said


def test_channels(profile: Profile, english: Format) -> None:
    stopped = replace(
        HOOK, kind="email", target="a@example.com", salt=None, stopped_at=NOW, problem="It is gone."
    )
    drawn = channels.channels([HOOK, stopped], profile, english, True, {})
    assert "Stopped" in text(drawn)
    assert "It is gone." in text(drawn)
    assert acts(drawn) == [
        f"Send a test: {HOOK.target}", f"New secret: {HOOK.target}", f"Remove: {HOOK.target}",
        "Start again: a@example.com", "Send a test: a@example.com", "Remove: a@example.com",
    ]  # fmt: skip


def test_without_a_mail_server_e_mail_is_not_offered(profile: Profile, english: Format) -> None:
    for has_mail, offered in ((True, ["email", "webhook"]), (False, ["webhook"])):
        (chosen,) = find(channels.channels([], profile, english, has_mail, {}), "Select")
        assert [each["value"] for each in chosen.data] == offered


def test_the_log(profile: Profile, english: Format) -> None:
    failed = Attempt(NOW, False, "It answered 500.", 80)
    later = replace(SENT, status="waiting", next_at=NOW + timedelta(hours=5), last=failed)
    lines = [
        SENT, replace(SENT, status="failed", last=failed), later,
        replace(SENT, status="waiting", next_at=NOW, last=None, alert_id=None, organization=None),
    ]  # fmt: skip
    drawn = channels.log(lines, profile, english, NOW)
    assert drawn is not None
    sent, given_up, again, waiting = map(text, find(drawn, "Li"))
    assert sent.startswith("Arrived Ministère https://example.com/hook · Nov 24, 2026")
    assert sent.endswith("It answered 204. Send again")
    assert given_up.startswith("Given up Ministère")
    assert again.startswith("Again later Ministère")
    assert "It answered 500. Next on" in again
    assert waiting.startswith("On its way Test")
    assert "Send again" not in again + waiting
    assert channels.log([], profile, english, NOW) is None
    assert channels.is_soon(lines, NOW)
    assert not channels.is_soon([SENT, later], NOW)
