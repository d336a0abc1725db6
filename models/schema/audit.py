"""Who did what with a profile."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, LargeBinary, Table, Text, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB

from models.schema.metadata import INSTANT, metadata

# Append-only: nothing changes or deletes an entry but the deletion of its profile.
audit_entries = Table(
    "audit_entries",
    metadata,
    Column("profile_id", Uuid, ForeignKey("profiles.profile_id", ondelete="CASCADE"), primary_key=True),
    # 1, 2, 3, ... within the profile, without a gap.
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("at", INSTANT, nullable=False),
    Column("action", Text, nullable=False),
    # The e-mail address of an account, the subject of a token, or the command line.
    Column("actor", Text, nullable=False),
    Column("subject", Text, nullable=False, server_default=""),
    Column("details", JSONB, nullable=False, server_default=text("'{}'")),
    # SHA-256 over the hash of the entry before and this entry.
    Column("hash", LargeBinary, nullable=False),
)
# What one kind of entries is listed by.
Index(
    "ix_audit_entries_action",
    audit_entries.c.profile_id,
    audit_entries.c.action,
    audit_entries.c.number.desc(),
)
