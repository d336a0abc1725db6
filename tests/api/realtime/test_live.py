"""What a client hears of the profiles that it watches."""

import signal
from pathlib import Path

from models.clock import now
from models.embedded import Endpoints
from models.feed import channel
from services import profiles
from services.ingest import events
from services.ingest.inputs import Event
from tests.api.realtime.conftest import Product, serving


def test_each_hears_each_message_once(product: Product) -> None:
    clients = [product.connect().sign_in(product.token(product.anna)) for _ in range(6)]
    for client in clients:
        client.subscribe(product.anna)
    told = [str(product.tell(product.anna, giftId=f"g{number}")) for number in range(20)]
    for client in clients:
        heard = [client.hear() for _ in told]
        assert [message["eventId"] for message in heard] == told
        assert heard[0]["event"] == "gift-purchased"
        assert heard[0]["data"] == {"profileId": str(product.anna.profile_id), "giftId": "g0"}
        client.nothing()


def test_figures_come_after_a_subscription(product: Product) -> None:
    client = product.connect().sign_in(product.token(product.anna))
    client.subscribe(product.anna)
    assert client.until("engagement-update")["data"]["views"] == 0


def test_what_was_missed_is_told_again(product: Product) -> None:
    client = product.connect().sign_in(product.token(product.anna))
    first = client.subscribe(product.anna)
    told = [str(product.tell(product.anna)) for _ in range(3)]
    client.socket.close()
    again = product.connect().sign_in(product.token(product.anna))
    assert again.subscribe(product.anna, first) == first
    assert [again.hear()["eventId"] for _ in told] == told
    last = str(product.tell(product.anna))
    assert again.hear()["eventId"] == last
    again.nothing()


def test_nothing_of_a_profile_comes_after_unsubscribe(product: Product) -> None:
    client = product.connect().sign_in(product.token())
    client.subscribe(product.anna)
    client.subscribe(product.other)
    client.say("unsubscribe", profileId=str(product.anna.profile_id))
    assert client.until("unsubscribed")["data"]["profileId"] == str(product.anna.profile_id)
    product.tell(product.anna)
    told = product.tell(product.other)
    assert client.hear()["eventId"] == str(told)


def test_what_is_stored_is_heard(product: Product) -> None:
    client = product.connect().sign_in(product.token(product.anna))
    client.subscribe(product.anna)
    view = Event(profile_id=product.anna.profile_id, event_type="view", ip="192.0.2.7")
    events.store(product.stores, [view], now())
    heard = client.until("profile-view")
    assert heard["data"]["ip"] == "192.0.2.7"
    while client.until("engagement-update")["data"]["views"] != 1:
        pass


def test_what_is_not_kept_any_more_is_a_gap(product: Product) -> None:
    client = product.connect().sign_in(product.token(product.other))
    product.tell(product.other)
    first = product.stores.feed.position(product.other.profile_id)
    for _ in range(2):
        product.tell(product.other)
    last = product.stores.feed.position(product.other.profile_id)
    product.stores.redis.xtrim(channel(product.other.profile_id), maxlen=1, approximate=False)
    client.subscribe(product.other, first)
    gap = client.until("gap")
    assert gap["data"]["profileId"] == str(product.other.profile_id)
    assert gap["data"]["id"] >= last
    told = str(product.tell(product.other))
    assert client.hear()["eventId"] == told


def test_a_long_replay_and_what_happens_meanwhile(product: Product) -> None:
    """Neither a gap nor a repeat between the two."""
    client = product.connect().sign_in(product.token(product.anna))
    first = client.subscribe(product.anna)
    told = [str(product.tell(product.anna, number=number)) for number in range(1_200)]
    again = product.connect().sign_in(product.token(product.anna))
    again.say("subscribe", profileId=str(product.anna.profile_id), since=first)
    told += [str(product.tell(product.anna, number=number)) for number in range(300)]
    assert again.until("subscribed")["data"]["id"] == first
    heard = [again.hear() for _ in told]
    assert [message["eventId"] for message in heard] == told
    again.nothing()


def test_redis_away_and_back(product: Product) -> None:
    client = product.connect().sign_in(product.token(product.anna))
    client.subscribe(product.anna)
    product.stores.redis.client_kill_filter(_type="pubsub")
    missed = str(product.tell(product.anna))
    assert client.until("waiting")
    heard = [client.hear(), client.hear()]
    assert [message["event"] for message in heard] == ["gift-purchased", "live"]
    assert heard[0]["eventId"] == missed
    told = str(product.tell(product.anna))
    assert client.hear()["eventId"] == told


def test_a_subscription_begins_when_redis_answers(product: Product) -> None:
    with product.stores.database.transaction() as tx:
        new = profiles.add(tx, name="New", time_zone="UTC", currency="EUR", at=now())
    told = str(product.tell(new))
    client = product.connect().sign_in(product.token(new))
    product.stores.redis.client_pause(3_000, all=True)
    client.say("subscribe", profileId=str(new.profile_id), since="0-0")
    assert [client.hear()["event"] for _ in range(3)] == ["waiting", "live", "subscribed"]
    assert client.hear()["eventId"] == told
    client.nothing()


def test_a_server_that_stops_says_so(endpoints: Endpoints, template: str, tmp_path: Path) -> None:
    with serving(endpoints, template, tmp_path, workers=1) as product:
        clients = [product.connect() for _ in range(2)]
        clients[0].sign_in(product.token(product.anna)).subscribe(product.anna)
        product.served.process.send_signal(signal.SIGTERM)
        assert [client.closed() for client in clients] == [1012, 1012]
