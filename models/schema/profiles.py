"""Who there is: profiles, the accounts that sign in, and which belongs to which."""

from sqlalchemy import (
    BigInteger,
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
    # Sees how the installation does, beside the own profiles.
    Column("is_operator", Boolean, nullable=False, server_default=text("false")),
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

# Tokens made on the page of settings; what `manage.py token` makes is not kept.
api_tokens = Table(
    "api_tokens",
    metadata,
    Column("profile_id", Uuid, ForeignKey("profiles.profile_id", ondelete="CASCADE"), primary_key=True),
    # The claim `jti`; the token itself is shown once and stored nowhere.
    Column("token_id", Uuid, primary_key=True),
    Column("label", Text, nullable=False),
    # Space-separated, as in the claim.
    Column("scope", Text, nullable=False),
    Column("created_at", INSTANT, nullable=False),
    Column("expires_at", INSTANT, nullable=False),
    Column("revoked_at", INSTANT),
)

# Changes of zone or currency before there were jobs. Nothing reads it any more; it stays for as long as the
# version that does may run on this schema.
profile_changes = Table(
    "profile_changes",
    metadata,
    Column("profile_id", Uuid, ForeignKey("profiles.profile_id", ondelete="CASCADE"), primary_key=True),
    Column("change_id", Uuid, primary_key=True),
    Column("time_zone", Text, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("status", Text, nullable=False),
    # Rows counted again so far, of `total`.
    Column("done", BigInteger, nullable=False, server_default="0"),
    Column("total", BigInteger, nullable=False, server_default="0"),
    Column("problem", Text),
    Column("started_at", INSTANT, nullable=False),
    Column("finished_at", INSTANT),
    CheckConstraint("status in ('running', 'done', 'failed')", name="status"),
)
