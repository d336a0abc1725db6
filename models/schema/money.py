"""What a profile earns and spends, and the exchange rates."""

from typing import Literal, get_args

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Computed,
    Date,
    ForeignKeyConstraint,
    Index,
    Numeric,
    String,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from models.schema.metadata import AMOUNT, INSTANT, metadata, tally, tenant

TransactionType = Literal["booking", "gift", "subscription", "affiliate"]
TRANSACTION_TYPES: tuple[TransactionType, ...] = get_args(TransactionType)
CostCategory = Literal["marketing", "subscriptions", "tools", "platform_fees"]
COST_CATEGORIES: tuple[CostCategory, ...] = get_args(CostCategory)


def _one_of(column: str, values: tuple[str, ...]) -> str:
    return f"{column} in ({', '.join(repr(value) for value in values)})"


transactions = Table(
    "transactions",
    metadata,
    tenant(),
    Column("id", Uuid, primary_key=True),
    Column("transaction_type", Text, nullable=False),
    Column("status", Text, nullable=False),
    # The whole sale in its own currency, as it was given.
    Column("amount", AMOUNT, nullable=False),
    Column("currency", String(3), nullable=False),
    # The profile's share of it: `amount`, but for a duo booking.
    Column("share_amount", AMOUNT, nullable=False),
    # Both in the profile's reporting currency; null when there is no rate.
    Column("reporting_amount", AMOUNT),
    Column("reporting_partner", AMOUNT),
    Column("rate", Numeric(20, 10)),
    Column("rate_date", Date),
    Column("transaction_date", INSTANT, nullable=False),
    Column("local_date", Date, nullable=False),
    # A row that came with a date and no time keeps that date whatever the zone.
    Column("date_only", Boolean, nullable=False, server_default=text("false")),
    Column("refunded_amount", AMOUNT, nullable=False, server_default="0"),
    Column("refunded_at", INSTANT),
    Column("split", JSONB(none_as_null=True)),
    Column("partner_id", Text),
    # Who paid: donor, client or subscriber.
    Column("counterparty_id", Text),
    Column("counterparty_country", String(2)),
    Column("item_id", Text),
    Column("item_name", Text),
    Column("category", Text),
    Column("external_id", Text),
    Column("billing_interval", Text),
    Column("metadata", JSONB, nullable=False, server_default=text("'{}'")),
    Column("import_id", Uuid),
    Column("received_at", INSTANT, nullable=False),
    Column("updated_at", INSTANT, nullable=False),
    CheckConstraint(_one_of("transaction_type", TRANSACTION_TYPES), name="transaction_type"),
    CheckConstraint("status in ('pending', 'completed', 'refunded')", name="status"),
    CheckConstraint("amount >= 0", name="amount"),
    CheckConstraint("refunded_amount between 0 and amount", name="refunded_amount"),
    Index("ix_transactions_local_date", "profile_id", "transaction_type", "local_date"),
    Index("ix_transactions_external_id", "profile_id", "external_id"),
    Index(
        "ix_transactions_import_id", "profile_id", "import_id", postgresql_where=text("import_id is not null")
    ),
    Index(
        "ix_transactions_unconverted",
        "profile_id",
        "local_date",
        postgresql_where=text("reporting_amount is null"),
    ),
)

# A sale can be given back in parts, on different days.
transaction_refunds = Table(
    "transaction_refunds",
    metadata,
    tenant(),
    Column("transaction_id", Uuid, primary_key=True),
    # What had been refunded before this part.
    Column("refunded_before", AMOUNT, primary_key=True),
    # What the source knows this refund by: makes a repeated one meet its own row.
    Column("reference", Text),
    Column("amount", AMOUNT, nullable=False),
    Column("reporting_amount", AMOUNT),
    Column("reporting_partner", AMOUNT),
    Column("refunded_at", INSTANT, nullable=False),
    Column("local_date", Date, nullable=False),
    Column("date_only", Boolean, nullable=False, server_default=text("false")),
    Column("import_id", Uuid),
    Column("received_at", INSTANT, nullable=False),
    ForeignKeyConstraint(
        ["profile_id", "transaction_id"],
        ["transactions.profile_id", "transactions.id"],
        ondelete="CASCADE",
    ),
    CheckConstraint("amount > 0", name="amount"),
    Index("ix_transaction_refunds_local_date", "profile_id", "local_date"),
)

# Per day, source and category, in the profile's reporting currency.
revenue_daily = Table(
    "revenue_daily",
    metadata,
    tenant(),
    Column("local_date", Date, primary_key=True),
    Column("source", Text, primary_key=True),
    Column("category", Text, primary_key=True),
    tally("gross", amount=True),
    tally("sales"),
    tally("refunds", amount=True),
    tally("refund_count"),
    tally("pending", amount=True),
    tally("pending_count"),
    tally("partner_share", amount=True),
)

# All-time per partner and currency; amounts in that currency, refunds taken off.
duo_referral_stats = Table(
    "duo_referral_stats",
    metadata,
    tenant(),
    Column("partner_id", Text, primary_key=True),
    Column("currency", String(3), primary_key=True),
    tally("booking_count"),
    tally("total_revenue", amount=True),
    tally("profile_revenue", amount=True),
    Column(
        "revenue_split",
        JSONB,
        Computed(
            '(\'{"profile": "\' || profile_revenue::text || \'", "partner": "\' '
            "|| (total_revenue - profile_revenue)::text || '\"}')::jsonb",
            persisted=True,
        ),
    ),
    Column("created_at", INSTANT, nullable=False),
    Column("updated_at", INSTANT, nullable=False),
)

cost_entries = Table(
    "cost_entries",
    metadata,
    tenant(),
    Column("id", Uuid, primary_key=True),
    Column("category", Text, nullable=False),
    Column("description", Text, nullable=False),
    # For marketing: the referral source it pays for.
    Column("channel", Text),
    Column("amount", AMOUNT, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("reporting_amount", AMOUNT),
    Column("rate", Numeric(20, 10)),
    Column("rate_date", Date),
    Column("expense_date", Date, nullable=False),
    Column("import_id", Uuid),
    Column("created_at", INSTANT, nullable=False),
    Column("updated_at", INSTANT, nullable=False),
    CheckConstraint(_one_of("category", COST_CATEGORIES), name="category"),
    CheckConstraint("amount >= 0", name="amount"),
    CheckConstraint("length(description) <= 500", name="description_length"),
    Index("ix_cost_entries_expense_date", "profile_id", "expense_date", "id"),
    Index(
        "ix_cost_entries_import_id", "profile_id", "import_id", postgresql_where=text("import_id is not null")
    ),
)

# Units of `currency` for one euro. The operator's own rates ('operator') go before the ECB's.
fx_rates = Table(
    "fx_rates",
    metadata,
    Column("currency", String(3), primary_key=True),
    Column("rate_date", Date, primary_key=True),
    Column("source", Text, primary_key=True),
    Column("rate", Numeric(20, 10), nullable=False),
    CheckConstraint("rate > 0", name="rate"),
)
