"""What retention has done: a record of each run of one of its tasks for a profile."""

from sqlalchemy import Column, ForeignKey, Index, Table, Text, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB

from models.schema.metadata import INSTANT, metadata

retention_runs = Table(
    "retention_runs",
    metadata,
    Column("profile_id", Uuid, ForeignKey("profiles.profile_id", ondelete="CASCADE"), primary_key=True),
    Column("run_id", Uuid, primary_key=True),
    Column("task", Text, nullable=False),
    Column("started_at", INSTANT, nullable=False),
    # Null while it runs.
    Column("finished_at", INSTANT),
    # How much of what had passed its period was there; null where the run did not get so far.
    Column("before", JSONB(none_as_null=True)),
    Column("after", JSONB(none_as_null=True)),
    # Why it failed, in a sentence.
    Column("problem", Text),
    Index("ix_retention_runs_task", "profile_id", "task", text("started_at desc")),
)
