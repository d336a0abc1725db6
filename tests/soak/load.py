"""Everybody who uses the installation: senders, a platform, visitors, bookkeepers, readers."""

import json
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from threading import Event, Thread
from typing import Any

from models.clock import now
from models.errors import AppError
from models.ids import new_id
from models.stores import Stores
from services import jobs
from services.imports.statements import Overrides
from services.imports.traffic import import_access_log
from services.imports.upload import Upload
from services.profiles import Profile
from tests.soak.client import Client, query
from tests.soak.journal import Journal, Sale

KINDS = ("view", "view", "view", "view", "click", "inquiry", "favorite", "share")
PAGES = (
    "/",
    "/performance",
    "/revenue",
    "/gifts",
    "/partners",
    "/costs",
    "/pnl",
    "/realtime",
    "/settings",
    "/settings/data",
)
READ = (
    "/api/profile-analytics/{}/overview",
    "/api/profile-analytics/{}/timeseries",
    "/api/revenue/{}/summary",
    "/api/costs/{}",
    "/api/pnl/{}",
)
ROWS, LINES = 25, 200
"""Of an imported statement, and of an access log."""


class Load:
    """Each of these works in a thread of its own, so many times a second, until `stop`."""

    def __init__(
        self,
        url: str,
        token: str,
        stores: Stores,
        profiles: Sequence[Profile],
        journal: Journal,
        seed: int,
        sign_in: tuple[str, str],
        folder: Path,
    ):
        self._folder = folder
        self._url, self._token, self._stores = url, token, stores
        self._profiles, self._journal, self._sign_in = profiles, journal, sign_in
        self._stopping = Event()
        self._until: float | None = None
        self._clients: list[Client] = []
        turns: list[tuple[str, Callable[[Client, Random], None], float]] = [
            *((f"event {number}", self._event, 5.0) for number in range(4)),
            ("a batch", self._batch, 0.7),
            *((f"visitor {number}", self._visitor, 4.0) for number in range(2)),
            ("a sale", self._sale, 1.5),
            ("a cost", self._cost, 1),
            ("an import", self._import, 0.1),
            ("a log", self._log, 0.1),
            *((f"figures {number}", self._read, 3.0) for number in range(2)),
            *((f"pages {number}", self._page, 1.5) for number in range(2)),
        ]
        self._threads = [
            Thread(target=self._keep_on, args=(name, turn, rate, Random(f"{seed} {name}")), name=name)
            for name, turn, rate in turns
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self, patience: float) -> list[str]:
        """Begins nothing new, and waits so many seconds for what is under way; names who did not end."""
        self._stopping.set()
        self._until = time.monotonic() + patience
        for client in self._clients:
            client.until = self._until
        for thread in self._threads:
            thread.join(max(0.0, self._until + 60 - time.monotonic()))
        return [thread.name for thread in self._threads if thread.is_alive()]

    def _keep_on(
        self, name: str, turn: Callable[[Client, Random], None], rate: float, random: Random
    ) -> None:
        is_stranger = name.startswith(("visitor", "pages"))
        client = Client(self._url, self._journal, None if is_stranger else self._token)
        self._clients.append(client)
        while not self._stopping.wait(random.uniform(0.5, 1.5) / rate):
            try:
                turn(client, random)
            except Exception as error:
                self._journal.note(f"{name} broke: {error!r}")

    def _told(self, profile: Profile, random: Random) -> dict[str, Any]:
        return {
            "id": str(new_id()),
            "profileId": str(profile.profile_id),
            "eventType": random.choice(KINDS),
            "timestamp": now().isoformat(),
            "visitorId": f"v{random.randrange(200)}",
            "userAgent": client_agent(random),
        }

    def _store(self, client: Client, profile: Profile, told: list[dict[str, Any]], body: Any) -> None:
        keys = [each["id"] for each in told]
        self._journal.sending(*keys)
        if client.insist("POST", "/api/profile-analytics/event", json=body):
            views = {each["id"] for each in told if each["eventType"] == "view"}
            self._journal.acknowledged(keys, profile.profile_id, views)

    def _event(self, client: Client, random: Random) -> None:
        profile = random.choice(self._profiles)
        told = self._told(profile, random)
        self._store(client, profile, [told], told)
        if random.random() < 0.1:
            # It never heard the answer.
            self._store(client, profile, [told], told)

    def _batch(self, client: Client, random: Random) -> None:
        profile = random.choice(self._profiles)
        told = [self._told(profile, random) for _ in range(random.choice((10, 20, 250)))]
        self._store(client, profile, told, {"events": told})

    def _visitor(self, client: Client, random: Random) -> None:
        profile = random.choice(self._profiles)
        told = {**self._told(profile, random), "url": "https://site.example/", "key": profile.public_key}
        wire = {name: told[name] for name in ("key", "id", "eventType", "timestamp", "url")} | {
            "durationSeconds": 1.5
        }
        self._journal.sending(told["id"])
        while True:
            # The clock of the browser goes on while it tries; the event keeps its time.
            answer = client.ask("POST", "/api/track", json=wire | {"sentAt": now().isoformat()})
            if answer is not None and answer.status_code == 204:
                views = {told["id"]} if told["eventType"] == "view" else set()
                self._journal.acknowledged([told["id"]], profile.profile_id, views)
                return
            if answer is not None and answer.status_code != 503:
                self._journal.note(f"tracker: {answer.status_code} {answer.text[:300]}")
                return
            if client.until is not None and time.monotonic() > client.until:
                return
            time.sleep(0.5)

    def _sale(self, client: Client, random: Random) -> None:
        """Pending, then paid, then given back in part: each step is kept until it is taken."""
        profile = random.choice(self._profiles)
        key, amount = str(new_id()), Decimal(random.randrange(200, 30_000)) / 100
        whole = {
            "id": key,
            "profileId": str(profile.profile_id),
            "type": "gift",
            "amount": str(amount),
            "currency": profile.currency,
            "donorId": f"d{random.randrange(50)}",
            "category": random.choice(("roses", "wine")),
            "date": now().isoformat(),
        }
        back = (amount / 2).quantize(Decimal("0.01"))
        steps: list[tuple[dict[str, Any], Sale]] = [
            ({"status": "pending"}, Sale(profile.profile_id, amount, "pending")),
            ({"status": "completed"}, Sale(profile.profile_id, amount, "completed")),
            (
                {"status": "refunded", "refundedAmount": str(back)},
                Sale(profile.profile_id, amount, "refunded", back),
            ),
        ]
        for step, sale in steps[: random.randint(1, 3)]:
            self._journal.sending(key)
            if not client.insist("POST", "/api/transactions", json=whole | step):
                return
            self._journal.sold(key, sale)

    def _cost(self, client: Client, random: Random) -> None:
        profile = random.choice(self._profiles)
        name = f"Lamp {new_id()}"
        body = {
            "profileId": str(profile.profile_id),
            "category": "tools",
            "description": name,
            "amount": "3.20",
            "currency": profile.currency,
            "date": now().date().isoformat(),
        }
        self._journal.sending(name)
        for _ in range(random.choice((1, 1, 2))):
            answer = client.insist("POST", "/api/costs", json=body, headers={"Idempotency-Key": name})
            if answer is None:
                return
            self._journal.costs[name] = profile.profile_id
            self._journal.open.discard(name)

    def _import(self, client: Client, random: Random) -> None:
        profile = random.choice(self._profiles)
        name = f"{new_id()}.csv"
        rows = [
            f"2026-10-{1 + row % 28:02},{name} {row},{1 + row}.50,{profile.currency}" for row in range(ROWS)
        ]
        text = "\n".join(["Date,Description,Amount,Currency", *rows])
        upload = Upload("transactions", name, text.encode(), "booking", Overrides(date_order="ymd"))
        self._journal.sending(name)
        while client.until is None or time.monotonic() < client.until:
            try:
                jobs.import_file(self._stores, profile.profile_id, upload, "soak@example.com", now())
            except AppError:
                time.sleep(1)
                continue
            with self._journal.lock:
                self._journal.open.discard(name)
                self._journal.imported[name] = profile.profile_id, ROWS
            return

    def _log(self, client: Client, random: Random) -> None:
        """An access log, as the command line imports it; again and again until it was taken whole."""
        profile = random.choice(self._profiles)
        at = now().strftime("%d/%b/%Y:%H:%M:%S +0000")
        name = new_id()
        lines = [
            f'192.0.2.{random.randrange(1, 250)} - - [{at}] "GET /{name}/{line} HTTP/1.1" 200 512 "-" '
            f'"{client_agent(random)}"'
            for line in range(LINES)
        ]
        path = self._folder / f"{name}.log"
        path.write_text("\n".join(lines) + "\n")
        while client.until is None or time.monotonic() < client.until:
            try:
                import_access_log(self._stores, profile, path)
            except AppError:
                time.sleep(1)
                continue
            with self._journal.lock:
                self._journal.logged[profile.profile_id] += LINES
            break
        else:
            self._journal.note("an access log was never taken")
        path.unlink()

    def _read(self, client: Client, random: Random) -> None:
        profile = random.choice(self._profiles)
        path = random.choice(READ).format(profile.profile_id)
        client.ask("GET", f"{path}?period=7d&granularity=day&compare=none")

    def _page(self, client: Client, random: Random) -> None:
        """A page, and what its callbacks ask for."""
        if "session" not in client.session.cookies:
            email, password = self._sign_in
            form = {"email": email, "password": password}
            client.ask("POST", "/sign-in", data=form, headers={"Origin": self._url}, allow_redirects=False)
            return
        profile = random.choice(self._profiles)
        client.ask("GET", random.choice(PAGES) + query(profile.profile_id))
        layouts = client.ask("GET", "/_dash-dependencies")
        if layouts is None or layouts.status_code != 200:
            return
        callbacks = [
            each
            for each in layouts.json()
            if [part["id"] for part in each["inputs"]] == ["query"] and not each.get("clientside_function")
        ]
        for callback in random.sample(callbacks, 4):
            body = json.dumps(_filled(callback, query(profile.profile_id)))
            headers = {"Content-Type": "application/json", "Origin": self._url}
            client.ask("POST", "/_dash-update-component", data=body, headers=headers)


def client_agent(random: Random) -> str:
    """The user agent of a person's browser."""
    return f"Mozilla/5.0 (X11; Linux x86_64; rv:{120 + random.randrange(10)}.0) Gecko/20100101 Firefox/125.0"


def _filled(callback: dict[str, Any], search: str) -> dict[str, Any]:
    """What a browser sends for a callback whose one input is the query."""

    def given(part: dict[str, Any]) -> Any:
        if part["id"].startswith("{"):
            return []
        return {**part, "value": search if part["id"] == "query" else None}

    places = [place.rpartition(".") for place in callback["output"].strip(".").split("...")]
    outputs = [{"id": name, "property": prop} for name, _, prop in places]
    return {
        "output": callback["output"],
        "outputs": outputs if callback["output"].startswith("..") else outputs[0],
        "inputs": [given(part) for part in callback["inputs"]],
        "state": [given(part) for part in callback["state"]],
        "changedPropIds": ["query.data"],
    }


def a_second_ago() -> str:
    """So that no clock of another process is behind it."""
    return (now() - timedelta(seconds=1)).isoformat()
