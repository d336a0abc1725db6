"""Clients that sleep, never read, or never sign in: the others are served as if they were not there."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import requests
from websocket import WebSocketBadStatusException, create_connection

from models.clock import now
from models.feed import KEPT, Post
from models.ids import new_id
from services import accounts
from services.live.message import Message
from tests.faults.conftest import Anna, pause
from tests.faults.machine import ROOT, eventually
from tests.served import Served

_ASLEEP = """
import json, sys, time
from tests.faults.watcher import Watcher

with Watcher(*sys.argv[1:4]) as watcher:
    told = 0
    while True:
        fresh, said = watcher.heard[told:], list(watcher.said)
        told += len(fresh)
        print(json.dumps([[each["eventId"] for each in fresh], said]), flush=True)
        time.sleep(0.2)
"""


def tell(anna: Anna, many: int, size: int = 100) -> list[str]:
    """Tells live messages, and returns their eventIds."""
    messages = [
        Message(anna.profile.profile_id, "gift-purchased", new_id(), {"note": "x" * size})
        for _ in range(many)
    ]
    anna.stores.feed.publish([Post(anna.profile.profile_id, tuple(each.body for each in messages))])
    return [str(each.event_id) for each in messages]


def test_a_browser_asleep_is_let_go_and_catches_up(anna: Anna, tmp_path: Path) -> None:
    """Stopped for as long as it takes until the server gives it up: ten minutes are no different then."""
    output = tmp_path / "heard"
    server = anna.machine.serving(workers=1, app="tests.faults.seams:impatient()")
    with server, output.open("w") as file:
        place = address(replace(anna, served=server))
        command = [sys.executable, "-c", _ASLEEP, place, anna.token, str(anna.profile.profile_id)]
        browser = subprocess.Popen(command, cwd=ROOT, stdout=file)
        try:
            sleeps(anna, browser, output)
        finally:
            browser.kill()
            browser.wait()


def sleeps(anna: Anna, browser: subprocess.Popen[bytes], output: Path) -> None:

    def lines() -> list[tuple[list[str], list[str]]]:
        return [json.loads(line) for line in output.read_text().splitlines()]

    def heard() -> set[str]:
        return {each for fresh, _ in lines() for each in fresh}

    assert eventually(lambda: any("subscribed" in said for _, said in lines()), 30)
    told = tell(anna, 10)
    assert eventually(lambda: set(told) <= heard(), 30)
    os.kill(browser.pid, signal.SIGSTOP)
    for _ in range(10):
        told += tell(anna, 200)
        pause(1)
    os.kill(browser.pid, signal.SIGCONT)
    assert eventually(lambda: set(told) <= heard(), 30)
    *_, (_, said) = lines()
    assert said.count("subscribed") == 2
    assert "gap" not in said


def test_who_comes_back_after_an_hour_catches_up_or_is_told_of_the_gap(anna: Anna) -> None:
    with anna.watcher() as watcher:
        watcher.hears(set(tell(anna, 1)))
    slept = watcher.position
    told = tell(anna, KEPT - 1_000)
    with anna.watcher(since=slept) as again:
        again.hears(set(told))
        assert "gap" not in again.said
    tell(anna, 2_000)
    with anna.watcher(since=slept) as late:
        late.says("gap")
        late.hears(set(tell(anna, 5)))


def test_who_never_reads_holds_up_nobody(anna: Anna) -> None:
    before = memory(anna)
    lazy = []
    for _ in range(20):
        small = create_connection(
            address(anna), timeout=30, sockopt=[(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)]
        )
        small.send(json.dumps({"event": "authenticate", "data": {"token": anna.token}}))
        small.send(json.dumps({"event": "subscribe", "data": {"profileId": str(anna.profile.profile_id)}}))
        lazy.append(small)
    with anna.watcher() as first, anna.watcher() as second:
        for _ in range(16):
            told = set(tell(anna, 400, size=1_000))
            # As much as a reader takes at once: what it hears next does not wait for the others.
            first.hears(told, seconds=10)
            second.hears(told, seconds=10)
        assert not {"gap", "disconnected"} & {*first.said, *second.said}
    ends = [end_of(each) for each in lazy]
    assert all(end in ("lagged", "closed") for end in ends)
    # 6 MB were told to each of 20: a queue has 256 KB, and the system keeps some more.
    assert memory(anna) - before < 40 * 1024


def test_a_thousand_that_never_sign_in(anna: Anna) -> None:
    """Beside them a hundred that don't even ask for anything."""
    email, password = f"{new_id()}@example.org", "a long password"
    with anna.stores.database.transaction() as tx:
        account = accounts.add(tx, email, password, now())
        accounts.grant(tx, account.account_id, anna.profile.profile_id, "owner", now())
    server = anna.machine.serving(workers=1)
    with server as url, requests.Session() as browser:
        browser.headers["Origin"] = url
        browser.post(f"{url}/sign-in", {"email": email, "password": password}, timeout=30)
        alone = replace(anna, served=server)
        with alone.watcher() as watcher:
            strangers = [stranger(server, asks=number % 11 != 0) for number in range(1_100)]
            began = time.monotonic()
            assert browser.get(f"{url}/costs", timeout=10).status_code == 200
            cookie = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
            create_connection(address(alone), timeout=10, cookie=cookie, origin=url).close()
            watcher.hears(set(tell(anna, 10)), seconds=10)
            assert enters(alone)
            assert time.monotonic() - began < 20
            assert eventually(lambda: all(map(is_over, strangers)), 30)
            assert "disconnected" not in watcher.said


def address(anna: Anna) -> str:
    return anna.url.replace("http", "ws", 1) + "/realtime"


def stranger(server: Served, asks: bool) -> socket.socket:
    """Somebody who connects, asks for the socket or not even that, and says nothing more."""
    opened = socket.create_connection(("127.0.0.1", server.ports[1]), timeout=30)
    if asks:
        opened.sendall(
            b"GET /realtime HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        )
    return opened


def enters(anna: Anna) -> bool:
    """Whether a client that is refused for now, and tries again as it is told, gets in."""

    def signs_in() -> bool:
        try:
            client = create_connection(address(anna), timeout=10)
        except WebSocketBadStatusException as error:
            assert error.status_code == 503
            assert int(error.resp_headers["retry-after"]) <= 5
            return False
        client.send(json.dumps({"event": "authenticate", "data": {"token": anna.token}}))
        welcome = json.loads(client.recv())["event"] == "authenticated"
        client.close()
        return welcome

    return eventually(signs_in, 15)


def is_over(stranger: socket.socket) -> bool:
    """Whether the server has closed the connection."""
    stranger.setblocking(False)
    try:
        while stranger.recv(4096):
            continue
    except BlockingIOError:
        return False
    except OSError:
        pass
    return True


def end_of(client: object) -> str:
    """How a connection goes on for a client that reads at last."""
    try:
        while message := json.loads(client.recv()):
            if message["event"] == "lagged":
                return "lagged"
    except Exception:
        return "closed"
    return "told all"


def memory(anna: Anna) -> int:
    """KB that the processes of the web server hold."""
    total = 0
    for place in Path("/proc").glob("[0-9]*"):
        try:
            if (place / "stat").read_text().split()[3] == str(anna.served.process.pid):
                total += int((place / "statm").read_text().split()[1]) * 4
        except OSError:
            continue
    return total
