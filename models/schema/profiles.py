"""Who there is: profiles, the accounts that sign in, and which belongs to which."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from models.schema.metadata import INSTANT, metadata

profiles = Table(
    "profiles",
    metadata,
    Column("profile_id", Uuid, primary_key=True),
    Column("name", Text, nullable=False),
    Column("time_zone", Text, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("own_hosts", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    Column("public_key", Text, nullable=False, unique=True),
    # Made by the demo; the pages say so.
    Column("is_demo", Boolean, nullable=False, server_default=text("false")),
    Column("created_at", INSTANT, nullable=False),
    Column("updated_at", INSTANT, nullable=False),
    CheckConstraint("length(name) between 1 and 200", name="name_length"),
)

accounts = Table(
    "accounts",
    metadata,
    Column("account_id", Uuid, primary_key=True),
    Column("email", Text, nullable=False),
    Column("password_hash", Text, nullable=False),
    # Part of every session cookie: raising it signs the account out everywhere.
    Column("session_epoch", Integer, nullable=False, server_default="0"),
    Column("created_at", INSTANT, nullable=False),
    Index("uq_accounts_email", text("lower(email)"), unique=True),
)

memberships = Table(
    "memberships",
    metadata,
    Column("profile_id", Uuid, ForeignKey("profiles.profile_id", ondelete="CASCADE"), primary_key=True),
    Column("account_id", Uuid, ForeignKey("accounts.account_id", ondelete="CASCADE"), primary_key=True),
    Column("role", Text, nullable=False),
    Column("created_at", INSTANT, nullable=False),
    CheckConstraint("role in ('owner', 'viewer')", name="role"),
    Index("ix_memberships_account_id", "account_id"),
)
