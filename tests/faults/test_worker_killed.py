"""A worker dies in the middle of a batch, again and again: nothing is lost, and nothing counts twice."""

import random
from threading import Thread

from tests.faults.conftest import Anna, ids, pause
from tests.faults.machine import kill

KILLS = 12


def test_nothing_is_lost_and_nothing_counts_twice(anna: Anna) -> None:
    views = [anna.view(visitorId=f"v{number % 50}") for number in range(3_000)]
    gifts = [anna.gift() for _ in range(1_000)]
    events = [*views, *gifts]
    random.shuffle(events)

    def publish() -> None:
        for start in range(0, len(events), 100):
            anna.publish(*events[start : start + 100])
            pause(0.1)

    platform = Thread(target=publish)
    running = [anna.machine.worker(anna.stream.name) for _ in range(2)]
    with anna.watcher() as watcher:
        platform.start()
        try:
            for _ in range(KILLS):
                pause(random.uniform(0.2, 1.5))
                victim = random.choice(running)
                kill(victim.pid)
                victim.wait()
                running[running.index(victim)] = anna.machine.worker(anna.stream.name)
            platform.join()
            assert anna.settled()
        finally:
            for process in running:
                process.terminate()
                process.wait(20)
        assert anna.dead() == []
        watcher.hears(ids(events))
    anna.holds(ids(views), ids(gifts))
    anna.told(ids(events))
