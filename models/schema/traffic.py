"""What happens on a profile: the raw events and the rollups that pages and API read."""

from sqlalchemy import (
    REAL,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Computed,
    Date,
    ForeignKey,
    Index,
    LargeBinary,
    Numeric,
    String,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, INET, JSONB

from models.schema.metadata import INSTANT, metadata, tally, tenant

EVENT_TYPES = ("view", "click", "inquiry", "favorite", "share")
_ONE_OF_EVENT_TYPES = f"event_type in ({', '.join(repr(kind) for kind in EVENT_TYPES)})"

# Range-partitioned by month of `timestamp`; partitions are made on demand, retention drops them.
profile_events = Table(
    "profile_events",
    metadata,
    tenant(),
    Column("timestamp", INSTANT, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("event_type", Text, nullable=False),
    Column("local_date", Date, nullable=False),
    Column("visitor_key", LargeBinary, nullable=False),
    Column("ip_address", INET),
    # What stands for the address once its period has passed: made with the key of the quarter of received_at.
    Column("address_hash", LargeBinary),
    Column("user_agent", Text),
    # When that was, and the user agent became the name of its program.
    Column("reduced_at", INSTANT),
    Column("referrer", Text),
    # Null for the profile's own hosts: internal, no source.
    Column("referrer_source", Text),
    Column("utm_source", Text),
    Column("utm_medium", Text),
    Column("utm_campaign", Text),
    Column("country", String(2)),
    Column("device", Text),
    Column("url", Text),
    Column("target", Text),
    Column("visible_ms", BigInteger),
    Column("is_bot", Boolean, nullable=False, server_default=text("false")),
    Column("is_owner", Boolean, nullable=False, server_default=text("false")),
    # Null: not judged.
    Column("is_gov_ip", Boolean),
    Column("gov_confidence", REAL),
    Column("gov_list_version", Text),
    Column("import_id", Uuid),
    Column("received_at", INSTANT, nullable=False),
    CheckConstraint(_ONE_OF_EVENT_TYPES, name="event_type"),
    CheckConstraint("visible_ms >= 0", name="visible_ms"),
    Index("ix_profile_events_local_date", "profile_id", "local_date"),
    Index(
        "ix_profile_events_import_id",
        "profile_id",
        "import_id",
        postgresql_where=text("import_id is not null"),
    ),
    # What still tells who came.
    Index(
        "ix_profile_events_unreduced",
        "profile_id",
        "received_at",
        postgresql_where=text("reduced_at is null and (ip_address is not null or user_agent is not null)"),
    ),
    postgresql_partition_by="RANGE (timestamp)",
)

profile_performance = Table(
    "profile_performance",
    metadata,
    tenant(),
    Column("local_date", Date, primary_key=True),
    tally("total_views"),
    tally("unique_visitors"),
    tally("inquiries"),
    tally("clicks"),
    tally("favorites"),
    tally("shares"),
    tally("visible_ms"),
    tally("timed_views"),
    tally("bot_hits"),
    tally("owner_hits"),
    # Seconds per view that reported any; null when none did.
    Column(
        "avg_time_on_profile",
        Numeric,
        Computed("visible_ms / 1000.0 / nullif(timed_views, 0)", persisted=True),
    ),
    Column(
        "conversion_rate",
        Numeric,
        Computed("inquiries::numeric / nullif(total_views, 0)", persisted=True),
    ),
)

# One row per visitor and day with a view: exact unique visitors over any range.
visitor_days = Table(
    "visitor_days",
    metadata,
    tenant(),
    Column("local_date", Date, primary_key=True),
    Column("visitor_key", LargeBinary, primary_key=True),
)

# The same for each step of the gift funnel between a view and a purchase.
funnel_visitors = Table(
    "funnel_visitors",
    metadata,
    tenant(),
    Column("local_date", Date, primary_key=True),
    Column("step", Text, primary_key=True),
    Column("visitor_key", LargeBinary, primary_key=True),
    CheckConstraint("step in ('catalog', 'item', 'checkout')", name="step"),
)

# What happened in the hour that begins at recorded_at.
engagement_metrics = Table(
    "engagement_metrics",
    metadata,
    tenant(),
    Column("metric_type", Text, primary_key=True),
    Column("recorded_at", INSTANT, primary_key=True),
    tally("value"),
    CheckConstraint("metric_type in ('views', 'favorites', 'shares', 'inquiries')", name="metric_type"),
)

# The same tallies by one attribute of the event at a time (source, country, device, click target).
traffic_breakdown = Table(
    "traffic_breakdown",
    metadata,
    tenant(),
    Column("local_date", Date, primary_key=True),
    Column("dimension", Text, primary_key=True),
    Column("value", Text, primary_key=True),
    tally("views"),
    tally("inquiries"),
    tally("clicks"),
    CheckConstraint("dimension in ('source', 'country', 'device', 'target')", name="dimension"),
)

# A local month of a profile whose events were dropped: its rollups stay as they are for ever.
closed_months = Table(
    "closed_months",
    metadata,
    Column("profile_id", Uuid, ForeignKey("profiles.profile_id", ondelete="CASCADE"), primary_key=True),
    # Its first day.
    Column("month", Date, primary_key=True),
    # The instants that belong to it, in whole hours of the zone that the profile had when it was closed.
    Column("starts_at", INSTANT, nullable=False),
    Column("ends_at", INSTANT, nullable=False),
    Column("closed_at", INSTANT, nullable=False),
    # How many there were.
    Column("events", BigInteger, nullable=False),
    # Of its rows in each rollup, by the name of the table: SHA-256 as hexadecimal digits.
    Column("checksums", JSONB, nullable=False),
    # Those that had events in it, which can't be undone any more.
    Column("imports", ARRAY(Uuid), nullable=False, server_default=text("'{}'")),
)
