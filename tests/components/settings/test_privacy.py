"""What is kept how long, and what was done, in words."""

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from components.format import Format
from components.settings.privacy import privacy
from models.retention import Periods
from services.profiles import Profile
from services.retention.runs import Run
from tests.components.conftest import NOW
from tests.components.text import rows, text


def run(task: str, before: Mapping[str, int], after: Mapping[str, int], problem: str | None = None) -> Run:
    return Run(UUID(int=2), UUID(int=1), task, NOW, NOW + timedelta(seconds=3), before, after, problem)


def test_the_periods_are_those_of_the_installation(profile: Profile, english: Format) -> None:
    periods = Periods(addresses=timedelta(days=1), raw=timedelta(days=1_000), jobs=timedelta(days=30))
    said = text(privacy(periods, [], [], profile, english))
    assert "1 day. Then each becomes a code" in said
    assert "1 day in full, then only the program's name" in said
    assert "Visits one by one 1,000 days. The figures of each day stay." in said
    assert "30 days after their end" in said
    assert "destroyed 90 days after its end" in said


def test_before_the_first_run_it_says_what_will_be_here(profile: Profile, english: Format) -> None:
    said = text(privacy(Periods(), [], [], profile, english))
    assert "The first check is to come." in said
    assert "Nothing was due yet" in said


def test_each_run_says_what_was_there_before_and_after(profile: Profile, english: Format) -> None:
    runs = [
        run("addresses", {"agents": 12, "addresses": 1_204}, {"agents": 0, "addresses": 3}),
        run("keys", {"keys": 1}, {"keys": 0}),
        run("ended", {}, {}, "Redis was away."),
        run("gone by now", {"things": 1}, {"things": 0}),
    ]
    drawn = privacy(Periods(), runs, runs, profile, english)
    assert "Last checked Nov 24, 2026" in text(drawn)
    heads, first, second, third, fourth = rows(drawn)
    assert heads == "When What Past its time: before → after"
    assert "Addresses made unreadable 1,204 → 3 addresses of visits 12 → 0 user agents" in first
    assert "Key of a quarter destroyed 1 → 0 keys of past quarters" in second
    assert "Ended tasks removed Redis was away. -" in third
    assert "gone by now 1 → 0 things" in fourth
