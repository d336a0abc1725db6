"""events publish, list-dead and retry, and what status tells of them."""

import json
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest

from models.stores import Stores
from services import profiles
from services.domain_events import opened
from services.domain_events.consumer import Consumer
from services.profiles import Profile
from tests.commands.conftest import Ran
from tests.services.domain_events.conftest import BOOKING, GIFT, VIEW, drain, event

Run = Callable[..., Ran]


@pytest.fixture
def told(profile: str, stores: Stores) -> list[str]:
    """Two events of the profile, as JSON."""
    anna: Profile = profiles.find(stores.database, UUID(profile))
    return [
        json.dumps(event(anna, kind, **data))
        for kind, data in (("profile.viewed", VIEW), ("gift.purchased", GIFT))
    ]


def waiting(stores: Stores) -> list[str]:
    with opened(stores) as stream:
        return [fields["event"] for _, fields in stream.redis.xrange(stream.name)]


def consumed(stores: Stores) -> None:
    with opened(stores) as stream:
        drain(Consumer(stores, stream, "first", idle=0, grace=0))


def test_lines_from_stdin(run: Run, told: list[str], stores: Stores) -> None:
    ran = run("events", "publish", "-", "--json", stdin="\n".join(told) + "\n\n")
    assert (ran.status, json.loads(ran.out)) == (0, {"published": 2})
    assert waiting(stores) == told


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("many", [True, False])
def test_a_file_of_an_array_or_of_one_object(
    run: Run, told: list[str], stores: Stores, tmp_path: Path, indent: int | None, many: bool
) -> None:
    listed = [json.loads(each) for each in told]
    file = tmp_path / "events.json"
    file.write_text(json.dumps(listed if many else listed[0], indent=indent), encoding="utf-8-sig")
    assert run("events", "publish", str(file)).status == 0
    assert [json.loads(each) for each in waiting(stores)] == (listed if many else listed[:1])


@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_a_file_that_is_nested_without_end(run: Run, stores: Stores, tmp_path: Path, opening: str) -> None:
    file = tmp_path / "events.json"
    file.write_text(opening * 100_000)
    refused = run("events", "publish", str(file))
    assert refused.status == 1
    assert "recursion" in refused.err or "An event has at most" in refused.err
    assert waiting(stores) == []


def test_what_the_consumer_would_refuse_is_named_by_its_line(
    run: Run, told: list[str], stores: Stores, tmp_path: Path
) -> None:
    file = tmp_path / "events.jsonl"
    wrong = told[1].replace("25.00", "much")
    file.write_bytes(f"{told[0]}\n{wrong}\n{{}}\n".encode() + b'"\xff"\n')
    ran = run("events", "publish", str(file))
    assert ran.status == 1
    assert "3 of 4 events can't be taken; nothing was published." in ran.err
    assert "line 2: " in ran.err
    assert "(/data/amount)" in ran.err
    assert "line 3: An event needs its type." in ran.err
    assert "line 4: It is no text in UTF-8." in ran.err
    assert waiting(stores) == []
    file.write_text("[1, 2")
    assert run("events", "publish", str(file)).status == 1


def test_dead_letters_are_listed_and_retried(run: Run, told: list[str], stores: Stores, profile: str) -> None:
    anna = profiles.find(stores.database, UUID(profile))
    early = json.dumps(event(anna, "transaction.refunded", bookingId="b-1"))
    with opened(stores) as stream:
        stream.publish(["poison", early])
        stream.redis.xadd(stream.name, {"event": b"\xff"})
    consumed(stores)
    letters = json.loads(run("events", "list-dead", "--json").out)
    assert [each["event"] for each in letters] == ["poison", early, "\\udcff"]
    assert letters[1]["reason"].startswith("There is no booking b-1;")
    assert letters[1]["deliveries"] == 1
    assert "poison" in run("events", "list-dead").out.splitlines()[0]

    assert run("events", "retry").status == 2
    assert run("events", "retry", letters[1]["id"], "--all").status == 2
    for unknown in ("1-1", f"{2**64}-0", f"1-{2**64}", "1", "x"):
        missing = run("events", "retry", unknown)
        assert (missing.status, missing.err.split(";")[0]) == (1, f"There is no dead letter {unknown}")

    with opened(stores) as stream:
        stream.publish([json.dumps(event(anna, "booking.completed", **BOOKING))])
    ran = run("events", "retry", letters[1]["id"], "--json")
    assert (ran.status, json.loads(ran.out)) == (0, {"retried": 1})
    consumed(stores)
    assert len(json.loads(run("events", "list-dead", "--json").out)) == 2
    assert run("events", "retry", "--all").out == "put back on the stream: 2\n"
    assert run("events", "list-dead").out == ""
    assert waiting(stores)[-2] == "poison"


def test_status_tells_how_they_come_in(run: Run, told: list[str], stores: Stores) -> None:
    before = json.loads(run("status", "--json").out)["domainEvents"]
    assert (before["lag"], before["workers"], before["consumed"]) == (0, 0, 0)
    run("events", "publish", "-", stdin=told[0])
    assert json.loads(run("status", "--json").out)["domainEvents"]["lag"] == 1
    consumed(stores)
    found = json.loads(run("status", "--json").out)["domainEvents"]
    assert found["stream"] == "domain-events"
    assert (found["lag"], found["pending"], found["workers"]) == (0, 0, 1)
    assert (found["consumed"], found["repeated"], found["dead"]) == (1, 0, 0)
    assert "domain events, lag: 0" in run("status").out


def test_redis_away(run: Run, told: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:1")
    assert json.loads(run("status", "--json").out)["domainEvents"] is None
    assert "redis: away" in run("status").out
    ran = run("events", "publish", "-", stdin=told[0])
    assert (ran.status, ran.err[:22]) == (1, "Redis can't be used: E")


def test_a_stream_of_another_name(
    run: Run, told: list[str], stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLATFORM_ANALYTICS_EVENT_STREAM", "shop")
    assert run("events", "publish", "-", stdin=told[0]).status == 0
    assert waiting(stores) == []
    assert stores.redis.xlen("shop") == 1
