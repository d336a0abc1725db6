"""What running the product leaves behind: imports, long tasks, repeated requests, request timings."""

from sqlalchemy import (
    REAL,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    Uuid,
    text,
)
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

# Long tasks, which the worker carries out one by one.
jobs = Table(
    "jobs",
    metadata,
    Column("profile_id", Uuid, ForeignKey("profiles.profile_id", ondelete="CASCADE"), primary_key=True),
    Column("job_id", Uuid, primary_key=True),
    Column("kind", Text, nullable=False),
    # What it is called for a person: "Import of statement.csv".
    Column("title", Text, nullable=False),
    # What the task needs to know.
    Column("asked", JSONB, nullable=False, server_default=text("'{}'")),
    # The file to import; gone when the job has ended.
    Column("file", LargeBinary),
    Column("status", Text, nullable=False),
    # Done so far, of `total`; 0 of 0 until that is known.
    Column("done", BigInteger, nullable=False, server_default="0"),
    Column("total", BigInteger, nullable=False, server_default="0"),
    Column("result", JSONB),
    # Why it failed, in a sentence.
    Column("problem", Text),
    # The e-mail address or the token's subject of whoever asked for it.
    Column("asked_by", Text, nullable=False),
    Column("cancel_requested", Boolean, nullable=False, server_default=text("false")),
    # How often it was begun; more than once where its process died.
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("created_at", INSTANT, nullable=False),
    Column("started_at", INSTANT),
    Column("finished_at", INSTANT),
    CheckConstraint(
        "kind in ('import-transactions', 'import-costs', 'rebuild', 'change', 'export')", name="kind"
    ),
    CheckConstraint("status in ('queued', 'running', 'done', 'failed', 'cancelled')", name="status"),
    CheckConstraint("file is null or status in ('queued', 'running')", name="file"),
)
# What workers look for.
Index(
    "ix_jobs_open",
    jobs.c.profile_id,
    jobs.c.job_id,
    postgresql_where=jobs.c.status.in_(["queued", "running"]),
)
# Of what counts everything again, a profile has one at a time.
Index(
    "uq_jobs_counting",
    jobs.c.profile_id,
    jobs.c.kind,
    unique=True,
    postgresql_where=jobs.c.status.in_(["queued", "running"]) & jobs.c.kind.in_(["rebuild", "change"]),
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
    # How many requests this one stands for: 1, and more where only a sample was kept.
    Column("weight", Integer, nullable=False, server_default="1"),
    postgresql_partition_by="RANGE (timestamp)",
)
