"""The examples of docs/events.md are counted as the document says."""

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path
from uuid import UUID

from models.clock import now
from models.stores import Stores
from services import transactions
from services.domain_events import envelope, figures
from services.domain_events.consumer import Consumer
from services.domain_events.envelope import LONGEST, TYPES
from services.domain_events.stream import Stream
from services.profiles import Profile
from tests.services.domain_events.conftest import dead, drain

DOCUMENT = (Path(__file__).parents[3] / "docs" / "events.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", DOCUMENT, re.MULTILINE | re.DOTALL)


def test_every_example_counts(stores: Stores, stream: Stream, consumer: Consumer, anna: Profile) -> None:
    examples = [json.loads(each.replace("PROFILE", str(anna.profile_id))) for each in blocks("json")]
    assert {each["type"] for each in examples} == set(TYPES)
    stream.publish(map(json.dumps, examples))
    drain(consumer)
    assert dead(stream) == []
    told = figures.figures(stores, now())
    assert (sum(told.consumed.values()), told.repeated) == (len(examples), 0)
    gift, booking = (
        each["id"] for each in examples if each["type"] in ("gift.purchased", "booking.completed")
    )
    with stores.database.transaction() as tx:
        given, booked = (transactions.get(tx, anna.profile_id, UUID(key)) for key in (gift, booking))
    assert (given.status, given.refunded_amount, given.country) == ("refunded", 10, "DE")
    assert (booked.refunded_amount, booked.reporting_amount, booked.reporting_partner) == (300, 180, 120)


def test_both_ways_to_add_one(
    stores: Stores, stream: Stream, consumer: Consumer, anna: Profile, redis_url: str
) -> None:
    (command,) = blocks("sh")
    _, *arguments = shlex.split(command.replace("PROFILE", str(anna.profile_id)))
    stream.redis.execute_command(*arguments)
    (program,) = blocks("python")
    program = program.replace("PROFILE", str(anna.profile_id)).replace("REDIS_URL", redis_url)
    subprocess.run([sys.executable, "-c", program], check=True)
    drain(consumer)
    told = figures.figures(stores, now())
    assert (told.consumed["profile.viewed"], told.consumed["gift.purchased"], told.dead) == (1, 1, 0)


def test_it_names_every_field_and_limit() -> None:
    assert f"{LONGEST:,} characters" in DOCUMENT
    for kind in TYPES:
        assert f"### {kind}\n" in DOCUMENT
    for data in (envelope.View, envelope.Gift, envelope.Booking, envelope.Charge, envelope.Refund):
        for field in data.model_fields.values():
            assert f"`{field.alias}`" in DOCUMENT
