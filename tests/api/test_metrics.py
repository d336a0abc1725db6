"""/metrics: what Prometheus reads, also while a store is away."""

import json
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from app import create_app
from config import Config
from models.database import Database
from models.stores import Stores, open_redis
from services.domain_events import opened
from services.domain_events.consumer import Consumer
from services.profiles import Profile
from tests.services.domain_events.conftest import GIFT, VIEW, drain, event

Samples = dict[tuple[str, str], float]


def scrape(client: FlaskClient) -> Samples:
    """The samples, by name and the value of their only label."""
    answer = client.get("/metrics")
    assert answer.status_code == 200, answer.text
    assert answer.content_type.startswith("text/plain; version=")
    return {
        (
            sample.name.removeprefix("platform_analytics_"),
            next(iter(sample.labels.values()), ""),
        ): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_an_installation_that_nobody_told_anything(client: FlaskClient) -> None:
    found = scrape(client)
    assert (found["up", "postgresql"], found["up", "redis"]) == (1, 1)
    assert found["domain_events_lag", ""] == 0
    assert found["domain_events_consumed_total", "gift.purchased"] == 0
    assert found["workers", ""] == 0


def test_it_follows_the_events(stores: Stores, client: FlaskClient, anna: Profile) -> None:
    view, gift = (json.dumps(each) for each in (
        event(anna, "profile.viewed", **VIEW), event(anna, "gift.purchased", **GIFT)
    ))  # fmt: skip
    with opened(stores) as stream:
        stream.publish([view, view, gift, "poison"])
        assert scrape(client)["domain_events_lag", ""] == 4
        stream.join()
        assert scrape(client)["domain_events_lag", ""] == 4
        stream.read("dead", 1, 0)
        found = scrape(client)
        assert (found["domain_events_lag", ""], found["domain_events_pending", ""]) == (3, 1)
        drain(Consumer(stores, stream, "first", idle=0))
        assert scrape(client)["workers", ""] == 2
    found = scrape(client)
    assert (found["domain_events_lag", ""], found["domain_events_pending", ""]) == (0, 0)
    assert found["domain_events_consumed_total", "profile.viewed"] == 2
    assert found["domain_events_consumed_total", "gift.purchased"] == 1
    assert found["domain_events_duplicates_total", ""] == 1
    assert (found["domain_events_dead_total", ""], found["domain_events_dead_waiting", ""]) == (1, 1)
    assert found["domain_events_batch_seconds_count", ""] >= 1
    assert found["domain_events_batch_seconds_sum", ""] > 0


def test_the_lag_is_counted_where_redis_does_not_know_it(
    stores: Stores, client: FlaskClient, anna: Profile
) -> None:
    with opened(stores) as stream:
        stream.join()
        ids = stream.publish(json.dumps(event(anna, "profile.viewed", **VIEW)) for _ in range(4))
        stores.redis.xdel(stream.name, ids[2])
        (group,) = stores.redis.xinfo_groups(stream.name)
        assert group["lag"] is None
    assert scrape(client)["domain_events_lag", ""] == 3


def test_a_store_that_is_away_is_told(stores: Stores, tmp_path: Path) -> None:
    without_redis = Stores(stores.database, open_redis("redis://127.0.0.1:1"), stores.keys)
    found = scrape(create_app(Config(data_dir=tmp_path), without_redis).test_client())
    assert found == {("up", "postgresql"): 1, ("up", "redis"): 0}
    nowhere = Database("postgresql+psycopg://nobody@127.0.0.1:1/nothing")
    without_database = Stores(nowhere, stores.redis, stores.keys)
    found = scrape(create_app(Config(data_dir=tmp_path), without_database).test_client())
    assert (found["up", "postgresql"], found["up", "redis"], found["domain_events_lag", ""]) == (0, 1, 0)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_it_is_only_read(client: FlaskClient, method: str) -> None:
    assert client.open("/metrics", method=method).status_code in (401, 405)


def test_nothing_of_a_profile_is_among_it(stores: Stores, client: FlaskClient, anna: Profile) -> None:
    with opened(stores) as stream:
        stream.publish([json.dumps(event(anna, "gift.purchased", **GIFT, donorId="ada"))])
        drain(Consumer(stores, stream, "first", idle=0))
    text = client.get("/metrics").text
    assert str(anna.profile_id) not in text
    assert "Anna" not in text
    assert "EUR" not in text
