"""The product is stopped while it is used: what it accepted is answered, and what it answered is stored."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from threading import Event, Thread
from uuid import UUID

import pytest
import requests
from sqlalchemy import select
from websocket import create_connection

from models.clock import now
from models.embedded.process import free_port
from models.ids import new_id
from models.schema import profile_events
from models.stores import Stores, open_stores
from services import rollups, tokens
from services.profiles import Profile

ROOT = Path(__file__).parents[2]


class Product:
    """`manage.py run` on the stores of the test, and those who send it views of Anna."""

    def __init__(self, stores: Stores, database_url: str, redis_url: str, folder: Path, anna: Profile):
        self.stores, self.anna = stores, anna
        self.api_port, self.frontend_port = free_port(0), free_port(0)
        environ = {
            "PATH": os.environ["PATH"],
            "DATABASE_URL": database_url.replace("+psycopg", ""),
            "REDIS_URL": redis_url,
            "PLATFORM_ANALYTICS_DATA_DIR": str(folder),
            "PLATFORM_ANALYTICS_API_PORT": str(self.api_port),
            "PLATFORM_ANALYTICS_FRONTEND_PORT": str(self.frontend_port),
            "PLATFORM_ANALYTICS_REQUESTS_PER_MINUTE": "1000000",
            "PLATFORM_ANALYTICS_EVENTS_PER_MINUTE": "1000000",
            "DEMO": "0",
        }
        self.popen = subprocess.Popen(
            [sys.executable, "manage.py", "run"],
            cwd=ROOT,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        token = tokens.mint(
            stores.keys.jwt,
            subject="anna",
            profiles=[anna.profile_id],
            scopes=("read", "events:write"),
            now=now(),
            days=1,
        )
        self.headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self.at = now().isoformat()
        self.acknowledged: set[UUID] = set()
        assert self.popen.stdout is not None
        while "Stop it" not in (line := self.popen.stdout.readline()):
            assert line, self.popen.communicate()[1]

    def body(self, key: UUID) -> str:
        event = {"profileId": str(self.anna.profile_id), "eventType": "view", "id": str(key)}
        return json.dumps({**event, "timestamp": self.at})

    def post(self, begun: Event, ending: Event) -> None:
        """One view after another over one connection, until the product ends."""
        session = requests.Session()
        address = f"http://127.0.0.1:{self.api_port}/api/profile-analytics/event"
        while not ending.is_set():
            key = new_id()
            try:
                answer = session.post(address, data=self.body(key), headers=self.headers, timeout=150)
            except requests.ConnectionError:
                if ending.wait(0.01):
                    return
                continue
            if answer.status_code == 201:
                self.acknowledged.add(key)
                if len(self.acknowledged) > 100:
                    begun.set()

    def half(self, key: UUID) -> HTTPConnection:
        """A request of which a part was sent."""
        connection = HTTPConnection("127.0.0.1", self.api_port, timeout=60)
        body = self.body(key).encode()
        connection.putrequest("POST", "/api/profile-analytics/event")
        for name, value in {**self.headers, "Content-Length": str(len(body))}.items():
            connection.putheader(name, value)
        connection.endheaders(body[:10])
        return connection

    def stored(self) -> set[UUID]:
        with self.stores.database.transaction() as tx:
            return {row["id"] for row in tx.rows(select(profile_events.c.id))}


@pytest.fixture
def product(
    stores: Stores, database_url: str, redis_url: str, tmp_path: Path, anna: Profile
) -> Iterator[Product]:
    same = open_stores(database_url=database_url, redis_url=redis_url, data_dir=tmp_path / "data")
    started = Product(same, database_url, redis_url, tmp_path / "data", anna)
    yield started
    if started.popen.poll() is None:
        started.popen.kill()
    started.popen.communicate()
    same.close()


def test_what_was_accepted_is_answered_and_stored(product: Product) -> None:
    begun, ending = Event(), Event()
    posting = [Thread(target=product.post, args=(begun, ending)) for _ in range(6)]
    slow = new_id()
    for thread in posting:
        thread.start()
    try:
        assert begun.wait(150)
        live = create_connection(f"ws://127.0.0.1:{product.api_port}/realtime", timeout=60)
        half = product.half(slow)
        product.popen.send_signal(signal.SIGTERM)
        closed = live.recv_data()
        while closed[0] != 8:
            closed = live.recv_data()
        assert int.from_bytes(closed[1][:2], "big") == 1012
        # Longer than a browser's idle connection is kept.
        time.sleep(6)
        half.send(product.body(slow).encode()[10:])
        assert half.getresponse().status == 201
        _, said = product.popen.communicate(timeout=60)
    finally:
        ending.set()
        for thread in posting:
            thread.join()
    assert (product.popen.returncode, said.splitlines()[-1]) == (0, "Stopping.")
    # Nobody is left without the answer to what was stored.
    assert product.stored() == product.acknowledged | {slow}
    assert rollups.verify(product.stores.database, product.anna.profile_id) == []


def test_a_second_signal_ends_it_at_once(product: Product) -> None:
    half = product.half(new_id())
    product.popen.send_signal(signal.SIGTERM)
    time.sleep(1.5)
    product.popen.send_signal(signal.SIGINT)
    _, said = product.popen.communicate(timeout=15)
    assert (product.popen.returncode, said.splitlines()[-2:]) == (0, ["Stopping.", "Stopping at once."])
    assert not listening(product.api_port)
    half.close()


def listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
