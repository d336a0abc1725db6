"""Requests that arrive together share a commit, and each still gets its own answer."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from uuid import uuid4

import pytest

from models.clock import now
from models.database import Database
from models.errors import AppError, Busy, InvalidInput, NotFound
from models.stores import Stores
from services import rollups, scope
from services.ingest import events, gather
from services.ingest.events import Fate
from services.ingest.gather import Gatherer
from services.ingest.inputs import Event
from services.metrics import report
from services.profiles import Profile


def view(profile: Profile, **more: object) -> Event:
    return Event(profile_id=profile.profile_id, event_type="view", **more)


def test_many_requests_at_once_are_stored_once_each_in_fewer_commits(
    stores: Stores, anna: Profile, monkeypatch: pytest.MonkeyPatch
) -> None:
    commits = []
    store = events.store

    def counted(*args: object, **kwargs: object) -> events.Outcome:
        commits.append(1)
        return store(*args, **kwargs)  # type: ignore[arg-type]  # handed on as they come

    monkeypatch.setattr(events, "store", counted)
    door = Gatherer(stores)
    with ThreadPoolExecutor(20) as pool:
        outcomes = list(pool.map(lambda _: door.store([view(anna)], now()), range(200)))
    assert [outcome.fates for outcome in outcomes] == [(Fate.STORED,)] * 200
    assert len({outcome.ids for outcome in outcomes}) == 200
    assert len(commits) < 200
    assert (
        report(stores.database, scope.parse(anna, {"period": "7d"}, now()), ["views"])["views"].total == 200
    )
    assert rollups.verify(stores.database, anna.profile_id) == []


def test_the_same_event_from_many_requests_counts_once(stores: Stores, anna: Profile) -> None:
    door, same = Gatherer(stores), view(anna, id=uuid4(), timestamp=now())
    with ThreadPoolExecutor(10) as pool:
        outcomes = list(pool.map(lambda _: door.store([same], now()), range(50)))
    assert sum(outcome.count(Fate.STORED) for outcome in outcomes) == 1
    assert rollups.verify(stores.database, anna.profile_id) == []


def test_a_bad_request_fails_alone(stores: Stores, anna: Profile) -> None:
    door = Gatherer(stores)
    unknown = view(anna).model_copy(update={"profile_id": uuid4()})
    future = view(anna, timestamp="2099-01-01T00:00:00Z")

    def send(number: int) -> str:
        try:
            door.store([(view(anna), unknown, future)[number % 3]], now())
        except AppError as error:
            return type(error).__name__
        return "stored"

    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(send, range(60)))
    assert answers == ["stored", NotFound.__name__, InvalidInput.__name__] * 20


def test_a_commit_takes_no_more_than_it_may(
    stores: Stores, anna: Profile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gather, "MOST", 3)
    door = Gatherer(stores)
    with ThreadPoolExecutor(10) as pool:
        outcomes = list(pool.map(lambda _: door.store([view(anna), view(anna)], now()), range(30)))
    assert sum(outcome.count(Fate.STORED) for outcome in outcomes) == 60


def test_whoever_waits_is_answered_when_the_one_that_commits_is_stopped(
    stores: Stores, anna: Profile, monkeypatch: pytest.MonkeyPatch
) -> None:
    door, store = Gatherer(stores), events.store

    def stopped(*args: object, **kwargs: object) -> events.Outcome:
        monkeypatch.setattr(events, "store", store)
        raise SystemExit

    monkeypatch.setattr(events, "store", stopped)

    def send(_: int) -> str:
        try:
            door.store([view(anna)], now())
        except (AppError, SystemExit) as error:
            return type(error).__name__
        return "stored"

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(send, range(40)))
    assert answers.count("SystemExit") == 1
    assert answers.count("stored") >= 32


def test_a_profile_that_is_busy_for_long_holds_up_nobody_else(
    stores: Stores, database_url: str, anna: Profile, priya: Profile
) -> None:
    impatient = Database(database_url, patience=0.2)
    door = Gatherer(replace(stores, database=impatient))

    def send(profile: Profile) -> str:
        try:
            return door.store([view(profile)], now()).fates[0]
        except Busy as error:
            return error.code

    with stores.database.transaction() as tx, ThreadPoolExecutor(12) as pool:
        tx.lock_profile(anna.profile_id)
        fates = list(pool.map(send, [anna, priya] * 12))
    assert fates == ["busy", Fate.STORED] * 12
    assert send(anna) == Fate.STORED
    impatient.close()
