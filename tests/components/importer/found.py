"""A file that was looked at, as the importer draws it."""

from collections import Counter
from datetime import date
from decimal import Decimal

from components.importer.kinds import KINDS
from services.imports.account import Account
from services.imports.statements import Layout, Rejected
from services.imports.trial import Booked, Trial

KIND = KINDS["costs"]
LAYOUT = Layout(
    "UTF-8", ";", 1, {"date": "Tag", "amount": "Betrag", "description": "Zweck"}, ",", "dmy", "EUR"
)
BOOKED = Booked(date(2026, 3, 1), "=Lamp", "platform_fees", Decimal("1234.50"), "EUR")


def tried(rows: int = 1, **places: int) -> Trial:
    account = Account(Counter({name.replace("_", " "): many for name, many in places.items()}), ["Noted."])
    refused = (Rejected(7, "It has no date.", "x;y"),) if places.get("rejected") else ()
    sums = {"EUR": Decimal("1234.50"), "USD": Decimal(5)}
    return Trial(LAYOUT, account, rows, sums, date(2026, 3, 1), date(2026, 3, 31), (BOOKED,), refused)
