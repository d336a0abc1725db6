"""The form for a refund, which opens below its sale."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import dash_mantine_components as dmc
from dash.development.base_component import Component

from components import form
from components.format import Format
from models.clock import now
from models.errors import InvalidInput
from services.profiles import Profile
from services.transactions import Movement

KIND = "refund"


@dataclass(frozen=True)
class Refund:
    """What was written into the form: the amount, in the currency of the sale, and the day."""

    amount: Decimal
    day: date


def editor(sale: Movement, name: str, profile: Profile, fmt: Format) -> Component:
    """The form for a refund of what is left of the sale called `name`, today."""
    key, left = str(sale.transaction_id), sale.amount - sale.refunded_amount
    values = {
        "refunded_at": profile.local_date(now()).isoformat(),
        "amount": fmt.amount(left, sale.currency),
    }

    def field(of: str, label: str) -> Mapping[str, Any]:
        return form.field(KIND, key, of, label, values)

    fields = [
        dmc.DateInput(valueFormat="D MMM YYYY", **field("refunded_at", "Given back on")),
        dmc.TextInput(className="narrow", **field("amount", f"Amount, {sale.currency}")),
    ]
    opened = form.form(KIND, key, fields, form.save(KIND, key, "refund", "Refund"), form.cancel("revenue"))
    return form.editing(f"Refund {name}", opened)


def read(written: Mapping[str, Any], sale: Movement, profile: Profile, fmt: Format) -> Refund:
    """What was written into the form. Raises InvalidInput with a sentence for its first mistake."""
    try:
        day = date.fromisoformat(str(written.get("refunded_at")))
    except ValueError:
        raise InvalidInput.at("/refunded_at", "The day it was given back on is missing.") from None
    if day < sale.local_date:
        raise InvalidInput.at(
            "/refunded_at", f"It was sold on {fmt.day(sale.local_date)}, and given back later."
        )
    form.not_to_come(day, "refunded_at", profile)
    return Refund(form.amount(written.get("amount"), sale.currency, fmt), day)
