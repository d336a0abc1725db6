"""Profiles that were deleted for good, as far as that has to be known."""

from sqlalchemy import Column, Index, LargeBinary, Table, Uuid, text

from models.schema.metadata import INSTANT, metadata

deletions = Table(
    "deletions",
    metadata,
    # Of the profile's id, under a key that is in no database: it tells a late message's profile from one
    # that is yet to come, and names nobody.
    Column("digest", LargeBinary, primary_key=True),
    # The profile, while something of it may be left; null then.
    Column("pending_id", Uuid),
    Column("asked_at", INSTANT, nullable=False),
    # When all was gone for the first time; what was on its way then is looked for once more.
    Column("emptied_at", INSTANT),
    Column("finished_at", INSTANT),
    Index("ix_deletions_pending_id", "pending_id", postgresql_where=text("pending_id is not null")),
)
