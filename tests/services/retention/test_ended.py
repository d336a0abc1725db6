"""What has ended is removed after its period: tasks with their results, deliveries, old records."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select

from models.outside import MailServer, Outside
from models.retention import Periods
from models.schema import alert_attempts, alert_deliveries
from models.stores import Stores
from services import idempotency, jobs
from services.delivery import channels, queue
from services.delivery.queue import Attempt
from services.ingest.inputs import Cost
from services.jobs import ledger
from services.profiles import Profile
from services.retention import runs
from services.retention.ended import TASK
from services.retention.task import Counts
from tests.services.retention.conftest import GOING_ON

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
LATE = AT + timedelta(days=91)
OUTSIDE = Outside(mail=MailServer("mail.example", 25, "none", "us@example.com"))


def removed(stores: Stores, profile: Profile, at: datetime) -> Counts:
    return TASK.run(stores, profile.profile_id, at, Periods(), GOING_ON)


def test_an_ended_task_goes_with_its_result_and_one_that_waits_stays(
    stores: Stores, anna: Profile, priya: Profile
) -> None:
    for profile in (anna, priya):
        with stores.database.transaction() as tx:
            for name in ("old", "new", "waiting"):
                ledger.add(tx, profile.profile_id, "import-costs", name, "anna@example.com", AT, file=b"1")
            found = {job.title: job for job in jobs.listing(tx, profile.profile_id)}
        ledger.end(stores.database, found["old"], "done", AT, result={"rejected": ["192.0.2.1"]})
        ledger.end(stores.database, found["new"], "failed", AT + timedelta(days=2), problem="No.")
    assert removed(stores, anna, LATE) == Counts(
        {"jobs": 1, "deliveries": 0, "repeats": 0, "runs": 0},
        {"jobs": 0, "deliveries": 0, "repeats": 0, "runs": 0},
    )
    with stores.database.transaction() as tx:
        assert [job.title for job in jobs.listing(tx, anna.profile_id)] == ["waiting", "new"]
        assert len(jobs.listing(tx, priya.profile_id)) == 3


def test_deliveries_go_with_their_attempts(stores: Stores, anna: Profile) -> None:
    with stores.database.transaction() as tx:
        channel = channels.add(tx, anna.profile_id, "email", "a@example.com", AT, OUTSIDE)
        for _ in range(2):
            queue.enqueue_test(tx, anna.profile_id, channel.channel_id, AT)
    sent, _ = queue.claim(stores.database, AT, 2)
    with stores.database.transaction() as tx:
        queue.note(tx, sent, Attempt(AT, True, "It answered 200.", 1))
    assert removed(stores, anna, LATE).before["deliveries"] == 1
    with stores.database.transaction() as tx:
        left = tx.rows(select(alert_deliveries.c.status))
        assert [row["status"] for row in left] == ["waiting"]
        assert tx.value(select(func.count()).select_from(alert_attempts)) == 0


def test_records_of_runs_are_kept_for_two_years(stores: Stores, anna: Profile) -> None:
    with stores.database.transaction() as tx:
        for days in (0, 10):
            runs.note(
                tx, anna.profile_id, "ended", AT + timedelta(days=days), Counts({"jobs": 1}, {"jobs": 0})
            )
    assert removed(stores, anna, AT + timedelta(days=735)).before == {
        "jobs": 0,
        "deliveries": 0,
        "repeats": 0,
        "runs": 1,
    }
    with stores.database.transaction() as tx:
        assert [run.started_at for run in runs.telling(tx, anna.profile_id)] == [AT + timedelta(days=10)]


def test_a_repeated_request_is_known_for_as_long(stores: Stores, anna: Profile) -> None:
    cost = Cost(
        profile_id=anna.profile_id, category="tools", description="A lamp", amount="20", date=AT.date()
    )
    with stores.database.transaction() as tx:
        idempotency.remember(tx, anna.profile_id, "one", cost, anna.profile_id, AT)
    assert removed(stores, anna, AT + timedelta(days=89)).before["repeats"] == 0
    assert removed(stores, anna, LATE) == Counts(
        {"jobs": 0, "deliveries": 0, "repeats": 1, "runs": 0},
        {"jobs": 0, "deliveries": 0, "repeats": 0, "runs": 0},
    )
    with stores.database.transaction() as tx:
        assert idempotency.earlier(tx, anna.profile_id, "one", cost) is None
