"""Transactions: they come, move forward, are given back, and are refused when they contradict."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from models.errors import InvalidInput, NotFound
from models.ids import new_id
from models.schema import duo_referral_stats, revenue_daily, transaction_refunds, transactions
from models.stores import Stores
from services import profiles, rollups
from services.ingest import transactions as ingest
from services.ingest.inputs import Transaction
from services.ingest.transactions import Fate
from services.profiles import Profile

NOW = datetime.fromisoformat("2026-11-20T12:00:00+01:00")
ID = UUID(int=1)


def sale(profile: Profile, **fields: Any) -> Transaction:
    defaults = {"type": "gift", "amount": "100.00", "date": "2026-11-10"}
    return Transaction(**{"profile_id": profile.profile_id, **defaults, **fields})


def record(stores: Stores, profile: Profile, *batch: Transaction) -> list[Fate]:
    with stores.database.transaction() as tx:
        return list(ingest.record(tx, profile, batch, NOW).fates)


def refund(
    stores: Stores, profile: Profile, amount: str | None, reference: str, sale_id: UUID = ID, **fields: Any
) -> Fate:
    with stores.database.transaction() as tx:
        given = None if amount is None else Decimal(amount)
        return ingest.refund(tx, profile, sale_id, given, date(2026, 11, 12), reference, NOW, **fields)


def row(stores: Stores, profile: Profile, sale_id: UUID = ID) -> dict[str, Any]:
    table = transactions.c
    with stores.database.transaction() as tx:
        found = tx.first(
            select(transactions).where(table.profile_id == profile.profile_id, table.id == sale_id)
        )
    assert found is not None
    return dict(found)


def daily(stores: Stores, profile: Profile, column: str) -> dict[str, Decimal]:
    """What is not zero of a column of revenue_daily, by day."""
    table = revenue_daily.c
    with stores.database.transaction() as tx:
        rows = tx.rows(
            select(table.local_date, table[column]).where(
                table.profile_id == profile.profile_id, table[column] != 0
            )
        )
    assert rollups.verify(stores.database, profile.profile_id) == []
    return {str(found["local_date"]): found[column] for found in rows}


def test_a_transaction_moves_forward_and_never_back(stores: Stores, anna: Profile) -> None:
    words = ("pending", "pending", "completed", "completed", "pending", "refunded", "refunded", "completed")
    fates = [record(stores, anna, sale(anna, id=ID, status=word))[0].value for word in words]
    assert fates == [
        "created", "unchanged", "moved", "unchanged", "unchanged", "moved", "unchanged", "unchanged"
    ]  # fmt: skip
    assert daily(stores, anna, "gross") == {"2026-11-10": 100}
    assert daily(stores, anna, "refunds") == {"2026-11-20": 100}


def test_several_words_in_one_batch_are_taken_in_order(stores: Stores, anna: Profile) -> None:
    words = [sale(anna, id=ID, status=status) for status in ("pending", "completed", "pending", "refunded")]
    assert record(stores, anna, *words) == [Fate.CREATED, Fate.MOVED, Fate.UNCHANGED, Fate.MOVED]
    assert daily(stores, anna, "gross") == daily(stores, anna, "gross")
    assert row(stores, anna)["status"] == "refunded"


def test_pending_is_in_no_sum_and_takes_the_completed_amount_and_date(stores: Stores, anna: Profile) -> None:
    record(stores, anna, sale(anna, id=ID, status="pending"))
    assert daily(stores, anna, "pending") == {"2026-11-10": 100}
    assert daily(stores, anna, "gross") == {}
    record(stores, anna, sale(anna, id=ID, amount="90.50", date="2026-11-14"))
    assert daily(stores, anna, "pending") == {}
    assert daily(stores, anna, "gross") == {"2026-11-14": Decimal("90.50")}


def test_a_completed_word_without_a_date_keeps_the_known_one(stores: Stores, anna: Profile) -> None:
    record(stores, anna, sale(anna, id=ID, status="pending"))
    record(stores, anna, sale(anna, id=ID, date=None))
    assert daily(stores, anna, "gross") == {"2026-11-10": 100}


@pytest.mark.parametrize(
    ("fields", "pointer", "says"),
    [
        ({"amount": "99"}, "/transactions/0/amount", "This transaction has the amount 100 already."),
        ({"currency": "USD"}, "/transactions/0/currency", "This transaction is in EUR already."),
        ({"type": "booking"}, "/transactions/0/transactionType", "This transaction is a gift already."),
    ],
)
def test_what_contradicts_the_known_is_named(
    stores: Stores, anna: Profile, fields: dict[str, Any], pointer: str, says: str
) -> None:
    record(stores, anna, sale(anna, id=ID))
    with pytest.raises(InvalidInput) as refused:
        record(stores, anna, sale(anna, id=ID, **fields))
    (problem,) = refused.value.problems
    assert (problem.pointer, problem.detail) == (pointer, says)


@pytest.mark.parametrize(
    ("fields", "pointer", "says"),
    [
        ({"amount": "1.005"}, "/amount", "EUR has 2 decimals; 1.005 can't be an amount of it."),
        ({"amount": "9" * 30}, "/amount", "The amount must be a number below 1,000,000,000,000."),
        (
            {"amount": "10.5", "currency": "JPY"},
            "/amount",
            "JPY has no decimals; 10.5 can't be an amount of it.",
        ),
        (
            {"refunded_amount": "0.001"},
            "/refundedAmount",
            "EUR has 2 decimals; 0.001 can't be an amount of it.",
        ),
    ],
)
def test_a_bad_one_leaves_its_whole_batch_unstored(
    stores: Stores, anna: Profile, fields: dict[str, Any], pointer: str, says: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        record(stores, anna, sale(anna), sale(anna, **fields), sale(anna, amount="-0.001".lstrip("-")))
    problems = {problem.pointer: problem.detail for problem in refused.value.problems}
    assert problems[f"/transactions/1{pointer}"] == says
    assert set(problems) == {f"/transactions/1{pointer}", "/transactions/2/amount"}
    assert str(refused.value) == "2 of 3 transactions can't be taken; nothing was stored."
    assert daily(stores, anna, "gross") == {}


def test_refunded_amount_is_what_was_given_back_so_far(stores: Stores, anna: Profile) -> None:
    def told(amount: str, day: str) -> Fate:
        word = sale(anna, id=ID, status="refunded", refunded_amount=amount, refunded_at=day)
        return record(stores, anna, word)[0]

    record(stores, anna, sale(anna, id=ID))
    fates = [
        told("30", "2026-11-11"),
        told("30", "2026-11-11"),
        told("45", "2026-11-12"),
        told("10", "2026-11-13"),
    ]
    assert fates == [Fate.MOVED, Fate.UNCHANGED, Fate.MOVED, Fate.UNCHANGED]
    assert daily(stores, anna, "refunds") == {"2026-11-11": 30, "2026-11-12": 15}
    assert row(stores, anna)["refunded_amount"] == 45


def test_a_sale_that_arrives_refunded_was_refunded_on_its_day(stores: Stores, anna: Profile) -> None:
    record(stores, anna, sale(anna, status="refunded"))
    assert daily(stores, anna, "gross") == daily(stores, anna, "refunds") == {"2026-11-10": 100}


def test_a_refund_counts_once_for_each_reference(stores: Stores, anna: Profile) -> None:
    record(stores, anna, sale(anna, id=ID))
    fates = [
        refund(stores, anna, "30", "r1"),
        refund(stores, anna, "30", "r1"),
        refund(stores, anna, None, "r2"),
    ]
    assert fates == [Fate.MOVED, Fate.UNCHANGED, Fate.MOVED]
    assert daily(stores, anna, "refunds") == {"2026-11-12": 100}


@pytest.mark.parametrize(
    ("amount", "says"),
    [
        ("70.01", "70.01 can't be refunded: 70 is left of the sale."),
        ("0", "0.00 can't be refunded: 70 is left of the sale."),
        ("1.001", "EUR has 2 decimals; 1.001 can't be an amount of it."),
    ],
)
def test_no_more_is_refunded_than_is_left(stores: Stores, anna: Profile, amount: str, says: str) -> None:
    record(stores, anna, sale(anna, id=ID))
    refund(stores, anna, "30", "r1")
    with pytest.raises(InvalidInput) as refused:
        refund(stores, anna, amount, "r2")
    assert [(problem.pointer, problem.detail) for problem in refused.value.problems] == [("/amount", says)]


def test_what_can_not_be_refunded(stores: Stores, anna: Profile, priya: Profile) -> None:
    record(stores, anna, sale(anna, id=ID, status="pending"))
    with pytest.raises(InvalidInput, match="A pending transaction can't be refunded"):
        refund(stores, anna, None, "r")
    record(stores, anna, sale(anna, id=ID, status="refunded"))
    with pytest.raises(InvalidInput, match="Nothing is left of the sale to give back"):
        refund(stores, anna, None, "r")
    with pytest.raises(NotFound):
        refund(stores, anna, None, "r", sale_id=uuid4())
    with pytest.raises(NotFound):
        refund(stores, priya, None, "r")


@pytest.mark.parametrize("currency", ["EUR", "USD", "JPY", "KWD"])
@pytest.mark.parametrize("reporting", ["EUR", "JPY", "KWD"])
def test_a_sale_given_back_in_parts_nets_to_exactly_zero(
    stores: Stores, publish: Any, currency: str, reporting: str
) -> None:
    for code, rate in (("USD", "1.0873"), ("JPY", "163.17"), ("KWD", "0.3331")):
        publish(code, "2026-11-09", rate)
    with stores.database.transaction() as tx:
        profile = profiles.add(tx, name="P", time_zone="UTC", currency=reporting, at=NOW)
    whole = {"JPY": Decimal(1001), "KWD": Decimal("100.003")}.get(currency, Decimal("100.01"))
    unit = {"JPY": Decimal(1), "KWD": Decimal("0.001")}.get(currency, Decimal("0.01"))
    split = {"profile": "0.37", "partner": "0.63"}
    booking = sale(
        profile, id=ID, type="booking", amount=whole, currency=currency, partner_id="p", split=split
    )
    record(stores, profile, booking)
    for number, part in enumerate((unit, 33 * unit, 333 * unit, None)):
        refund(stores, profile, None if part is None else str(part), f"r{number}")
    gross, refunds = daily(stores, profile, "gross"), daily(stores, profile, "refunds")
    assert sum(gross.values()) == sum(refunds.values()) > 0
    assert sum(daily(stores, profile, "partner_share").values()) == 0
    with stores.database.transaction() as tx:
        (duo,) = tx.rows(select(duo_referral_stats))
    assert (duo["booking_count"], duo["total_revenue"], duo["profile_revenue"]) == (0, 0, 0)


def test_a_refund_takes_its_sales_rate_although_another_came(
    stores: Stores, anna: Profile, publish: Any
) -> None:
    publish("USD", "2026-11-10", "1.25")
    record(stores, anna, sale(anna, id=ID, currency="USD"))
    refund(stores, anna, "50", "r1")
    publish("USD", "2026-11-10", "2", source="operator")
    refund(stores, anna, "50", "r2")
    assert daily(stores, anna, "gross") == {"2026-11-10": 80}
    assert daily(stores, anna, "refunds") == {"2026-11-12": 80}


def test_a_pending_one_takes_the_rate_that_holds_when_it_is_completed(
    stores: Stores, anna: Profile, publish: Any
) -> None:
    publish("USD", "2026-11-10", "1.25")
    record(stores, anna, sale(anna, id=ID, currency="USD", status="pending"))
    publish("USD", "2026-11-10", "2", source="operator")
    record(stores, anna, sale(anna, id=ID, currency="USD"))
    assert daily(stores, anna, "gross") == {"2026-11-10": 50}


def test_what_has_no_rate_is_in_no_sum(stores: Stores, anna: Profile) -> None:
    record(stores, anna, sale(anna, id=ID, currency="USD", status="refunded", refunded_amount="5"))
    for column in ("gross", "sales", "refunds", "refund_count"):
        assert daily(stores, anna, column) == {}, column
    assert row(stores, anna)["reporting_amount"] is None


def test_of_a_shared_booking_the_profiles_part_counts(stores: Stores, anna: Profile) -> None:
    split = {"profile": "0.6", "partner": "0.4"}
    record(stores, anna, sale(anna, id=ID, type="booking", amount="99.99", partner_id="p", split=split))
    assert daily(stores, anna, "gross") == {"2026-11-10": Decimal("59.99")}
    assert daily(stores, anna, "partner_share") == {"2026-11-10": Decimal("40.00")}
    with stores.database.transaction() as tx:
        (duo,) = tx.rows(select(duo_referral_stats))
    assert (duo["partner_id"], duo["currency"], duo["booking_count"]) == ("p", "EUR", 1)
    assert duo["revenue_split"] == {"profile": "59.9900", "partner": "40.0000"}


def test_a_shared_booking_that_completes_at_another_price_is_divided_anew(
    stores: Stores, anna: Profile
) -> None:
    shared = {"type": "booking", "partner_id": "p", "split": {"profile": "0.6", "partner": "0.4"}}
    record(stores, anna, sale(anna, id=ID, status="pending", **shared))
    record(stores, anna, sale(anna, id=ID, amount="50", **shared))
    assert daily(stores, anna, "gross") == {"2026-11-10": 30}
    assert daily(stores, anna, "partner_share") == {"2026-11-10": 20}


@pytest.mark.parametrize(
    ("given", "day"),
    [
        ("2026-11-10", "2026-11-10"),
        ("2026-03-29", "2026-03-29"),
        ("2026-11-09T23:30:00Z", "2026-11-10"),
        ("2026-11-10T22:59:59Z", "2026-11-10"),
        (None, "2026-11-20"),
    ],
)
def test_the_day_of_a_sale(stores: Stores, anna: Profile, given: str | None, day: str) -> None:
    record(stores, anna, sale(anna, id=ID, date=given))
    assert daily(stores, anna, "gross") == {day: 100}
    assert row(stores, anna)["date_only"] == (given is not None and len(given) == 10)


def test_a_date_keeps_its_day_in_every_zone(stores: Stores) -> None:
    # Clocks of São Paulo went from 23:59 to 01:00 that night; those of Kathmandu are 5:45 ahead.
    for zone, day in (("America/Sao_Paulo", "2018-11-04"), ("Asia/Kathmandu", "2026-11-10")):
        with stores.database.transaction() as tx:
            profile = profiles.add(tx, name="P", time_zone=zone, currency="EUR", at=NOW)
        record(stores, profile, sale(profile, date=day))
        assert daily(stores, profile, "gross") == {day: 100}


def test_the_currency_is_the_profiles_where_none_is_given(stores: Stores, yuki: Profile) -> None:
    record(stores, yuki, sale(yuki, id=ID, amount="1000"))
    assert row(stores, yuki)["currency"] == "JPY"


def test_the_same_id_on_another_profile_is_another_sale(
    stores: Stores, anna: Profile, priya: Profile
) -> None:
    assert record(stores, anna, sale(anna, id=ID)) == [Fate.CREATED]
    assert record(stores, priya, sale(priya, id=ID, amount="5")) == [Fate.CREATED]
    assert row(stores, anna)["amount"] == 100


def test_a_large_batch_counts_like_a_small_one(stores: Stores, anna: Profile) -> None:
    batch = [
        sale(anna, id=new_id(), amount="1.10", status="refunded", refunded_amount="0.10") for _ in range(450)
    ]
    assert set(record(stores, anna, *batch)) == {Fate.CREATED}
    assert set(record(stores, anna, *batch)) == {Fate.UNCHANGED}
    assert daily(stores, anna, "gross") == {"2026-11-10": 495}
    assert daily(stores, anna, "refunds") == {"2026-11-10": 45}
    with stores.database.transaction() as tx:
        assert len(tx.rows(select(transaction_refunds.c.amount))) == 450
