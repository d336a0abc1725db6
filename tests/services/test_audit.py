"""The audit trail: an entry for what somebody did, in its own transaction, and none changed unseen."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from models.clock import now
from models.database import Database
from models.errors import InvalidInput
from models.stores import Stores
from services import accounts, audit, costs, profiles
from services.audit_actions import ACTIONS, KINDS
from services.ingest import revision, transactions
from services.ingest.inputs import Cost, Transaction
from services.profiles import Profile

WHO = "alice@example.org"


@pytest.fixture
def alices(stores: Stores) -> Stores:
    """The stores as Alice has them."""
    return stores.acting(WHO)


def trail(database: Database, profile: Profile, kind: str | None = None) -> list[audit.Entry]:
    with database.transaction() as tx:
        return audit.listing(tx, profile.profile_id, kind=kind)


def cost(profile: Profile, **changes: Any) -> Cost:
    given = {"category": "tools", "description": "A lamp", "amount": "20", "date": "2026-11-01"}
    return Cost(profile_id=profile.profile_id, **{**given, **changes})


def test_every_action_has_a_kind_and_a_sentence() -> None:
    assert {action.kind for action in ACTIONS.values()} == KINDS.keys()
    assert all(action.of("it")[0].isupper() and "{" not in action.of("it") for action in ACTIONS.values())


def test_a_cost_tells_what_changed(alices: Stores, anna: Profile) -> None:
    with alices.database.transaction() as tx:
        made = costs.add(tx, anna, cost(anna), now())
        costs.edit(tx, anna, made.cost_id, cost(anna, amount="25.5"), now())
        costs.remove(tx, anna.profile_id, made.cost_id)
    removed, changed, added = trail(alices.database, anna)
    assert [each.sentence for each in (added, changed, removed)] == [
        "Added the cost A lamp, 20.00 EUR",
        "Changed the cost A lamp, 25.50 EUR",
        "Deleted the cost A lamp, 25.50 EUR",
    ]
    assert {each.actor for each in (added, changed, removed)} == {WHO}
    assert changed.details == {"cost": str(made.cost_id), "amount": ["20.00", "25.50"]}
    assert removed.details["category"] == "tools"


def test_neither_is_without_the_other(alices: Stores, anna: Profile) -> None:
    with pytest.raises(RuntimeError), alices.database.transaction() as tx:
        costs.add(tx, anna, cost(anna), now())
        raise RuntimeError
    assert trail(alices.database, anna) == []


def test_what_nobody_in_particular_does_is_not_told(stores: Stores, anna: Profile) -> None:
    with stores.database.transaction() as tx:
        costs.add(tx, anna, cost(anna), now())
        costs.record(tx, anna, [cost(anna)], now())
    assert trail(stores.database, anna) == []


def test_income_by_hand(alices: Stores, anna: Profile) -> None:
    sale = Transaction(
        profile_id=anna.profile_id, type="gift", amount="10", category="roses", status="pending"
    )
    with alices.database.transaction() as tx:
        (sale_id,) = transactions.record(tx, anna, [sale], now(), traced=True).ids
        revision.complete(tx, anna, sale_id, now())
        transactions.refund(tx, anna, sale_id, Decimal(4), None, "hand", now())
        revision.take_refund_back(tx, anna, sale_id, "hand", now())
        revision.reopen(tx, anna, sale_id, now())
        transactions.record(tx, anna, [sale.model_copy(update={"id": sale_id})], now(), traced=True)
    entries = trail(alices.database, anna, "income")[::-1]
    assert [each.action for each in entries] == [
        "transaction-added",
        "transaction-completed",
        "transaction-refunded",
        "refund-removed",
        "transaction-reopened",
    ]
    assert entries[0].sentence == "Entered the gift roses, 10.00 EUR"
    assert entries[2].details["amount"] == "4.00"


def test_a_profile_tells_what_changed(alices: Stores, anna: Profile) -> None:
    with alices.database.transaction() as tx:
        profiles.edit(
            tx, anna.profile_id, at=now(), name="Anna B", own_hosts=["anna.example"], currency="USD"
        )
        profiles.edit(tx, anna.profile_id, at=now(), name="Anna B")
    (entry,) = trail(alices.database, anna)
    changed = {"name": ["Anna", "Anna B"], "sites": ["", "anna.example"], "currency": ["EUR", "USD"]}
    assert entry.details == changed


def test_the_list_by_kind_and_by_page(alices: Stores, anna: Profile) -> None:
    with alices.database.transaction() as tx:
        for number in range(7):
            action = "cost-added" if number % 2 else "exported"
            audit.record(tx, anna.profile_id, action, WHO, now(), f"number {number}")
    with alices.database.transaction() as tx:
        exports = audit.listing(tx, anna.profile_id, kind="exports", limit=3)
        assert [each.number for each in exports] == [7, 5, 3]
        rest = audit.listing(tx, anna.profile_id, kind="exports", before=exports[-1].number)
        assert [each.subject for each in rest] == ["number 0"]
        with pytest.raises(InvalidInput, match="no kind 'gossip'"):
            audit.listing(tx, anna.profile_id, kind="gossip")
        with pytest.raises(ValueError, match="no action"):
            audit.record(tx, anna.profile_id, "gossiped", WHO, now())
    assert len(list(audit.every(alices.database, anna.profile_id))) == 7


def test_an_account_is_told_of_in_each_of_its_trails_and_not_without_end(
    alices: Stores, anna: Profile, priya: Profile
) -> None:
    with alices.database.transaction() as tx:
        account = accounts.add(tx, WHO, "correct horse battery", now())
        for profile in (anna, priya):
            accounts.grant(tx, account.account_id, profile.profile_id, "owner", now())
        for minute in range(5):
            at = now() + timedelta(minutes=minute)
            audit.record_account(tx, account.account_id, "sign-in-refused", WHO, at, at_most=2)
        audit.record_account(
            tx, account.account_id, "sign-in-refused", WHO, now() + timedelta(hours=2), at_most=2
        )
    for profile in (anna, priya):
        assert len(trail(alices.database, profile, "access")) == 3


def test_many_at_once_make_one_chain(alices: Stores, anna: Profile) -> None:
    def add(number: int) -> None:
        with alices.database.transaction() as tx:
            audit.record(tx, anna.profile_id, "exported", WHO, now(), str(number))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add, range(40)))
    with alices.database.transaction() as tx:
        found = audit.verify(tx, anna.profile_id)
    assert (found.entries, found.problem) == (40, None)


@pytest.mark.parametrize(
    ("tampering", "problem"),
    [
        (
            "update audit_entries set actor = 'nobody' where number = 2",
            "The entry 2 is not as it was written.",
        ),
        ("update audit_entries set at = at + interval '1 s' where number = 3", "The entry 3 is not"),
        ("update audit_entries set details = '{}' where number = 1", "The entry 1 is not"),
        ("delete from audit_entries where number = 2", "The entry 2 is missing."),
        ("delete from audit_entries where number = 1", "The entry 1 is missing."),
        ("update audit_entries set number = number + 7 where number = 3", "The entry 3 is missing."),
    ],
)
def test_tampering_is_found(alices: Stores, anna: Profile, tampering: str, problem: str) -> None:
    with alices.database.transaction() as tx:
        for number in range(3):
            audit.record(tx, anna.profile_id, "exported", WHO, now(), "it", {"number": number})
        assert audit.verify(tx, anna.profile_id).problem is None
        tx.run(text(tampering))
        found = audit.verify(tx, anna.profile_id).problem
    assert found is not None
    assert found.startswith(problem)


WORDS = st.text(max_size=40)
VALUES = st.none() | st.booleans() | st.integers() | WORDS | st.decimals(allow_nan=False) | st.lists(WORDS)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(actor=WORDS, subject=WORDS, details=st.dictionaries(WORDS.map(ascii), VALUES, max_size=3))
def test_whatever_is_told_holds(
    stores: Stores, anna: Profile, actor: str, subject: str, details: dict[str, Any]
) -> None:
    with stores.database.transaction() as tx:
        audit.record(tx, anna.profile_id, "exported", actor, now(), subject, details)
        assert audit.verify(tx, anna.profile_id).problem is None
    (entry,) = trail(stores.database, anna)[:1]
    assert all(character.isprintable() for character in entry.actor + entry.subject)


def test_a_trail_goes_with_its_profile(alices: Stores, anna: Profile) -> None:
    with alices.database.transaction() as tx:
        audit.record(tx, anna.profile_id, "exported", WHO, now())
        tx.run(text("delete from profiles"))
    assert trail(alices.database, anna) == []
