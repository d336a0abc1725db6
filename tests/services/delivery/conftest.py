"""Receivers on this machine, which stand for those on the internet."""

import socketserver
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import pytest

from models.outside import MailServer, Outside
from models.stores import Stores
from tests.judge import judging
from tests.receiver import Receiver, receiving


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver of webhooks behind every address that is connected to."""
    with receiving() as kept:
        yield kept


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
