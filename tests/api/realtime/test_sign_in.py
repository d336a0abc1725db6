"""Who may connect, watch, and stay."""

import json
from datetime import timedelta
from uuid import UUID

import pytest
from websocket import WebSocketBadStatusException

from models.clock import now
from services import accounts, tokens
from tests.api.realtime.conftest import PASSWORD, Product


def test_a_token_signs_in_from_anywhere(product: Product) -> None:
    client = product.connect(origin="https://elsewhere.example")
    client.say("authenticate", token=product.token(product.anna))
    heard = client.hear()
    assert heard["event"] == "authenticated"
    assert heard["data"]["expiresAt"].endswith("Z")
    client.subscribe(product.anna)


def test_a_browser_of_this_host_is_signed_in(product: Product) -> None:
    _, cookie = product.browser("here@example.org")
    client = product.connect(origin=product.url, cookie=cookie)
    assert client.hear() == {"event": "authenticated", "data": {"expiresAt": None}}
    client.subscribe(product.anna)


def test_a_cookie_from_elsewhere_is_refused(product: Product) -> None:
    _, cookie = product.browser("elsewhere@example.org")
    for origin in ("https://evil.example", "null", product.url.replace("127.0.0.1", "localhost")):
        with pytest.raises(WebSocketBadStatusException) as refused:
            product.connect(origin=origin, cookie=cookie)
        assert refused.value.status_code == 403
        assert json.loads(refused.value.resp_body)["code"] == "forbidden"
    with pytest.raises(WebSocketBadStatusException) as refused:
        product.connect(suppress_origin=True, cookie=cookie)
    assert refused.value.status_code == 403


def test_a_token_that_does_not_hold(product: Product) -> None:
    client = product.connect()
    client.say("authenticate", token="nonsense")
    assert client.hear()["data"]["code"] == "unauthenticated"
    client.say("authenticate", token=product.token(product.anna, scopes=("events:write",)))
    assert client.hear()["data"]["code"] == "forbidden"
    client.say("subscribe", profileId=str(product.anna.profile_id))
    assert client.hear()["data"]["code"] == "unauthenticated"


def test_anothers_profile_is_not_there(product: Product) -> None:
    client = product.connect().sign_in(product.token(product.anna))
    for profile_id in (product.other.profile_id, UUID(int=7)):
        client.say("subscribe", profileId=str(profile_id))
        assert client.hear() == {
            "event": "error",
            "data": {
                "code": "not-found",
                "detail": "There is no such profile.",
                "profileId": str(profile_id),
            },
        }
    product.tell(product.other)
    client.nothing()


def test_the_platform_watches_every_profile(product: Product) -> None:
    client = product.connect().sign_in(product.token())
    for profile in (product.anna, product.other):
        client.subscribe(profile)
        told = product.tell(profile)
        assert client.hear()["eventId"] == str(told)


class TestStaying:
    """While somebody is connected."""

    def test_strangers_have_to_sign_in(self, hurried: Product) -> None:
        client = hurried.connect()
        assert client.hear()["data"]["code"] == "unauthenticated"
        assert client.closed() == 4401

    def test_strangers_are_few(self, hurried: Product) -> None:
        strangers = [hurried.connect() for _ in range(3)]
        with pytest.raises(WebSocketBadStatusException) as refused:
            hurried.connect()
        assert refused.value.status_code == 503
        strangers[0].sign_in(hurried.token(hurried.anna))
        strangers.append(hurried.connect())
        for stranger in strangers:
            stranger.socket.close()

    def test_a_revoked_token_ends_it(self, hurried: Product) -> None:
        stores, anna = hurried.stores, hurried.anna
        with stores.database.transaction() as tx:
            listed, token = tokens.make(tx, stores.keys.jwt, anna.profile_id, "it", ["read"], 1, now())
        client = hurried.connect().sign_in(token)
        client.subscribe(anna)
        with stores.database.transaction() as tx:
            tokens.revoke(tx, anna.profile_id, listed.token_id, now())
        assert client.until("error")["data"]["code"] == "unauthenticated"
        assert client.closed() == 4401

    def test_a_token_that_ends_ends_it(self, hurried: Product) -> None:
        client = hurried.connect().sign_in(short_token(hurried))
        assert client.until("error")["data"]["code"] == "unauthenticated"
        assert client.closed() == 4401

    def test_a_new_token_keeps_it(self, hurried: Product) -> None:
        client = hurried.connect().sign_in(short_token(hurried))
        client.sign_in(hurried.token(hurried.anna))
        still = hurried.connect().sign_in(short_token(hurried))
        assert still.closed() == 4401
        client.subscribe(hurried.anna)

    def test_whoever_is_no_member_any_more_is_sent_away(self, hurried: Product) -> None:
        stores, anna = hurried.stores, hurried.anna
        account, cookie = hurried.browser("leaver@example.org")
        client = hurried.connect(origin=hurried.url, cookie=cookie)
        assert client.hear()["event"] == "authenticated"
        client.subscribe(anna)
        with stores.database.transaction() as tx:
            accounts.revoke(tx, anna.profile_id, account.account_id)
        assert client.until("error")["data"]["code"] == "not-found"
        assert client.closed() == 4403

    def test_a_new_password_signs_out(self, hurried: Product) -> None:
        account, cookie = hurried.browser("changer@example.org")
        client = hurried.connect(origin=hurried.url, cookie=cookie)
        assert client.hear()["event"] == "authenticated"
        with hurried.stores.database.transaction() as tx:
            accounts.set_password(tx, account.account_id, PASSWORD + "!")
        assert client.closed() == 4401
        again = hurried.connect(origin=hurried.url, cookie=cookie)
        assert again.hear()["data"]["code"] == "unauthenticated"
        assert again.closed() == 4401


def short_token(product: Product) -> str:
    """One that holds for two seconds more."""
    made = now() - timedelta(days=1) + timedelta(seconds=2)
    return product.token(product.anna, made=made)
