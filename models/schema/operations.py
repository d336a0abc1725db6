"""What running the product leaves behind: imports, repeated requests, request timings."""

from sqlalchemy import REAL, BigInteger, CheckConstraint, Column, Integer, Table, Text, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB

from models.schema.metadata import INSTANT, metadata, tenant

imports = Table(
    "imports",
    metadata,
    tenant(),
    Column("import_id", Uuid, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("file_name", Text, nullable=False),
    Column("status", Text, nullable=False),
    # How the file was read: the mapping and what was overridden.
    Column("layout", JSONB, nullable=False, server_default=text("'{}'")),
    # The account: every line in exactly one place.
    Column("counts", JSONB, nullable=False, server_default=text("'{}'")),
    Column("started_at", INSTANT, nullable=False),
    Column("finished_at", INSTANT),
    Column("undone_at", INSTANT),
    CheckConstraint("kind in ('access-log', 'transactions', 'costs', 'demo')", name="kind"),
    CheckConstraint("status in ('running', 'done', 'failed', 'undone')", name="status"),
)

# The answers to POSTs that carried an Idempotency-Key.
idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    tenant(),
    Column("key", Text, primary_key=True),
    Column("body_hash", Text, nullable=False),
    Column("resource_id", Uuid, nullable=False),
    Column("created_at", INSTANT, nullable=False),
)

# Range-partitioned by month of `timestamp`.
api_request_metrics = Table(
    "api_request_metrics",
    metadata,
    Column("timestamp", INSTANT, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("endpoint", Text, nullable=False),
    Column("method", Text, nullable=False),
    Column("status_code", Integer, nullable=False),
    Column("response_time_ms", REAL, nullable=False),
    Column("bytes_sent", BigInteger),
    postgresql_partition_by="RANGE (timestamp)",
)
