"""Receivers on this machine, which stand for those on the internet."""

import socket
import socketserver
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from models.outside import MailServer, Outside
from models.stores import Stores
from services.delivery import network
from tests.judge import judging

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


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    """A receiver of webhooks behind every address that is connected to."""
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

    monkeypatch.setattr(network, "connect", connect)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield kept
    server.shutdown()
    server.server_close()


@dataclass
class MailBox:
    """A mail server that takes everything, and what it took."""

    server: MailServer
    mails: list[tuple[str, str]] = field(default_factory=list)
    """To whom, and the mail as it came."""


@pytest.fixture
def mail_box() -> Iterator[MailBox]:
    """A mail server on this machine."""

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(b"220 here\r\n")
            to = ""
            for line in self.rfile:
                word = line[:4].upper()
                if word == b"RCPT":
                    to = line.decode().partition("<")[2].partition(">")[0]
                if word == b"DATA":
                    self.wfile.write(b"354 go on\r\n")
                    text = b"".join(iter(self.rfile.readline, b".\r\n"))
                    box.mails.append((to, text.decode()))
                self.wfile.write(b"221 bye\r\n" if word == b"QUIT" else b"250 fine\r\n")

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        box = MailBox(MailServer("127.0.0.1", server.server_address[1], "none", "alerts@example.com"))
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield box
        server.shutdown()


@pytest.fixture
def sending(stores: Stores, mail_box: MailBox) -> Stores:
    """Stores of an installation that detects, mails, and lets webhooks go unencrypted."""
    return replace(judging(stores), outside=Outside(mail_box.server, allow_http=True))
