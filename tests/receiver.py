"""A receiver of webhooks on this machine, which stands for one on the internet."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from services.delivery import network

PUBLIC = "93.184.216.34"
HOOK = f"http://{PUBLIC}/hook?a=1"


@dataclass
class Receiver:
    """What came in, and the statuses of the answers to come; 200 when there are none left."""

    port: int = 0
    answers: list[int] = field(default_factory=list)
    got: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    """The addresses that were connected to."""


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver behind every address that is connected to, as long as the block lasts."""
    kept = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # the name that the library asks for
            body = self.rfile.read(int(self.headers["Content-Length"]))
            kept.got.append((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(kept.answers.pop(0) if kept.answers else 200)
            self.send_header("Location", "http://127.0.0.1:1/")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    kept.port = server.server_port

    def connect(address: str, port: int, timeout: float) -> socket.socket:
        kept.asked.append(address)
        return socket.create_connection(("127.0.0.1", kept.port), timeout)

    before, network.connect = network.connect, connect
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield kept
    finally:
        network.connect = before
        server.shutdown()
        server.server_close()
