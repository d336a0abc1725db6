"""PostgreSQL is away for 20 seconds: nothing is acknowledged, and all of it is there afterwards, once."""

from threading import Event, Thread

from models.clock import now
from models.ids import new_id
from tests.faults.conftest import Anna, ids, pause
from tests.faults.machine import eventually


def test_it_is_away_for_twenty_seconds(anna: Anna) -> None:
    views = [anna.view() for _ in range(900)]
    gifts = [anna.gift() for _ in range(300)]
    stopping, away = Event(), Event()
    posted: set[str] = set()
    answers: list[tuple[bool, int, str | None]] = []

    def visit() -> None:
        """A sender that keeps an event, with an id and a time of its own, until it is acknowledged."""
        while not stopping.is_set():
            key, at = str(new_id()), now()
            while True:
                was_away = away.is_set()
                answer = anna.post(key, at)
                answers.append(
                    (was_away and away.is_set(), answer.status_code, answer.headers.get("Retry-After"))
                )
                pause(0.2)
                if answer.status_code == 201:
                    posted.add(key)
                    break

    visitors = [Thread(target=visit) for _ in range(3)]
    with anna.machine.workers(anna.stream.name), anna.watcher() as watcher:
        for visitor in visitors:
            visitor.start()
        anna.publish(*views[:300], *gifts[:100])
        anna.machine.stop_postgres()
        away.set()
        anna.publish(*views[300:600], *gifts[100:200])
        pause(20)
        unsettled = anna.stream.redis.xinfo_groups(anna.stream.name)[0]
        assert unsettled["pending"] + unsettled["lag"] >= 400
        away.clear()
        anna.machine.start_postgres()
        anna.publish(*views[600:], *gifts[200:])
        assert eventually(lambda: answers[-1][1] == 201)
        stopping.set()
        for visitor in visitors:
            visitor.join()
        assert anna.settled()
        assert anna.dead() == []
        everything = ids(views) | ids(gifts) | posted
        watcher.hears(everything)
    while_away = [(status, retry) for was_away, status, retry in answers if was_away]
    assert while_away
    assert {status for status, _ in while_away} == {503}
    assert all(retry for _, retry in while_away)
    anna.holds(ids(views) | posted, ids(gifts))
    anna.told(everything)
