"""What comes to an end, and who is sent away, where there is little patience."""

import select
import socket
from datetime import timedelta
from typing import Any

import pytest
from websocket import WebSocketBadStatusException

from models.clock import now
from services import accounts, profiles, tokens
from services.rights import deletion
from tests.api.realtime.conftest import PASSWORD, PATIENCE, Client, Product

SMALL = ((socket.SOL_SOCKET, socket.SO_RCVBUF, 4096),)


def test_strangers_have_to_sign_in(hurried: Product) -> None:
    client = hurried.connect()
    assert client.hear()["data"]["code"] == "unauthenticated"
    assert client.closed() == 4401


def test_strangers_are_few(hurried: Product) -> None:
    strangers = [hurried.connect() for _ in range(3)]
    with pytest.raises(WebSocketBadStatusException) as refused:
        hurried.connect()
    assert refused.value.status_code == 503
    strangers[0].sign_in(hurried.token(hurried.anna))
    strangers.append(hurried.connect())
    for stranger in strangers:
        stranger.socket.close()


def test_a_revoked_token_ends_it(hurried: Product) -> None:
    stores, anna = hurried.stores, hurried.anna
    with stores.database.transaction() as tx:
        listed, token = tokens.make(tx, stores.keys.jwt, anna.profile_id, "it", ["read"], 1, now())
    client = hurried.connect().sign_in(token)
    client.subscribe(anna)
    with stores.database.transaction() as tx:
        tokens.revoke(tx, anna.profile_id, listed.token_id, now())
    assert client.until("error")["data"]["code"] == "unauthenticated"
    assert client.closed() == 4401


def test_a_token_that_ends_ends_it(hurried: Product) -> None:
    client = hurried.connect().sign_in(short_token(hurried))
    assert client.until("error")["data"]["code"] == "unauthenticated"
    assert client.closed() == 4401


def test_a_new_token_keeps_it(hurried: Product) -> None:
    client = hurried.connect().sign_in(short_token(hurried))
    client.sign_in(hurried.token(hurried.anna))
    still = hurried.connect().sign_in(short_token(hurried))
    assert still.closed() == 4401
    client.subscribe(hurried.anna)


def test_whoever_is_no_member_any_more_is_sent_away(hurried: Product) -> None:
    stores, anna = hurried.stores, hurried.anna
    account, cookie = hurried.browser("leaver@example.org")
    client = hurried.connect(origin=hurried.url, cookie=cookie)
    assert client.hear()["event"] == "authenticated"
    client.subscribe(anna)
    with stores.database.transaction() as tx:
        accounts.revoke(tx, anna.profile_id, account.account_id)
    assert client.until("error")["data"]["code"] == "not-found"
    assert client.closed() == 4403


def test_whoever_may_see_every_profile_stops_watching_one_that_is_deleted(hurried: Product) -> None:
    stores = hurried.stores
    with stores.database.transaction() as tx:
        gone = profiles.add(tx, name="Gone", time_zone="UTC", currency="EUR", at=now())
    client = hurried.connect().sign_in(hurried.token())
    client.subscribe(gone)
    deletion.ask(stores, gone.profile_id, "Gone", now())
    assert client.until("profile-deleted")["data"]["profileId"] == str(gone.profile_id)
    assert client.until("unsubscribed")["data"]["profileId"] == str(gone.profile_id)
    client.subscribe(hurried.anna)


def test_a_new_password_signs_out(hurried: Product) -> None:
    account, cookie = hurried.browser("changer@example.org")
    client = hurried.connect(origin=hurried.url, cookie=cookie)
    assert client.hear()["event"] == "authenticated"
    with hurried.stores.database.transaction() as tx:
        accounts.set_password(tx, account.account_id, PASSWORD + "!")
    assert client.closed() == 4401
    again = hurried.connect(origin=hurried.url, cookie=cookie)
    assert again.hear()["data"]["code"] == "unauthenticated"
    assert again.closed() == 4401


def test_subscriptions_are_limited(hurried: Product) -> None:
    client = hurried.connect().sign_in(hurried.token())
    client.subscribe(hurried.anna)
    client.subscribe(hurried.anna)
    client.say("subscribe", profileId=str(hurried.other.profile_id))
    assert client.hear()["data"]["code"] == "too-many-subscriptions"
    client.say("unsubscribe", profileId=str(hurried.anna.profile_id))
    assert client.hear()["event"] == "unsubscribed"
    client.subscribe(hurried.other)


def test_a_slow_client_lags_and_resumes(hurried: Product) -> None:
    slow = connected(hurried, sockopt=SMALL)
    quick = connected(hurried)
    told = flood(hurried, quick)
    heard = []
    while (message := slow.hear())["event"] != "lagged":
        heard.append(message)
    assert message["data"]["profileId"] == str(hurried.anna.profile_id)
    assert message["data"]["since"] == heard[-1]["id"]
    assert 0 < len(heard) < len(told)
    slow.subscribe(hurried.anna, message["data"]["since"])
    while len(heard) < len(told):
        heard.append(slow.hear())
    assert [each["eventId"] for each in heard] == told
    slow.nothing()


def test_a_client_that_never_reads_is_cut_off(hurried: Product) -> None:
    deaf = connected(hurried, sockopt=SMALL)
    quick = connected(hurried)
    flood(hurried, quick)
    poll = select.poll()
    poll.register(deaf.socket.sock, select.POLLHUP)
    assert poll.poll(PATIENCE * 1000)


def connected(product: Product, **options: Any) -> Client:
    client = product.connect(**options).sign_in(product.token(product.anna))
    client.subscribe(product.anna)
    return client


def flood(product: Product, quick: Client) -> list[str]:
    """Tells of much, as fast as the quick client hears it; nobody else holds it up. Returns the eventIds."""
    told = []
    for _ in range(10):
        some = [str(product.tell(product.anna, text="x" * 8_000)) for _ in range(20)]
        assert [quick.hear()["eventId"] for _ in some] == some
        told += some
    return told


def short_token(product: Product) -> str:
    """One that holds for three seconds more."""
    made = now() - timedelta(days=1) + timedelta(seconds=3)
    return product.token(product.anna, made=made)
