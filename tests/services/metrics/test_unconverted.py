"""What is in no sum for want of an exchange rate."""

from datetime import date
from decimal import Decimal

from models.stores import Stores
from services import costs
from services.ingest import transactions
from services.ingest.inputs import Cost, Transaction
from services.metrics.pnl import statement, unconverted
from services.metrics.statement import Unconverted
from services.profiles import Profile
from tests.services.metrics.giving import NOW, ask


def test_sales_their_refunds_and_costs_are_told_apart(stores: Stores, anna: Profile) -> None:
    who = {"profile_id": anna.profile_id, "currency": "XOF"}
    sales = [
        Transaction(**who, type="gift", date=f"2026-{month}-02", amount="500", externalId=month)
        for month in ("10", "11")
    ]
    with stores.database.transaction() as tx:
        stored = transactions.record(tx, anna, sales, NOW)
        for number, (sale, day) in enumerate(zip(stored.ids, (3, 4), strict=True)):
            given_back = Decimal(120 + number)
            transactions.refund(tx, anna, sale, given_back, date(2026, 11, day), f"r{number}", NOW)
        lamp = Cost(**who, category="tools", description="A lamp", amount="20", date="2026-11-05")
        costs.add(tx, anna, lamp, NOW)
    november = ask(anna, **{"from": "2026-11-01", "to": "2026-11-30"})
    found = unconverted(stores.database, november)
    assert found == (
        Unconverted("cost_entries", "XOF", Decimal(20), 1),
        Unconverted("transaction_refunds", "XOF", Decimal(241), 2),
        Unconverted("transactions", "XOF", Decimal(500), 1),
    )
    figures = statement(stores.database, november)
    assert figures.unconverted == found
    assert (figures.report["gross"].total, figures.report["refunds"].total) == (0, 0)
