"""Asking a URL for keys: over TLS, only of whom a trusted authority vouches for, and holding up nobody."""

import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from models.clock import now
from services import key_sets
from services.key_sets import Broken

ROOT = Path(__file__).parents[2]
CONTENT = b'{"keys": []}'


def certificate(path: Path, *names: x509.GeneralName, days: int = 1) -> Path:
    """A file with a key and a certificate for these names, which vouches for itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, path.stem)])
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now() - timedelta(days=2))
        .not_valid_after(now() + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(private + signed.public_bytes(Encoding.PEM))
    return path


@contextmanager
def serving(handler: type[BaseHTTPRequestHandler], by: Path | None = None) -> Iterator[int]:
    """The port of a server, over TLS where it has a certificate."""
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        if by is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(by)
            # The handshake belongs to the thread of the connection.
            server.socket = context.wrap_socket(
                server.socket, server_side=True, do_handshake_on_connect=False
            )
        server.handle_error = lambda *_: None  # whoever refuses the certificate hangs up
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield server.server_port
        server.shutdown()


class Publishing(BaseHTTPRequestHandler):
    def do_GET(self) -> None:  # the name that the library asks for
        self.send_response(200)
        self.end_headers()
        self.wfile.write(CONTENT)

    def log_message(self, *_: Any) -> None:
        pass


LOOPBACK = x509.IPAddress(ip_address("127.0.0.1"))


def test_whom_a_trusted_authority_vouches_for_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = certificate(tmp_path / "ours.pem", LOOPBACK)
    monkeypatch.setenv("SSL_CERT_FILE", str(ours))
    with serving(Publishing, ours) as port:
        assert key_sets.fetch(f"https://127.0.0.1:{port}/keys") == CONTENT


@pytest.mark.parametrize(
    ("names", "days", "trusted"),
    [((LOOPBACK,), 1, False), ((x509.DNSName("other.example"),), 1, True), ((LOOPBACK,), -1, True)],
    ids=("nobody vouches", "for another name", "no longer"),
)
def test_anybody_else_is_not(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    names: tuple[x509.GeneralName, ...],
    days: int,
    trusted: bool,
) -> None:
    theirs = certificate(tmp_path / "theirs.pem", *names, days=days)
    ours = certificate(tmp_path / "ours.pem", LOOPBACK)
    monkeypatch.setenv("SSL_CERT_FILE", str(theirs if trusted else ours))
    with serving(Publishing, theirs) as port, pytest.raises(Broken, match="SSLCertVerificationError"):
        key_sets.fetch(f"https://127.0.0.1:{port}/keys")


ASKING = """
# In a web process the one that begins it has imported these before they are patched.
import socket, ssl, sys
from gevent import monkey
monkey.patch_all()
from http.client import HTTPConnection
import gevent
from services import key_sets

port = int(sys.argv[2])

def another():
    connection = HTTPConnection("127.0.0.1", port)
    connection.request("GET", "/another")
    connection.getresponse().read()

asked = gevent.spawn(key_sets.fetch, sys.argv[1])
others = gevent.spawn(another)
print(asked.get(timeout=30).decode(), others.get(timeout=30))
# A name is looked up in a thread of its own, while the loop goes on.
print(socket.getaddrinfo.__module__, type(gevent.get_hub().resolver).__module__)
"""


@pytest.mark.parametrize("encrypted", [False, True])
def test_a_slow_source_holds_up_nobody_else(tmp_path: Path, encrypted: bool) -> None:
    """It answers only when another request of the same process, which is served by turns, has come."""
    came = threading.Event()

    class Slow(Publishing):
        def do_GET(self) -> None:
            if self.path == "/another":
                came.set()
            else:
                came.wait(20)
            super().do_GET()

    ours = certificate(tmp_path / "ours.pem", LOOPBACK, x509.DNSName("localhost"))
    with serving(Slow, ours if encrypted else None) as slow, serving(Slow) as plain:
        url = f"{'https' if encrypted else 'http'}://localhost:{slow}/keys"
        ran = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", ASKING, url, str(plain)],
            cwd=ROOT,
            env={"SSL_CERT_FILE": str(ours)},
            capture_output=True,
            text=True,
            timeout=60,
        )
    assert ran.stderr == ""
    assert ran.stdout.splitlines() == [
        f"{CONTENT.decode()} None",
        "gevent._socketcommon gevent.resolver.thread",
    ]
