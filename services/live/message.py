"""The live messages by their names on the wire, and what each says.

Amounts are decimal strings beside their currency, times ISO 8601 in UTC, names camelCase.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from models.ids import new_id
from services.metrics.encode import money

PROFILE_VIEW = "profile-view"
GIFT_PURCHASED = "gift-purchased"
BOOKING_COMPLETED = "booking-completed"
SUBSCRIPTION_CHARGED = "subscription-charged"
AFFILIATE_EARNED = "affiliate-earned"
TRANSACTION_REFUNDED = "transaction-refunded"
ENGAGEMENT_UPDATE = "engagement-update"
GOV_ALERT = "gov-alert"
JOB = "job"
PROFILE_DELETED = "profile-deleted"

SOLD: Mapping[str, tuple[str, str]] = {
    "gift": (GIFT_PURCHASED, "giftId"),
    "booking": (BOOKING_COMPLETED, "bookingId"),
    "subscription": (SUBSCRIPTION_CHARGED, "subscriptionId"),
    "affiliate": (AFFILIATE_EARNED, "itemId"),
}
"""For each type of transaction the message that tells of it, and what that calls the thing sold."""
_SALE_FIELDS = {
    "gift": {"category": "category", "giftName": "item_name", "donorId": "counterparty_id"},
    "booking": {"clientId": "counterparty_id", "partnerId": "partner_id", "split": "split"},
    "subscription": {"subscriberId": "counterparty_id", "interval": "billing_interval"},
    "affiliate": {"itemName": "item_name"},
}


@dataclass(frozen=True)
class Message:
    """One message. `event_id` is that of what it tells of, so that who hears it twice can tell."""

    profile_id: UUID
    event: str
    event_id: UUID
    data: Mapping[str, Any]

    @property
    def body(self) -> str:
        """The message as JSON, without the id that its stream gives it."""
        told = {"profileId": str(self.profile_id), **self.data}
        return json.dumps(
            {"event": self.event, "eventId": str(self.event_id), "data": told},
            separators=(",", ":"),
            ensure_ascii=False,
        )


def profile_view(row: Mapping[str, Any]) -> Message:
    """Somebody looked: of a row of profile_events. `isGov` is null where nobody judged the address."""
    return Message(
        row["profile_id"],
        PROFILE_VIEW,
        row["id"],
        {
            "ip": row["ip_address"],
            "timestamp": instant(row["timestamp"]),
            "isGov": row.get("is_gov_ip"),
            "source": row["referrer_source"],
            "country": row["country"],
            "device": row["device"],
        },
    )


def sale(row: Mapping[str, Any]) -> Message:
    """Something was sold: of the columns of a completed transaction. `amount` is the whole of it, in the
    currency that it was paid in."""
    kind = row["transaction_type"]
    event, thing = SOLD[kind]
    data = {
        thing: row["item_id"],
        "amount": money(row["amount"], row["currency"]),
        "currency": row["currency"],
        **{name: row[column] for name, column in _SALE_FIELDS[kind].items()},
        "timestamp": instant(row["transaction_date"]),
    }
    return Message(row["profile_id"], event, row["id"], data)


def refund(row: Mapping[str, Any], event_id: UUID, amount: Decimal, at: datetime) -> Message:
    """`amount` of a sale was given back: of the columns of that transaction; `event_id` names this refund."""
    data = {
        "transactionId": str(row["id"]),
        "transactionType": row["transaction_type"],
        "amount": money(amount, row["currency"]),
        "currency": row["currency"],
        "timestamp": instant(at),
    }
    return Message(row["profile_id"], TRANSACTION_REFUNDED, event_id, data)


def gov_alert(alert: Mapping[str, Any]) -> Message:
    """Somebody came from a government's network: of a row of gov_alerts. `confidence` is 0-1."""
    data = {
        "alertId": str(alert["id"]),
        "ip": alert["ip"] or None,
        "timestamp": instant(alert["event_timestamp"]),
        "confidence": round(alert["confidence"], 4),
        **{name: alert[name] for name in ("kind", "organization", "asn", "country")},
        "reasons": list(alert["reasons"]),
    }
    return Message(alert["profile_id"], GOV_ALERT, alert["id"], data)


def job_progress(
    profile_id: UUID,
    job_id: UUID,
    *,
    kind: str,
    title: str,
    status: str,
    done: int,
    total: int,
    problem: str | None,
) -> Message:
    """How far a long task is: of `total` rows or steps `done` are through (0 of 0 until that is known).
    `status` is queued, running, done, failed or cancelled; `problem` says why it failed, else null."""
    data = {
        "jobId": str(job_id),
        "kind": kind,
        "title": title,
        "status": status,
        "done": done,
        "total": total,
        "problem": problem,
    }
    return Message(profile_id, JOB, new_id(), data)


def profile_deleted(profile_id: UUID) -> Message:
    """The profile was deleted for good; nothing is told of it any more."""
    return Message(profile_id, PROFILE_DELETED, new_id(), {})


def instant(at: datetime) -> str:
    """An instant as messages write it: "2026-03-31T16:00:00.123Z"."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
