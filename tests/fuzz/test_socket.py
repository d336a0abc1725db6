"""Whatever a client says on the socket, it is answered or the connection ends with a code; others go on."""

import json
from collections import Counter

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from websocket import ABNF, WebSocketConnectionClosedException, WebSocketTimeoutException

from tests.api.realtime.conftest import Product, product
from tests.fuzz.conftest import MOST
from tests.fuzz.spoiling import spoilt
from tests.fuzz.test_domain_events import values

__all__ = ["product"]

CODES = {1000, 1002, 1003, 1007, 1008, 1009, 1011, 1012, 1013}
ANSWERS = {"error", "subscribed", "unsubscribed", "authenticated", "gap"}
WELL_FORMED = [
    {"event": "authenticate", "data": {"token": "x"}},
    {"event": "subscribe", "data": {"profileId": "0192e4a4-0000-7000-8000-000000000009", "since": "0-0"}},
    {"event": "unsubscribe", "data": {"profileId": "0192e4a4-0000-7000-8000-000000000009"}},
]


@st.composite
def frames(draw: st.DrawFn) -> tuple[bytes, int]:
    """A frame and its kind: a message with a field of another kind, or spoilt, as text or as bytes."""
    message = json.loads(json.dumps(draw(st.sampled_from(WELL_FORMED))))
    inside = draw(st.booleans())
    target = message["data"] if inside else message
    target[draw(st.sampled_from(sorted(target)) | st.text(max_size=8))] = draw(values)
    text = json.dumps(message).encode("utf-8", "surrogatepass")
    content = draw(st.just(text) | spoilt(text) | st.binary(max_size=60) | st.just(b"[" * 5_000))
    return content, draw(st.sampled_from([ABNF.OPCODE_TEXT, ABNF.OPCODE_TEXT, ABNF.OPCODE_BINARY]))


def test_frames(product: Product, tried: Counter[str]) -> None:
    witness = product.connect().sign_in(product.token(product.anna))
    witness.subscribe(product.anna)

    @settings(
        max_examples=MOST * 10,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
    @given(st.lists(frames(), min_size=1, max_size=5), st.booleans())
    def law(said: list[tuple[bytes, int]], signed_in: bool) -> None:
        client = product.connect()
        if signed_in:
            client.sign_in(product.token(product.anna))
        try:
            for content, kind in said:
                client.socket.send(content, kind)
                code, answer = client.socket.recv_data()
                if code == ABNF.OPCODE_CLOSE:
                    assert int.from_bytes(answer[:2], "big") in CODES
                    tried["closed"] += 1
                    break
                heard = json.loads(answer)
                assert heard["event"] in {"error", "subscribed", "unsubscribed", "authenticated", "gap"}, (
                    heard
                )
                assert heard["data"].get("code") != "internal-error", (content, heard)
                tried["answered"] += 1
        except (WebSocketConnectionClosedException, ConnectionError):
            tried["closed"] += 1
        except WebSocketTimeoutException:
            raise AssertionError(f"no answer to {said}") from None
        finally:
            client.socket.shutdown()

    law()
    product.tell(product.anna, "gift-purchased", profileId=str(product.anna.profile_id))
    assert witness.until("gift-purchased")
    witness.socket.shutdown()
