"""Frames and messages of the socket, as bytes."""

import json
from typing import Any

from wsproto.frame_protocol import FrameProtocol

from models.feed import Entry

# Keeps nothing from one whole frame to the next, so that one serves all sockets.
_PROTOCOL = FrameProtocol(client=False, extensions=[])


def of_entry(entry: Entry) -> bytes:
    """An entry of a live stream as a client gets it: its body, with its id in front."""
    return text(f'{{"id":"{entry.id}",{entry.body[1:]}')


def control(event: str, **data: Any) -> bytes:
    """A message of this connection alone, which has no id."""
    return text(json.dumps({"event": event, "data": data}, separators=(",", ":")))


def text(message: str) -> bytes:
    """A whole message in one frame. A server's frames are not masked, so that one fits all clients."""
    return bytes(_PROTOCOL.send_data(message))


def close(code: int, reason: str) -> bytes:
    """The end, and why."""
    return bytes(_PROTOCOL.close(code, reason))


def ping() -> bytes:
    """Asks the client for a sign of life."""
    return bytes(_PROTOCOL.ping())


def pong(payload: bytes) -> bytes:
    """The answer to a client's ping."""
    return bytes(_PROTOCOL.pong(payload))
