"""How people and machines get in beside their password or token, and what lets them in no more."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, LargeBinary, Table, Text, Uuid

from models.schema.metadata import INSTANT, metadata

# The codes of an authenticator app, one for each account that wants them.
second_factors = Table(
    "second_factors",
    metadata,
    Column("account_id", Uuid, ForeignKey("accounts.account_id", ondelete="CASCADE"), primary_key=True),
    # Encrypted with a key of the data directory: a copy of the database makes no codes.
    Column("secret", LargeBinary, nullable=False),
    # Null until a right code was given.
    Column("enabled_at", INSTANT),
    # The time step (30 s since 1970) of the last code that was taken; older ones and itself are not again.
    Column("last_step", BigInteger, nullable=False, server_default="0"),
    Column("created_at", INSTANT, nullable=False),
)

# Those that are left: one that was used is gone.
recovery_codes = Table(
    "recovery_codes",
    metadata,
    Column("account_id", Uuid, ForeignKey("accounts.account_id", ondelete="CASCADE"), primary_key=True),
    # HMAC under a key of the data directory.
    Column("code_hash", LargeBinary, primary_key=True),
)

# Who asked for a link to set a new password, whether there is such an account or not, until the worker
# has looked.
reset_requests = Table(
    "reset_requests",
    metadata,
    Column("email", Text, primary_key=True),
    Column("asked_at", INSTANT, nullable=False),
    Column("next_at", INSTANT, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Index("ix_reset_requests_next_at", "next_at"),
)

# Tokens that hold no more, whoever made them.
revoked_tokens = Table(
    "revoked_tokens",
    metadata,
    # The claim `jti`, or for a token without one "token:" and its digest.
    Column("jti", Text, primary_key=True),
    Column("revoked_at", INSTANT, nullable=False),
    # When the token ends by itself, and need not stand here any more.
    Column("expires_at", INSTANT, nullable=False),
    Column("subject", Text),
)
