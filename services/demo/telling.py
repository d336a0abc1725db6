"""What happens on the demo, as the platform's services would tell it: domain events."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.ingest.inputs import Event, Transaction

Told = dict[str, Any]
"""A domain event as it goes on the wire."""


def viewed(view: Event) -> Told:
    """profile.viewed, with how long it was looked at."""
    assert view.id and view.timestamp
    about = {
        "ip": view.ip,
        "userAgent": view.user_agent,
        "referrer": view.referrer,
        "url": view.url,
        "visitorId": view.visitor_id,
        "country": view.country,
        "durationSeconds": view.duration_seconds,
    }
    return _told("profile.viewed", view.id, view.timestamp, view.profile_id, about)


def sold(sale: Transaction) -> Told:
    """The event of a gift, a booking or a subscription's month."""
    assert sale.id and isinstance(sale.transaction_date, datetime)
    about: dict[str, Any] = {"amount": str(sale.amount), "currency": sale.currency}
    match sale.transaction_type:
        case "gift":
            kind = "gift.purchased"
            about |= {
                "giftId": sale.item_id,
                "giftName": sale.item_name,
                "category": sale.category,
                "donorId": sale.counterparty_id,
                "donor": {"country": sale.country} if sale.country else None,
            }
        case "booking":
            kind = "booking.completed"
            about |= {
                "bookingId": f"booking-{sale.id.hex[:12]}",
                "clientId": sale.counterparty_id,
                "partnerId": sale.partner_id,
                "split": sale.split.model_dump(mode="json") if sale.split else None,
            }
        case "subscription":
            kind = "subscription.charged"
            about |= {
                "subscriptionId": sale.item_id,
                "subscriberId": sale.counterparty_id,
                "interval": sale.interval,
            }
        case other:
            raise ValueError(f"The platform tells nothing of {other}.")
    return _told(kind, sale.id, sale.transaction_date, sale.profile_id, about)


def refunded(event_id: UUID, at: datetime, sale: Told, amount: Decimal | None = None) -> Told:
    """transaction.refunded for the sale that was told before: `amount` of it, or the whole."""
    about = {"id": sale["id"], "amount": None if amount is None else str(amount)}
    return _told("transaction.refunded", event_id, at, UUID(sale["data"]["profileId"]), about)


def _told(kind: str, event_id: UUID, at: datetime, profile_id: UUID, about: dict[str, Any]) -> Told:
    given = {name: value for name, value in about.items() if value is not None}
    return {
        "id": str(event_id),
        "type": kind,
        "occurredAt": at.isoformat(),
        "data": {"profileId": str(profile_id), **given},
    }
