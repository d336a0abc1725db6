"""Visits from government networks: the alerts, which networks are muted, and where alerts are sent."""

from sqlalchemy import (
    REAL,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from models.schema.metadata import INSTANT, metadata, tenant

# One for each visitor and day.
gov_alerts = Table(
    "gov_alerts",
    metadata,
    tenant(),
    Column("id", Uuid, primary_key=True),
    Column("local_date", Date, nullable=False),
    Column("visitor_key", LargeBinary, nullable=False),
    # Made of organization and asn.
    Column("network_id", Uuid, nullable=False),
    # The event that raised it.
    Column("event_id", Uuid, nullable=False),
    Column("event_timestamp", INSTANT, nullable=False),
    # Empty once its period has passed; then address_hash stands for it, as in profile_events.
    Column("ip", Text, nullable=False),
    Column("address_hash", LargeBinary),
    Column("confidence", REAL, nullable=False),
    Column("kind", Text),
    Column("organization", Text),
    Column("asn", Text),
    Column("country", String(2)),
    Column("reasons", JSONB, nullable=False, server_default=text("'[]'")),
    Column("list_version", Text, nullable=False),
    Column("created_at", INSTANT, nullable=False),
    Column("seen_at", INSTANT),
    Index("ix_gov_alerts_created_at", "profile_id", text("created_at desc"), "id"),
    Index("ix_gov_alerts_event_timestamp", "profile_id", text("event_timestamp desc"), text("id desc")),
    Index("ix_gov_alerts_visitor", "profile_id", "local_date", "visitor_key"),
    Index("ix_gov_alerts_unseen", "profile_id", postgresql_where=text("seen_at is null")),
    Index("ix_gov_alerts_unreduced", "profile_id", "created_at", postgresql_where=text("ip <> ''")),
)

# Networks that a provider took for no government's, or does not want to hear of.
muted_networks = Table(
    "muted_networks",
    metadata,
    tenant(),
    Column("network_id", Uuid, primary_key=True),
    Column("organization", Text),
    Column("asn", Text),
    Column("muted_at", INSTANT, nullable=False),
    ForeignKeyConstraint(["profile_id"], ["profiles.profile_id"], ondelete="CASCADE"),
)

# Where alerts go beside the page: an e-mail address or the address of a webhook.
alert_channels = Table(
    "alert_channels",
    metadata,
    tenant(),
    Column("channel_id", Uuid, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("target", Text, nullable=False),
    # What the secret of a webhook is made of, with a key that is in no database.
    Column("salt", LargeBinary),
    Column("created_at", INSTANT, nullable=False),
    # Nothing is sent any more, and why.
    Column("stopped_at", INSTANT),
    Column("problem", Text),
    Column("removed_at", INSTANT),
    ForeignKeyConstraint(["profile_id"], ["profiles.profile_id"], ondelete="CASCADE"),
    CheckConstraint("kind in ('email', 'webhook')", name="kind"),
    CheckConstraint("(salt is not null) = (kind = 'webhook')", name="salt"),
)

# What is to be sent, or was. It holds no content: that is read from the alert when it is sent.
alert_deliveries = Table(
    "alert_deliveries",
    metadata,
    tenant(),
    Column("delivery_id", Uuid, primary_key=True),
    Column("channel_id", Uuid, nullable=False),
    # Null for a test.
    Column("alert_id", Uuid),
    Column("status", Text, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("created_at", INSTANT, nullable=False),
    # When it is tried next; null once it is sent or given up.
    Column("next_at", INSTANT),
    Column("finished_at", INSTANT),
    ForeignKeyConstraint(
        ["profile_id", "channel_id"],
        ["alert_channels.profile_id", "alert_channels.channel_id"],
        ondelete="CASCADE",
    ),
    CheckConstraint("status in ('waiting', 'sent', 'failed')", name="status"),
    CheckConstraint("(next_at is not null) = (status = 'waiting')", name="next_at"),
    Index("ix_alert_deliveries_waiting", "next_at", postgresql_where=text("status = 'waiting'")),
    Index("ix_alert_deliveries_channel_id", "profile_id", "channel_id", text("created_at desc")),
)

# Every attempt to send, and what came of it.
alert_attempts = Table(
    "alert_attempts",
    metadata,
    tenant(),
    Column("delivery_id", Uuid, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("at", INSTANT, nullable=False),
    Column("ok", Boolean, nullable=False),
    # In a sentence.
    Column("answer", Text, nullable=False),
    Column("duration_ms", BigInteger, nullable=False),
    ForeignKeyConstraint(
        ["profile_id", "delivery_id"],
        ["alert_deliveries.profile_id", "alert_deliveries.delivery_id"],
        ondelete="CASCADE",
    ),
)
