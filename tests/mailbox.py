"""A mail server on this machine, which stands for the operator's."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from models.outside import MailServer


@dataclass
class MailBox:
    """A mail server that takes everything, and what it took."""

    server: MailServer
    mails: list[tuple[str, str]] = field(default_factory=list)
    """To whom, and the mail as it came."""
    took: threading.Event = field(default_factory=threading.Event)
    """Set with the first of them."""


@contextmanager
def taking_mail() -> Iterator[MailBox]:
    """A mail server on this machine, as long as the block lasts."""

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
                    box.took.set()
                self.wfile.write(b"221 bye\r\n" if word == b"QUIT" else b"250 fine\r\n")

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        box = MailBox(MailServer("127.0.0.1", server.server_address[1], "none", "alerts@example.com"))
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield box
        server.shutdown()
