"""Messages that can't be understood, between good ones; and one that comes fifty times."""

import json
from threading import Thread

from models.clock import now
from models.ids import new_id
from tests.faults.conftest import Anna, ids


def test_poison_between_good_messages(anna: Anna) -> None:
    views, gifts = [anna.view() for _ in range(400)], [anna.gift() for _ in range(200)]
    poison = [
        "",
        "no json",
        "[]",
        "null",
        "[" * 50_000,
        '{"id": 1}',
        "\udcff",
        json.dumps({**anna.view(), "type": "profile.eaten"}),
        json.dumps({**anna.view(), "id": "no uuid"}),
        json.dumps({**anna.view(), "occurredAt": "yesterday"}),
        json.dumps(anna.view() | {"data": {"profileId": str(new_id()), "ip": "192.0.2.1"}}),
        json.dumps(anna.view(referrer="x" * 100_000)),
        json.dumps(anna.gift()).replace("12.50", "1e400"),
        json.dumps(anna.gift()).replace("EUR", "QQQ"),
        json.dumps(anna.gift()).replace("roses", "\\u0000"),
        json.dumps({**anna.gift(), "data": {}}),
    ]
    with anna.machine.workers(anna.stream.name), anna.watcher() as watcher:
        good = [json.dumps(each) for pair in zip(views, [*gifts, *gifts], strict=True) for each in pair]
        for number, bad in enumerate(poison):
            anna.publish(*good[number * 50 : number * 50 + 50], bad)
        # An entry that is none, as another program may leave it.
        anna.stream.redis.xadd(anna.stream.name, {"something": "else"})
        anna.publish(*good[len(poison) * 50 :])
        assert anna.settled()
        watcher.hears(ids(views) | ids(gifts))
    dead = anna.dead()
    assert len(dead) == len(poison) + 1
    assert all(each.reason for each in dead)
    assert {each.text for each in dead} >= {text for text in poison if text.isascii() and len(text) < 1_000}
    anna.holds(ids(views), ids(gifts))
    anna.told(ids(views) | ids(gifts))


def test_the_same_event_fifty_times(anna: Anna) -> None:
    """By both workers, and at the same time by REST."""
    view, gift = anna.view(), anna.gift()
    key, at = str(new_id()), now()
    copy = {**anna.view(), "id": key, "occurredAt": at.isoformat()}
    with anna.machine.workers(anna.stream.name), anna.watcher() as watcher:
        senders = [Thread(target=anna.post, args=(key, at)) for _ in range(10)]
        for sender in senders:
            sender.start()
        for _ in range(50):
            anna.publish(view, gift, copy)
        for sender in senders:
            sender.join()
        assert anna.settled()
        watcher.hears({view["id"], gift["id"], key})
        assert sorted(watcher.seen()) == sorted([view["id"], gift["id"], key])
    assert anna.dead() == []
    anna.holds({view["id"], key}, {gift["id"]})
    anna.told({view["id"], gift["id"], key})
