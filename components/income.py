"""Income entered by hand: the form on top of the rows, and what it makes of the words written into it."""

from datetime import date
from decimal import Decimal
from typing import Any

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component
from pydantic import ValidationError

from components import form
from components.card import card, icon
from components.form import Values
from components.format import Format
from models.clock import now
from models.errors import InvalidInput
from models.ids import new_id
from services.ingest.inputs import Transaction
from services.ingest.revision import MANUAL
from services.profiles import Profile

KIND, NEW = "income", "new"
TYPES = {"booking": "Booking", "gift": "Gift", "subscription": "Subscription", "affiliate": "Affiliate"}
"""What one transaction is called; components.transactions.SOURCES names them all together."""
FIELDS = {
    "transaction_date": "Date",
    "transaction_type": "Source",
    "item_name": "Description",
    "counterparty_id": "From",
    "category": "Category",
    "partner_id": "Partner",
    "share": "Your share, %",
    "amount": "Amount",
    "currency": "Currency",
}
OF_SOURCE = {"category": {"gift", "affiliate"}, "partner_id": {"booking"}, "share": {"booking"}}
"""Fields that some sources alone have."""
_KEPT = ("transaction_date", "transaction_type", "currency")


def adder(profile: Profile, may_write: bool, last: Values | None = None) -> Component | None:
    """The card with the form for new income; None for those who may only read.

    Day, source and currency begin as in the `last` one: income is entered in heaps.
    """
    if not may_write:
        return None
    today = profile.local_date(now()).isoformat()
    values = {"transaction_date": today, "transaction_type": "booking", "currency": profile.currency}
    if last:
        values |= {name: last[name] for name in _KEPT}
    return card(
        "Add income", form.form(KIND, NEW, _fields(values), form.save(KIND, NEW, "plus", "Add income"))
    )


def link(place: str) -> Component:
    """The way to the form, which stands at `place`, from the top of the page."""
    return html.A([icon("plus"), "Add income"], href=f"#{place}", className="button")


def shown(source: str | None) -> list[dict[str, str]]:
    """The styles of the fields in OF_SOURCE, in its order, when `source` is chosen."""
    return [{} if source in sources else {"display": "none"} for sources in OF_SOURCE.values()]


def read(written: Values, profile: Profile, fmt: Format) -> Transaction:
    """The income that was written into the form. Raises InvalidInput with a sentence for its first
    mistake."""
    source = written.get("transaction_type")
    given = {
        name: value
        for name, value in written.items()
        if value not in (None, "") and source in OF_SOURCE.get(name, {source})
    }
    for name in ("transaction_date", "item_name"):
        if name not in given:
            raise InvalidInput.at(f"/{name}", f"{FIELDS[name]} is missing.")
    amount = form.amount(given.get("amount"), profile.currency, fmt)
    share = _share(given.pop("share", None), "partner_id" in given, fmt)
    more = {"id": new_id(), "profile_id": profile.profile_id, "metadata": dict(MANUAL), "split": share}
    try:
        income = Transaction.model_validate({**given, **more, "amount": amount})
    except ValidationError as error:
        raise form.mistake(error, written, FIELDS) from None
    if isinstance(income.transaction_date, date):
        form.not_to_come(income.transaction_date, "transaction_date", profile)
    return income


def _share(given: Any, shared: bool, fmt: Format) -> dict[str, Decimal] | None:
    """How the booking is divided; None when it is not shared."""
    if given is None and not shared:
        return None
    if not shared:
        raise InvalidInput.at("/partner_id", "Partner is missing: with whom is it shared?")
    percent = fmt.read(str(given or "").replace("%", ""))
    if percent is None or not 0 <= percent <= 100:
        raise InvalidInput.at("/share", "Your share is missing or no percentage; write it like 60.")
    own = percent / 100
    return {"profile": own, "partner": 1 - own}


def _fields(values: Values) -> list[Component]:
    styles = dict(zip(OF_SOURCE, shown(values["transaction_type"]), strict=True))

    def field(name: str) -> dict[str, Any]:
        style = {"style": styles[name]} if name in styles else {}
        return form.field(KIND, NEW, name, FIELDS[name], values) | style

    return [
        dmc.DateInput(valueFormat="D MMM YYYY", **field("transaction_date")),
        form.choice(TYPES, **field("transaction_type")),
        dmc.TextInput(placeholder="What it was for", className="wide", **field("item_name")),
        dmc.TextInput(placeholder="Who paid", **field("counterparty_id")),
        dmc.TextInput(placeholder="Roses", **field("category")),
        dmc.TextInput(placeholder="Shared with", **field("partner_id")),
        dmc.TextInput(placeholder="100", className="narrow", **field("share")),
        dmc.TextInput(placeholder="0.00", className="narrow", **field("amount")),
        form.currency(**field("currency")),
    ]
