"""What a client may send, and how fast it has to read."""

import http.client
import json
from contextlib import suppress
from urllib.parse import urlsplit

import pytest
from websocket import WebSocketBadStatusException

from models.errors import TooManyRequests
from services import limits
from tests.api.realtime.conftest import Product


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{", "invalid-message"),
        ("[]", "invalid-message"),
        ("[" * 3000, "invalid-message"),
        ("{}", "invalid-input"),
        ('{"event": 1}', "invalid-input"),
        ('{"event": "dance"}', "unknown-event"),
        ('{"event": "subscribe", "data": {}}', "invalid-input"),
        ('{"event": "subscribe", "data": {"profileId": "anna"}}', "invalid-input"),
        ('{"event": "subscribe", "data": {"profileId": "\\ud800", "\\ud800": 1}}', "invalid-input"),
        ('{"event": "authenticate", "data": {"token": 7}}', "invalid-input"),
        ('{"event": "subscribe", "data": {"profileId": "%s", "since": "yesterday"}}', "invalid-input"),
    ],
)
def test_what_can_not_be_understood_is_answered(product: Product, text: str, code: str) -> None:
    client = product.connect().sign_in(product.token(product.anna))
    client.socket.send(text.replace("%s", str(product.anna.profile_id)))
    heard = client.hear()
    assert heard["event"] == "error"
    assert heard["data"]["code"] == code
    assert heard["data"]["detail"].endswith(".")
    client.subscribe(product.anna)


def test_binary_messages_are_refused(product: Product) -> None:
    client = product.connect()
    client.socket.send_binary(b"{}")
    assert client.hear()["data"]["code"] == "invalid-message"


def test_messages_nested_deeply_are_refused(product: Product) -> None:
    client = product.connect()
    for message in ("[" * 2000 + "]" * 2000, '{"event": ' + '{"a":' * 600 + "1" + "}" * 601):
        client.socket.send(message)
        assert client.hear()["data"]["code"] in ("invalid-message", "invalid-input")


def test_large_messages_end_it(product: Product) -> None:
    client = product.connect()
    client.socket.send(json.dumps({"event": "x" * 5000}))
    assert client.hear()["data"]["code"] == "too-large"
    assert client.closed() == 1009


def test_many_messages_are_refused_then_end_it(product: Product) -> None:
    client = product.connect().sign_in(product.token(product.anna))
    for _ in range(30):
        client.say("unsubscribe", profileId=str(product.anna.profile_id))
    heard = [client.hear() for _ in range(30)]
    assert [each["event"] for each in heard] == ["unsubscribed"] * 29 + ["error"]
    assert heard[-1]["data"]["code"] == "too-many-requests"
    for _ in range(30):
        client.say("unsubscribe", profileId=str(product.anna.profile_id))
    assert client.closed() == 1008


def test_connections_are_limited(product: Product) -> None:
    most = 100_000
    counted = (product.stores, "connections", "address 127.0.0.1", most)
    with suppress(TooManyRequests):
        limits.count(*counted, cost=most)
    with pytest.raises(WebSocketBadStatusException) as refused:
        product.connect()
    limits.forget(*counted)
    assert refused.value.status_code == 429
    assert int(refused.value.resp_headers["retry-after"]) > 0
    product.connect()


def test_no_handshake_is_no_error_of_ours(product: Product) -> None:
    connection = http.client.HTTPConnection(urlsplit(product.url).netloc)
    connection.request("GET", "/realtime", headers={"Upgrade": "websocket", "Connection": "Upgrade"})
    assert connection.getresponse().status == 400
    connection.close()
