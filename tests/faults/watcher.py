"""A client as docs/realtime.md wants it: comes back by itself, resumes where it was, drops what it knows."""

import json
import time
from threading import Event, Thread
from typing import Any

from websocket import WebSocketException, WebSocketTimeoutException, create_connection

from models.feed import order
from tests.faults.machine import eventually


class Watcher:
    """Watches one profile until its block ends. `heard` are the messages of the profile, `said` the names
    of those of the connection; `gaps` has for each gap when something was heard last before it, and when it
    was told (on the monotonic clock)."""

    def __init__(self, address: str, token: str, profile_id: Any, since: str | None = None):
        self._address, self._token, self._profile = address, token, str(profile_id)
        self.position = since
        self.heard: list[dict[str, Any]] = []
        self.said: list[str] = []
        self.gaps: list[tuple[float, float]] = []
        self._heard_at = time.monotonic()
        self._stopping = Event()
        self._thread = Thread(target=self._run, daemon=True)

    def __enter__(self) -> "Watcher":
        self._thread.start()
        assert eventually(lambda: "subscribed" in self.said, 30)
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._thread.join(20)

    def seen(self) -> list[str]:
        """The ids of the events in the order in which they were first told."""
        return list(dict.fromkeys(each["eventId"] for each in self.heard if not _is_figure(each)))

    def hears(self, told: set[str], seconds: float = 30) -> None:
        """Waits until all of these are heard, for so many seconds; the ids of all that came rise."""
        eventually(lambda: told <= set(self.seen()), seconds)
        assert told - set(self.seen()) == set()
        ids = [order(each["id"]) for each in self.heard]
        assert ids == sorted(set(ids))

    def says(self, *names: str, seconds: float = 30) -> None:
        """Waits until the connection has said these in this order, whatever else it says."""

        def found() -> bool:
            rest = iter(list(self.said))
            return all(name in rest for name in names)

        assert eventually(found, seconds), self.said

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._watch()
            except (OSError, WebSocketException):
                self.said.append("disconnected")
                time.sleep(0.2)

    def _watch(self) -> None:
        socket = create_connection(self._address, timeout=30)
        try:
            self._say(socket, "authenticate", token=self._token)
            since = {"since": self.position} if self.position else {}
            self._say(socket, "subscribe", profileId=self._profile, **since)
            socket.settimeout(0.5)
            while not self._stopping.is_set():
                try:
                    message = socket.recv()
                except WebSocketTimeoutException:
                    continue
                if not message:
                    raise ConnectionError("It was closed.")
                self._take(socket, json.loads(message))
        finally:
            socket.shutdown()

    def _take(self, socket: Any, message: dict[str, Any]) -> None:
        if message["event"] == "gap":
            self.gaps.append((self._heard_at, time.monotonic()))
        if "id" in message:
            self._heard_at = time.monotonic()
            self.position = message["id"]
            self.heard.append(message)
            return
        self.said.append(message["event"])
        if message["event"] in ("subscribed", "gap"):
            self.position = message["data"]["id"]
        elif message["event"] == "lagged":
            self.position = message["data"]["since"]
            self._say(socket, "subscribe", profileId=self._profile, since=self.position)

    def _say(self, socket: Any, event: str, **data: str) -> None:
        socket.send(json.dumps({"event": event, "data": data}))


def _is_figure(message: dict[str, Any]) -> bool:
    return message["event"] == "engagement-update"
