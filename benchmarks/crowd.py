"""Many live clients in one process of their own, on one event loop: as cheap as Python has them.

`run` is that process; it is told what to do through a pipe, in tuples of a verb and its arguments, and
answers each. Times are those of the machine's monotonic clock, which all its processes share.
"""

import asyncio
import json
import time
from collections.abc import Sequence
from multiprocessing.connection import Connection
from multiprocessing.sharedctypes import Synchronized
from typing import Any
from urllib.parse import urlsplit

_HANDSHAKE = (
    "GET /realtime HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
_TEXT, _CLOSE, _PING, _PONG = 1, 8, 9, 10
_CONNECTING = 40
"""Clients that connect at the same time."""


class Client(asyncio.Protocol):
    """One WebSocket that watches one profile."""

    transport: asyncio.Transport

    def __init__(self, crowd: "Crowd", profile: str, token: str):
        self.crowd, self.profile, self.token = crowd, profile, token
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.rest = b""
        self.open = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(_HANDSHAKE.format(port=self.crowd.port).encode())

    def data_received(self, data: bytes) -> None:
        at = time.monotonic()
        data = self.rest + data
        if not self.open:
            head, end, data = data.partition(b"\r\n\r\n")
            if not end:
                self.rest = head
                return
            self._opened(head)
        place, size = 0, len(data)
        while size - place >= 2:
            length, start = data[place + 1], place + 2
            if length == 126:
                length, start = int.from_bytes(data[start : start + 2], "big"), start + 2
            elif length == 127:
                length, start = int.from_bytes(data[start : start + 8], "big"), start + 8
            if start + length > size:
                break
            self._frame(at, data[place] & 15, data[start : start + length])
            place = start + length
        self.rest = data[place:]

    def connection_lost(self, error: Exception | None) -> None:
        self.crowd.clients.discard(self)
        if not self.ready.done():
            self.ready.set_exception(error or ConnectionError("closed before it watched"))

    def send(self, opcode: int, payload: bytes) -> None:
        """A frame under the mask of zeros: a mask is asked for, not that it hides anything."""
        size = len(payload)
        length = bytes([128 | size]) if size < 126 else bytes([128 | 126]) + size.to_bytes(2, "big")
        self.transport.write(bytes([128 | opcode]) + length + bytes(4) + payload)

    def _opened(self, head: bytes) -> None:
        if b" 101 " not in head.split(b"\r\n", 1)[0]:
            self.ready.set_exception(ConnectionError(head[:200].decode(errors="replace")))
            self.transport.close()
        self.open = True
        for event, about in (
            ("authenticate", {"token": self.token}),
            ("subscribe", {"profileId": self.profile}),
        ):
            self.send(_TEXT, json.dumps({"event": event, "data": about}).encode())

    def _frame(self, at: float, opcode: int, payload: bytes) -> None:
        if opcode == _PING:
            self.send(_PONG, payload)
            self.crowd.pings += 1
        elif opcode == _CLOSE:
            self.transport.close()
        elif b'"profile-view"' in payload:
            self.crowd.count(1)
            if self.crowd.keeping:
                self.crowd.kept.append((at, payload))
        elif b'"subscribed"' in payload and not self.ready.done():
            self.ready.set_result(None)
        elif b'"lagged"' in payload or b'"error"' in payload:
            self.crowd.complaints.append(payload.decode())


class RawSubscriber(asyncio.Protocol):
    """A connection to Redis that is subscribed to one channel and counts what it is sent, by its length."""

    transport: asyncio.Transport

    def __init__(self, crowd: "Crowd", channel: str, password: str | None, length: int):
        self.crowd, self.channel, self.password, self.length = crowd, channel, password, length
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.begun = b""
        self.received = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        if self.password:
            transport.write(f"AUTH {self.password}\r\n".encode())
        transport.write(f"SUBSCRIBE {self.channel}\r\n".encode())

    def data_received(self, data: bytes) -> None:
        if not self.ready.done():
            self.begun += data
            if self.begun.endswith(b":1\r\n"):
                self.ready.set_result(None)
            return
        before = self.received // self.length
        self.received += len(data)
        self.crowd.count(self.received // self.length - before)


class Crowd:
    """All clients of this process. `counter` has how many messages they got so far."""

    def __init__(self, port: int, counter: "Synchronized[int]"):
        self.port, self.counter = port, counter.get_obj()
        self.clients: set[Client] = set()
        self.raw: list[RawSubscriber] = []
        self.kept: list[tuple[float, bytes]] = []
        self.complaints: list[str] = []
        self.keeping = False
        self.pings = 0

    def count(self, many: int) -> None:
        self.counter.value += many

    async def connect(self, watching: Sequence[tuple[str, str]]) -> tuple[int, float, list[str]]:
        """A client for each (profile, token). Returns how many watch, how long that took, and why others
        don't."""
        begun, gate, failed = time.monotonic(), asyncio.Semaphore(_CONNECTING), []

        async def one(profile: str, token: str) -> None:
            async with gate:
                try:
                    _, client = await asyncio.get_running_loop().create_connection(
                        lambda: Client(self, profile, token), "127.0.0.1", self.port
                    )
                    await asyncio.wait_for(client.ready, 30)
                    self.clients.add(client)
                except (OSError, TimeoutError) as error:
                    failed.append(f"{type(error).__name__}: {error}")

        await asyncio.gather(*(one(*each) for each in watching))
        return len(self.clients), time.monotonic() - begun, failed

    async def subscribe_raw(self, url: str, channel: str, many: int, length: int) -> int:
        """Raw subscribers of Redis; each of their messages has `length` bytes on the wire."""
        at = urlsplit(url)
        assert at.hostname and at.port
        for _ in range(many):
            _, subscriber = await asyncio.get_running_loop().create_connection(
                lambda: RawSubscriber(self, channel, at.password, length), at.hostname, at.port
            )
            await subscriber.ready
            self.raw.append(subscriber)
        return len(self.raw)

    def keep(self) -> None:
        """From now on the messages are kept."""
        self.kept, self.keeping = [], True

    def collect(self) -> list[tuple[float, str]]:
        """When which event was told, for each message kept."""
        self.keeping = False
        return [(at, json.loads(payload)["eventId"]) for at, payload in self.kept]

    def state(self) -> dict[str, Any]:
        """How many are connected, the pings they answered, what was complained of, and the CPU seconds
        that this process took."""
        return {
            "connected": len(self.clients),
            "pings": self.pings,
            "complaints": self.complaints[:5],
            "cpu": time.process_time(),
        }

    def close(self) -> None:
        """All of them leave."""
        for client in list(self.clients):
            client.transport.close()
        for subscriber in self.raw:
            subscriber.transport.close()
        self.raw.clear()


def run(pipe: Connection, port: int, counter: "Synchronized[int]") -> None:
    """Does what comes through the pipe until it is closed."""
    asyncio.run(_obey(pipe, Crowd(port, counter)))


async def _obey(pipe: Connection, crowd: Crowd) -> None:
    loop = asyncio.get_running_loop()
    while True:
        try:
            verb, *arguments = await loop.run_in_executor(None, pipe.recv)
        except EOFError:
            return
        answer = getattr(crowd, verb)(*arguments)
        pipe.send(await answer if asyncio.iscoroutine(answer) else answer)
