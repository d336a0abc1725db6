"""What is sent stays outside: nothing reaches a private network, by whatever name."""

import socket
import threading
from collections.abc import Iterator

import pytest

from models.errors import InvalidInput
from services.delivery import network
from services.delivery.network import Unreachable, checked_url, is_public, post
from tests.receiver import HOOK, PUBLIC, Receiver

PRIVATE = (
    "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",
    "224.0.0.1", "255.255.255.255", "192.0.2.1", "::1", "::", "fc00::1", "fe80::1", "ff02::1",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::1", "2001:0:a00:1::1",
)  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE)
def test_private_addresses_are_refused(address: str) -> None:
    assert not is_public(address)
    literal = f"[{address}]" if ":" in address else address
    with pytest.raises(InvalidInput, match="private network"):
        checked_url(f"https://{literal}/hook", allow_http=False)


@pytest.mark.parametrize("address", [PUBLIC, "8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8"])
def test_addresses_of_the_internet_are_not(address: str) -> None:
    assert is_public(address)


# Each of these is a way to write an address of this machine, or a name that points to it.
@pytest.mark.parametrize(
    "host", ["localhost", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "[::ffff:127.0.0.1]", "[::1]"]
)
def test_names_that_point_there_are_refused(host: str, receiver: Receiver) -> None:
    with pytest.raises(Unreachable, match="private network"):
        post(f"http://{host}:{receiver.port}/", {}, b"{}")
    assert receiver.asked == []
    assert receiver.got == []


def test_one_private_address_of_a_name_is_enough(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, 80)) for ip in (PUBLIC, "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    with pytest.raises(Unreachable, match="private network"):
        post("http://two.example/", {}, b"{}")
    assert receiver.asked == []


def test_the_name_is_resolved_once_and_the_checked_address_is_asked(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter([PUBLIC, "127.0.0.1"])  # a name that changes its mind

    def resolve(*_: object, **__: object) -> list[object]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), 80))]

    def connect(address: str, port: int, timeout: float) -> socket.socket:
        receiver.asked.append(address)
        opened = socket.socket()
        opened.connect(("127.0.0.1", receiver.port))
        return opened

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(network, "connect", connect)
    assert post("http://rebinding.example/hook", {}, b"{}") == 200
    assert receiver.asked == [PUBLIC]
    assert receiver.got[0][1]["host"] == "rebinding.example"


def test_no_redirect_is_followed(receiver: Receiver) -> None:
    receiver.answers = [307]
    assert post(HOOK, {}, b"{}") == 307
    assert len(receiver.got) == 1


def test_what_is_not_there_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(address: str, port: int, timeout: float) -> socket.socket:
        raise ConnectionRefusedError

    monkeypatch.setattr(network, "connect", refuse)
    with pytest.raises(Unreachable, match=r"93\.184\.216\.34 can't be reached on port 81\."):
        post(f"http://{PUBLIC}:81/", {}, b"{}")


@pytest.fixture
def drip(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """A receiver that never ends its answer; the event stops it."""
    ended = threading.Event()
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        line, _ = listener.accept()
        with line:
            line.sendall(b"HTTP/1.1 200 OK\r\n")
            while not ended.wait(0.01):
                try:
                    line.sendall(b"X-Drip: drop\r\n")
                except OSError:
                    return

    threading.Thread(target=serve, daemon=True).start()
    to = listener.getsockname()
    monkeypatch.setattr(network, "connect", lambda *_: socket.create_connection(to))
    yield ended
    ended.set()
    listener.close()


def test_an_answer_without_end_is_left(drip: threading.Event, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network, "PATIENCE", 0.3)
    with pytest.raises(Unreachable, match="in time"):
        post(HOOK, {}, b"{}")


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("", "Give the address"),
        ("ftp://example.com/", "begins with https"),
        ("https:///hook", "begins with https"),
        ("http://example.com/", "needs https"),
        ("https://anna:secret@example.com/", "no user"),
        ("https://example.com/#part", "no user"),
        ("https://example.com:99999/", "not the address"),
        ("https://[::1/", "not the address"),
        ("https://example.com/\r\nX: y", "Give the address"),
        (f"https://example.com/{'a' * 2000}", "Give the address"),
    ],
)
def test_addresses_that_can_not_be(url: str, why: str) -> None:
    with pytest.raises(InvalidInput, match=why):
        checked_url(url, allow_http=False)


def test_http_when_the_operator_lets_it() -> None:
    assert checked_url(" http://example.com:8080/a?b=c ", allow_http=True) == "http://example.com:8080/a?b=c"
