"""Who may connect, watch, and stay."""

import json
from uuid import UUID

import pytest
from websocket import WebSocketBadStatusException

from tests.api.realtime.conftest import Product


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
