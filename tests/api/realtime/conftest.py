"""The live socket of a really served product, and clients on it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit
from uuid import UUID

import pytest
import redis
from websocket import ABNF, WebSocket, create_connection

from models.clock import now
from models.database import Database
from models.embedded import Endpoints
from models.feed import Post
from models.ids import new_id
from models.keys import Keys
from models.stores import Stores
from services import accounts, profiles, tokens
from services.accounts import Account
from services.live.message import Message
from services.profiles import Profile
from tests.conftest import copy_of
from tests.served import Served

PATIENCE = 15.0
PASSWORD = "correct horse battery"


@dataclass(frozen=True)
class Product:
    """A served product with two workers: Anna's profile and another one."""

    url: str
    stores: Stores
    anna: Profile
    other: Profile
    served: Served

    @property
    def address(self) -> str:
        return self.url.replace("http", "ws", 1) + "/realtime"

    def token(self, *of: Profile, scopes: tuple[str, ...] = ("read",), made: datetime | None = None) -> str:
        """A JWT for these profiles, or for all of them, that holds for a day."""
        return tokens.mint(
            self.stores.keys.jwt,
            subject="test",
            profiles=[profile.profile_id for profile in of] or None,
            scopes=scopes,
            now=made or now(),
            days=1,
        )

    def browser(self, email: str) -> tuple[Account, str]:
        """A new account that may see Anna, and the cookie of a browser that it signed in with."""
        with self.stores.database.transaction() as tx:
            account = accounts.add(tx, email, PASSWORD, now())
            accounts.grant(tx, account.account_id, self.anna.profile_id, "viewer", now())
        connection = HTTPConnection(urlsplit(self.url).netloc)
        form = urlencode({"email": email, "password": PASSWORD})
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Origin": self.url}
        connection.request("POST", "/sign-in", form, headers)
        cookie = connection.getresponse().headers["Set-Cookie"].split(";")[0]
        connection.close()
        return account, cookie

    def tell(self, profile: Profile, event: str = "gift-purchased", **data: Any) -> UUID:
        """Publishes a message, and returns its eventId."""
        message = Message(profile.profile_id, event, new_id(), data)
        self.stores.feed.publish([Post(profile.profile_id, (message.body,))])
        return message.event_id

    def connect(self, **options: Any) -> "Client":
        return Client(create_connection(self.address, timeout=PATIENCE, **options))


class Client:
    """Any program with a WebSocket."""

    def __init__(self, socket: WebSocket):
        self.socket = socket

    def say(self, event: str, **data: Any) -> None:
        self.socket.send(json.dumps({"event": event, "data": data}))

    def hear(self) -> dict[str, Any]:
        """The next message, without those of figures, which come when they like."""
        while True:
            heard: dict[str, Any] = json.loads(self.socket.recv())
            if heard["event"] != "engagement-update":
                return heard

    def until(self, event: str) -> dict[str, Any]:
        """The next message of this kind, whatever comes before."""
        while True:
            heard: dict[str, Any] = json.loads(self.socket.recv())
            if heard["event"] == event:
                return heard

    def sign_in(self, token: str) -> "Client":
        self.say("authenticate", token=token)
        assert self.hear()["event"] == "authenticated"
        return self

    def subscribe(self, profile: Profile, since: str | None = None) -> str:
        """Returns the id that is answered."""
        more = {"since": since} if since else {}
        self.say("subscribe", profileId=str(profile.profile_id), **more)
        heard = self.hear()
        assert heard["event"] == "subscribed", heard
        assert heard["data"]["profileId"] == str(profile.profile_id)
        position: str = heard["data"]["id"]
        return position

    def closed(self) -> int:
        """The code that the connection ends with, whatever comes before."""
        while True:
            kind, data = self.socket.recv_data()
            if kind == ABNF.OPCODE_CLOSE:
                return int.from_bytes(data[:2], "big")

    def nothing(self) -> None:
        """Asks for an answer, and hears nothing else before it."""
        self.say("nonsense")
        heard = self.hear()
        assert heard["event"] == "error", heard
        assert heard["data"]["code"] == "unknown-event"


@contextmanager
def serving(
    endpoints: Endpoints, template: str, folder: Path, workers: int = 2, app: str = "app:create_app()"
) -> Iterator[Product]:
    """A product with two profiles, for as long as the block lasts."""
    assert endpoints.redis_url is not None
    with copy_of(endpoints, template) as database_url:
        client = redis.Redis.from_url(endpoints.redis_url, decode_responses=True)
        client.flushall()
        stores = Stores(Database(database_url), client, Keys(folder / "keys"))
        with stores.database.transaction() as tx:
            anna = profiles.add(tx, name="Anna", time_zone="Europe/Berlin", currency="EUR", at=now())
            other = profiles.add(tx, name="Carl", time_zone="Asia/Kolkata", currency="JPY", at=now())
        served = Served(
            database_url,
            endpoints.redis_url,
            folder,
            workers,
            app,
            PLATFORM_ANALYTICS_SOCKETS_PER_MINUTE="100000",
        )
        with served as url:
            yield Product(url, stores, anna, other, served)
        stores.close()


@pytest.fixture(scope="package")
def product(
    endpoints: Endpoints, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Product]:
    """Served by two workers."""
    with serving(endpoints, template, tmp_path_factory.mktemp("data")) as started:
        yield started


@pytest.fixture(scope="package")
def hurried(
    endpoints: Endpoints, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Product]:
    """Served by one worker that has little patience."""
    app = "tests.api.realtime.hurried:create_app()"
    with serving(endpoints, template, tmp_path_factory.mktemp("data"), 1, app) as started:
        yield started
