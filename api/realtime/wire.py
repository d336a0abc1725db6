"""One client's connection: frames out without ever waiting for it, frames in.

gunicorn's gevent worker runs all of this in one thread, and its sockets give way to others only where
they wait. So nothing comes between a check here and what follows from it, except where it says so.
"""

import struct
import time
from collections.abc import Iterator
from contextlib import suppress
from socket import SHUT_RDWR, SO_LINGER, SO_SNDBUF, SOL_SOCKET
from threading import Event, Thread
from typing import Any, Protocol

from wsproto import ConnectionType
from wsproto.connection import Connection
from wsproto.events import Event as WireEvent

from api.realtime import frames

_CHUNK = 4096


class Source(Protocol):
    """Where queued frames come from, and who hears that they had to be dropped."""

    def dropped(self, since: str) -> None:
        """Frames after the position `since` are dropped."""


class Wire:
    """A client's socket after its handshake.

    What the client can't take at once waits in a queue, and only then costs a thread (a greenlet) of its
    own. A queue beyond its bounds is dropped, except for control messages, and its sources are told.
    """

    MOST_FRAMES = 2_000
    MOST_BYTES = 256 * 1024
    SEND_BUFFER = 128 * 1024
    """Bytes that the system keeps on their way. Left alone it keeps megabytes of a client that does not read,
    and that would be noticed late."""

    def __init__(self, sock: Any):
        """`sock` is a socket of gevent, whose `send` takes a timeout."""
        self._sock = sock
        sock.setsockopt(SOL_SOCKET, SO_SNDBUF, self.SEND_BUFFER)
        self._protocol = Connection(ConnectionType.SERVER)
        self._queue: list[tuple[bytes, Source | None, str]] = []
        self._frames = self._bytes = 0
        self._rest = b""
        self._sender: Event | None = None
        self.is_open = True
        self.closing_since: float | None = None
        self.stuck_since: float | None = None

    def put(self, frame: bytes, source: Source | None = None, before: str = "") -> None:
        """Queues a frame; `flush` sends it. One of a `source` stands after the position `before`."""
        if not self.is_open or self.closing_since is not None:
            return
        self._queue.append((frame, source, before))
        if source is not None:
            self._frames += 1
            self._bytes += len(frame)
            if self._frames > self.MOST_FRAMES or self._bytes > self.MOST_BYTES:
                self.flush()
                if self._queue:
                    self._drop()

    def flush(self) -> None:
        """Sends what is queued, as far as the client takes it; the rest follows by itself."""
        if self._sender is not None or not self._queue:
            return
        self._take()
        try:
            sent = self._sock.send(self._rest, 0, 0.0)
        except BlockingIOError:
            sent = 0
        except OSError:
            self.abort()
            return
        self._rest = self._rest[sent:]
        if self._rest:
            self.stuck_since = time.monotonic()
            self._sender = Event()
            Thread(target=self._drain, daemon=True).start()

    def settle(self) -> None:
        """Sends what is queued, and waits until the client took it or the connection is over."""
        self.flush()
        while (sender := self._sender) is not None and self.is_open:
            sender.wait()

    def close(self, code: int, reason: str) -> None:
        """Says goodbye after what is queued; whoever does not answer is cut off, see `closing_since`."""
        if self.closing_since is None:
            self.put(frames.close(code, reason))
            self.closing_since = time.monotonic()
            self.flush()

    def abort(self) -> None:
        """Ends the connection without a word."""
        self.is_open = False
        self._queue.clear()
        with suppress(OSError):
            self._sock.shutdown(SHUT_RDWR)
        if self._sender is not None:
            self._sender.set()

    def cut(self) -> None:
        """The same for a client that takes nothing: what is on its way to it is forgotten too."""
        with suppress(OSError):
            self._sock.setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
        self.abort()

    def received(self) -> Iterator[WireEvent]:
        """What the client sends, until the connection is over."""
        while self.is_open:
            try:
                data = self._sock.recv(_CHUNK)
            except OSError:
                data = b""
            if not data:
                break
            self._protocol.receive_data(data)
            yield from self._protocol.events()
        self.abort()

    def _take(self) -> None:
        self._rest = b"".join([frame for frame, _, _ in self._queue])
        self._queue.clear()
        self._frames = self._bytes = 0

    def _drain(self) -> None:
        """Sends to a slow client: waits for it, alone."""
        sender = self._sender
        assert sender is not None
        try:
            while self.is_open and (self._rest or self._queue):
                if not self._rest:
                    self._take()
                sent = self._sock.send(self._rest)
                self._rest = self._rest[sent:]
                self.stuck_since = time.monotonic()
        except OSError:
            self.abort()
        self._rest, self._sender, self.stuck_since = b"", None, None
        sender.set()

    def _drop(self) -> None:
        oldest: dict[Source, str] = {}
        for _, source, before in self._queue:
            if source is not None:
                oldest.setdefault(source, before)
        self._queue = [each for each in self._queue if each[1] is None]
        self._frames = self._bytes = 0
        for source, before in oldest.items():
            source.dropped(before)
