from uuid import UUID

import pytest

from models.clock import now
from models.database import Database
from models.errors import InvalidInput
from services import idempotency
from services.ingest.inputs import Cost
from services.profiles import Profile


def cost(profile: Profile, amount: str = "5") -> Cost:
    fields = {"category": "tools", "description": "A lamp", "date": "2026-03-31"}
    return Cost(profile_id=profile.profile_id, amount=amount, **fields)


def test_a_repeated_request_meets_what_the_first_made(
    database: Database, anna: Profile, priya: Profile
) -> None:
    made = UUID(int=5)
    with database.transaction() as tx:
        assert idempotency.earlier(tx, anna.profile_id, "key", cost(anna)) is None
        idempotency.remember(tx, anna.profile_id, "key", cost(anna), made, now())
    with database.transaction() as tx:
        assert idempotency.earlier(tx, anna.profile_id, "key", cost(anna)) == made
        assert idempotency.earlier(tx, anna.profile_id, "other", cost(anna)) is None
        assert idempotency.earlier(tx, priya.profile_id, "key", cost(anna)) is None
        with pytest.raises(InvalidInput, match="another body") as refused:
            idempotency.earlier(tx, anna.profile_id, "key", cost(anna, "6"))
    assert refused.value.code == "idempotency-key-reused"


@pytest.mark.parametrize("key", ["", "x" * 201])
def test_keys_that_can_not_be(database: Database, anna: Profile, key: str) -> None:
    with database.transaction() as tx, pytest.raises(InvalidInput, match="1 to 200 characters"):
        idempotency.earlier(tx, anna.profile_id, key, cost(anna))
