"""What waits to be sent. It is put here by the transaction that stores the alert, so that none is lost."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from models.database import Transaction
from models.ids import derived_id
from models.schema import alert_channels, alert_deliveries

C = alert_channels.c


def enqueue(tx: Transaction, profile_id: UUID, alert_id: UUID, at: datetime) -> None:
    """The alert is to be sent to every channel of the profile that is in use; once, however often asked."""
    statement = select(C.channel_id).where(
        C.profile_id == profile_id, C.removed_at.is_(None), C.stopped_at.is_(None)
    )
    rows = [
        {
            "profile_id": profile_id,
            "delivery_id": derived_id("delivery", str(row["channel_id"]), str(alert_id)),
            "channel_id": row["channel_id"],
            "alert_id": alert_id,
            "status": "waiting",
            "created_at": at,
            "next_at": at,
        }
        for row in tx.rows(statement)
    ]
    tx.insert_new(alert_deliveries, rows)
