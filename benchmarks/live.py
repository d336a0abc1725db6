"""`make bench-live`: how soon and how much the product tells live on this machine.

The product runs as it does for `make run`: engines, two web processes, one worker. Events go in as the
platform puts them in, by XADD; clients of the socket stand in a process of their own, which has to share
the machine with what is measured: the CPU that it takes is told beside. Bounded in count and time.
"""

import gzip
import json
import multiprocessing
import os
import resource
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from ctypes import c_ulong
from datetime import UTC, datetime
from pathlib import Path
from statistics import quantiles
from typing import Any
from uuid import uuid4

import redis

from benchmarks import crowd, dashboard
from benchmarks.product import EMAIL, PASSWORD, Product, product
from models.clock import now
from models.feed import Post, channel
from services import tokens
from services.domain_events.stream import FIELD, GROUP, NAME
from services.imports.statements import read
from services.imports.transactions import import_transactions
from services.profiles import Profile

_DATA = Path(__file__).parent.parent / "tests" / "data"
_PROFILES, _WATCHERS, _WEB = 50, 10, 2
_EVENTS, _A_SECOND = 300, 20
_MANY, _STEADY_SECONDS = 2_000, 60
_FAN, _TOLD, _AHEAD, _CHUNK = 50, 3_000, 200, 50
_BACKLOG = 20_000
_PATIENCE = 60.0
_CONTEXT = multiprocessing.get_context("spawn")


def main() -> None:
    """Prints a table: what was measured beside what is aimed at."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    print(f"{os.cpu_count()} CPUs; load before: {_load()} (others' work counts in what follows)")
    with product(_PROFILES, _WEB) as running:
        purchases = _purchases(running)
        with _Crowd(running) as clients:
            _warm(running, clients)
            # First of all: what later ones leave free would hide what these need.
            _hold_many(running, clients)
            clients.leave()
            clients.join(_WATCHERS)
            _row("from XADD to the socket, 500 clients", _latency(running, clients), "p50 30, p99 150 ms")
            with _dashboard_in_use(running, purchases):
                _row("the same, dashboard in use", _latency(running, clients))
            clients.leave()
            _fan_out(running, clients)
        _throughput(running)
    print(f"load after: {_load()}")


class _Crowd:
    """The clients' process."""

    def __init__(self, running: Product):
        self.running = running
        self.counter = _CONTEXT.Value(c_ulong, 0)
        self.pipe, theirs = _CONTEXT.Pipe()
        self.process = _CONTEXT.Process(
            target=crowd.run, args=(theirs, running.port, self.counter), daemon=True
        )
        key = running.stores.keys.jwt
        self.tokens = {
            str(profile.profile_id): tokens.mint(
                key,
                subject="bench",
                profiles=[profile.profile_id],
                scopes=["read"],
                now=now(),
                days=1,
            )
            for profile in running.profiles
        }

    def __enter__(self) -> "_Crowd":
        self.process.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.join()

    def ask(self, verb: str, *arguments: object) -> Any:
        self.pipe.send((verb, *arguments))
        return self.pipe.recv()

    def join(self, each: int, profiles: Sequence[Profile] | None = None) -> float:
        """So many clients for each profile; returns the seconds that it took."""
        chosen = [str(profile.profile_id) for profile in profiles or self.running.profiles]
        watching = [(profile, self.tokens[profile]) for _ in range(each) for profile in chosen]
        connected, seconds, failed = self.ask("connect", watching)
        if failed:
            print(f"  {len(failed)} clients could not connect, such as: {failed[0]}")
        assert connected + len(failed) == len(watching)
        return float(seconds)

    def leave(self) -> None:
        self.ask("close")
        time.sleep(2)

    @property
    def received(self) -> int:
        return int(self.counter.value)

    def wait_for(self, count: int) -> bool:
        """Until so many messages came, in all; False when that takes too long."""
        deadline = time.monotonic() + _PATIENCE
        while self.received < count:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.001)
        return True


def _latency(running: Product, clients: _Crowd) -> str:
    """Sends events at an even pace; the times from each XADD to each of its messages."""
    clients.ask("keep")
    aim, before = clients.received + _EVENTS * _WATCHERS, running.seconds()
    sent: dict[str, float] = {}
    begun, cpu = time.monotonic(), clients.ask("state")["cpu"]
    for number in range(_EVENTS):
        time.sleep(max(0.0, begun + number / _A_SECOND - time.monotonic()))
        event = _view(running.profiles[number % _PROFILES])
        text = json.dumps(event)
        sent[event["id"]] = time.monotonic()
        running.stores.redis.xadd(NAME, {FIELD: text})
    clients.wait_for(aim)
    seconds = time.monotonic() - begun
    took = [(at - sent[key]) * 1000 for at, key in clients.ask("collect") if key in sent]
    lost = _EVENTS * _WATCHERS - len(took)
    cuts = quantiles(took, n=100)
    after = running.seconds()
    shares = " ".join(f"{name} {(after[name] - before[name]) / seconds:.0%}" for name in after)
    share = (clients.ask("state")["cpu"] - cpu) / seconds
    return (
        f"p50 {cuts[49]:.1f}  p90 {cuts[89]:.1f}  p99 {cuts[98]:.1f}  max {max(took):.1f} ms; {lost} lost"
        f" (CPU: {shares} clients {share:.0%})"
    )


def _hold_many(running: Product, clients: _Crowd) -> None:
    """Connects many, looks whether they stay, and tells all of them something."""
    before = running.web_memory()
    seconds = clients.join(_MANY // _PROFILES)
    connected = clients.ask("state")["connected"]
    _row(f"{_MANY:,} clients on {_WEB} processes", f"{connected} connected in {seconds:.1f} s")
    pinged = clients.ask("state")["pings"]
    time.sleep(_STEADY_SECONDS)
    state = clients.ask("state")
    _row(
        f"after {_STEADY_SECONDS} s",
        f"{_MANY - state['connected']} lost, {state['pings'] - pinged:,} pings answered",
        "none lost",
    )
    grown = (running.web_memory() - before) / 1024 / _MANY
    _row("memory of the web (RSS)", f"{grown:.1f} KB more for each client", "at most 40 KB")
    aim, begun = clients.received + connected, time.monotonic()
    _xadd(running, [_view(profile) for profile in running.profiles])
    clients.wait_for(aim)
    told = time.monotonic() - begun
    _row("an event to all of them", f"{clients.received - aim + connected} messages in {told:.2f} s")
    if state["complaints"]:
        print(f"  complaints: {state['complaints']}")


def _fan_out(running: Product, clients: _Crowd) -> None:
    """As fast as one profile's subscribers take it, through the socket and from Redis itself."""
    watched = running.profiles[0]
    clients.join(_FAN, [watched])
    body = json.dumps(_told(watched), separators=(",", ":"))
    posts = [Post(watched.profile_id, (body,) * _CHUNK)]
    begun_at, begun, before = clients.received, time.monotonic(), running.seconds()
    for sent in range(0, _TOLD, _CHUNK):
        # Never further ahead than what a client may be behind.
        clients.wait_for(begun_at + (sent - _AHEAD) * _FAN)
        running.stores.feed.publish(posts)
    complete = clients.wait_for(begun_at + _TOLD * _FAN)
    seconds = time.monotonic() - begun
    socket = (clients.received - begun_at) / seconds
    web = (running.seconds()["web"] - before["web"]) / seconds
    clients.leave()

    name = f"raw:{channel(watched.profile_id)}"
    payload = f"{int(time.time() * 1000)}-0 {body}"
    length = len(f"*3\r\n$7\r\nmessage\r\n${len(name)}\r\n{name}\r\n${len(payload)}\r\n{payload}\r\n")
    clients.ask("subscribe_raw", running.redis_url, name, _FAN, length)
    begun_at, begun = clients.received, time.monotonic()
    for _ in range(0, _TOLD, _CHUNK):
        pipe = running.stores.redis.pipeline(transaction=False)
        for _ in range(_CHUNK):
            pipe.publish(name, payload)
        pipe.execute()
    clients.wait_for(begun_at + _TOLD * _FAN)
    raw = (clients.received - begun_at) / (time.monotonic() - begun)
    note = "" if complete else "; not all arrived"
    _row(f"fan-out to {_FAN} sockets", f"{socket:,.0f} messages a second (CPU: web {web:.0%}){note}")
    _row(f"Redis to {_FAN} raw subscribers", f"{raw:,.0f} messages a second")
    _row("sockets beside Redis itself", f"{socket / raw:.0%}", "at least 10 %")


def _throughput(running: Product) -> None:
    """How fast one worker counts what has gathered."""
    running.stop_worker()
    for start in range(0, _BACKLOG, 1_000):
        _xadd(running, [_view(running.profiles[i % _PROFILES]) for i in range(start, start + 1_000)])
    running.start_worker()
    while _left(running.stores.redis) >= _BACKLOG:
        time.sleep(0.01)
    begun, first, worker = time.monotonic(), _left(running.stores.redis), running.seconds()["worker"]
    deadline = begun + _PATIENCE
    while (left := _left(running.stores.redis)) and time.monotonic() < deadline:
        time.sleep(0.02)
    seconds = time.monotonic() - begun
    cpu = (running.seconds()["worker"] - worker) / seconds
    _row("domain events, one worker", f"{(first - left) / seconds:,.0f} a second (CPU: worker {cpu:.0%})")


def _left(client: "redis.Redis") -> int:
    """What no consumer has acknowledged yet."""
    (group,) = (each for each in client.xinfo_groups(NAME) if each["name"] == GROUP)
    return int(group["lag"] or 0) + int(group["pending"])


@contextmanager
def _dashboard_in_use(running: Product, profile: Profile) -> Iterator[None]:
    pipe, theirs = _CONTEXT.Pipe()
    user = _CONTEXT.Process(
        target=dashboard.use,
        args=(theirs, running.port, EMAIL, PASSWORD, str(profile.profile_id)),
        daemon=True,
    )
    user.start()
    try:
        yield
        pipe.send("enough")
        if pipe.poll(_PATIENCE):
            did = pipe.recv()
            print("  in use: " + ", ".join(f"{n} x {name} ({ms:.0f} ms)" for name, (n, ms) in did.items()))
    finally:
        user.terminate()
        user.join()


def _purchases(running: Product) -> Profile:
    """A profile with years of gifts, so that a page and an export have something to do."""
    profile = running.profiles[-1]
    file = Path(running.environ["PLATFORM_ANALYTICS_DATA_DIR"]) / "purchases.csv"
    file.write_bytes(gzip.decompress((_DATA / "cdnow_purchases.csv.gz").read_bytes()))
    import_transactions(running.stores, profile, file, read(file), "gift")
    return profile


def _warm(running: Product, clients: _Crowd) -> None:
    """Everything once, so that no first time is measured."""
    clients.join(1)
    _xadd(running, [_view(profile) for profile in running.profiles])
    while _left(running.stores.redis):
        time.sleep(0.05)
    clients.leave()


def _xadd(running: Product, events: Sequence[dict[str, Any]]) -> None:
    pipe = running.stores.redis.pipeline(transaction=False)
    for event in events:
        pipe.xadd(NAME, {FIELD: json.dumps(event)})
    pipe.execute()


def _view(profile: Profile) -> dict[str, Any]:
    visitor = uuid4()
    return {
        "id": str(uuid4()),
        "type": "profile.viewed",
        "occurredAt": datetime.now(UTC).isoformat(),
        "data": {
            "profileId": str(profile.profile_id),
            "ip": f"198.51.100.{visitor.int % 250 + 1}",
            "userAgent": "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0",
            "referrer": "https://www.google.com/",
            "visitorId": visitor.hex,
        },
    }


def _told(profile: Profile) -> dict[str, Any]:
    """A live message as it is published."""
    return {
        "event": "profile-view",
        "eventId": str(uuid4()),
        "data": {
            "profileId": str(profile.profile_id),
            "ip": "198.51.100.7",
            "timestamp": "2026-11-24T15:00:00.000Z",
            "isGov": False,
            "source": "Google",
            "country": "DE",
            "device": "desktop",
        },
    }


def _load() -> str:
    return " ".join(f"{part:.2f}" for part in os.getloadavg())


def _row(name: str, measured: str, aim: str | None = None) -> None:
    print(f"{name:38} {measured}" + (f"  [aim: {aim}]" if aim else ""), flush=True)


if __name__ == "__main__":
    main()
