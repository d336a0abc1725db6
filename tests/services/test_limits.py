import socket
from pathlib import Path
from uuid import uuid4

import pytest

from models.errors import TooManyRequests
from models.stores import Stores, open_stores
from services import limits


@pytest.fixture(params=["Redis", "no Redis"])
def counting(stores: Stores, database_url: str, tmp_path: Path, request: pytest.FixtureRequest) -> Stores:
    """Stores with Redis, and with one that is away."""
    if request.param == "Redis":
        return stores
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        away = f"redis://127.0.0.1:{closed.getsockname()[1]}"
    return open_stores(database_url=database_url, redis_url=away, data_dir=tmp_path)


def test_beyond_the_limit_one_waits(counting: Stores) -> None:
    who = str(uuid4())
    for _ in range(3):
        limits.count(counting, "requests", who, 3)
    with pytest.raises(TooManyRequests, match=r"Too many requests\. Wait") as refused:
        limits.count(counting, "requests", who, 3)
    assert 1 <= refused.value.retry_after <= 60
    limits.count(counting, "requests", f"{who} other", 3)
    limits.count(counting, "events", who, 3)


def test_a_batch_counts_as_many_as_it_holds(counting: Stores) -> None:
    who = str(uuid4())
    limits.count(counting, "events", who, 100, cost=100)
    with pytest.raises(TooManyRequests):
        limits.count(counting, "events", who, 100)


def test_forgetting_starts_again(counting: Stores) -> None:
    who = str(uuid4())
    for _ in range(3):
        limits.count(counting, "sign-ins", who, 1, minutes=5)
        limits.forget(counting, "sign-ins", who, 1, minutes=5)


@pytest.mark.parametrize(
    ("address", "counted_by"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:DB8:1:2::9", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("_hidden", "_hidden"),
        ("", "unknown"),
    ],
)
def test_whoever_has_one_address_of_a_network_has_all(address: str, counted_by: str) -> None:
    assert limits.origin(address) == counted_by
