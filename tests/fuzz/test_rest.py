"""Whatever the description of the API allows, and whatever it does not, is answered as it promises."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import Status, events, from_schema

from models.stores import Stores
from services import rollups
from services.profiles import Profile
from tests.api.conftest import token
from tests.fuzz.conftest import MOST
from tests.served import Served

# Rules between two fields, and those of the profile itself (its zone, currency, what is stored of it), are
# told in words; no schema holds them, so a 422 may answer what is well-formed.
_ALSO_EXPECTED = ["2xx", "401", "403", "404", "409", "412", "422"]


@pytest.fixture
def served(database_url: str, redis_url: str, stores: Stores, tmp_path: Path) -> Iterator[str]:
    """The url of the product, which counts nobody's requests here."""
    limits = {f"PLATFORM_ANALYTICS_{name}_PER_MINUTE": "1000000000" for name in ("REQUESTS", "EVENTS")}
    with Served(database_url, redis_url, tmp_path, 1, **limits) as url:
        yield url


def test_every_operation_by_every_check(
    served: str, stores: Stores, anna: Profile, tried: Counter[str]
) -> None:
    config = SchemathesisConfig.from_dict(
        {
            "seed": 1,
            "headers": token(stores, "alice", [anna]),
            "parameters": {"profileId": str(anna.profile_id)},
            "generation": {"max-examples": MOST, "database": "none"},
            "continue-on-failure": True,
            "checks": {"positive_data_acceptance": {"expected-statuses": _ALSO_EXPECTED}},
        }
    )
    schema = schemathesis.openapi.from_url(f"{served}/api/openapi.json", config=config)
    failures: dict[str, list[str]] = defaultdict(list)
    for event in from_schema(schema).execute():
        if isinstance(event, events.ScenarioFinished):
            for interaction in event.recorder.interactions.values():
                tried[str(interaction.response.status_code) if interaction.response else "no answer"] += 1
            for checks in event.recorder.checks.values():
                for check in checks:
                    if check.status is Status.FAILURE:
                        found = check.failure_info
                        name = f"{event.recorder.label}: {check.name}"
                        failures[name].append(f"{found.failure}\n{found.code_sample}")
        elif isinstance(event, events.NonFatalError):
            failures["the fuzzer itself"].append(f"{event.label}: {event.info.format()}")
        elif isinstance(event, events.FatalError):
            raise event.exception
    assert not failures, "\n\n".join(f"{len(all_)} x {name}\n{all_[0]}" for name, all_ in failures.items())
    assert rollups.verify(stores.database, anna.profile_id) == []
    assert tried.keys() >= {"200", "201", "204", "404", "422"}
