"""The tables (DESIGN 3), by what they hold. Columns of tenant tables begin with profile_id."""

from models.schema.access import recovery_codes, reset_requests, revoked_tokens, second_factors
from models.schema.audit import audit_entries
from models.schema.metadata import metadata
from models.schema.money import (
    cost_entries,
    duo_referral_stats,
    fx_rates,
    revenue_daily,
    transaction_refunds,
    transactions,
)
from models.schema.operations import api_request_metrics, idempotency_keys, imports, jobs
from models.schema.profiles import accounts, api_tokens, memberships, profile_changes, profiles
from models.schema.retention import retention_runs
from models.schema.rights import deletions
from models.schema.safety import (
    alert_attempts,
    alert_channels,
    alert_deliveries,
    gov_alerts,
    muted_networks,
)
from models.schema.traffic import (
    closed_months,
    engagement_metrics,
    funnel_visitors,
    profile_events,
    profile_performance,
    traffic_breakdown,
    visitor_days,
)

__all__ = [
    "accounts",
    "alert_attempts",
    "alert_channels",
    "alert_deliveries",
    "api_request_metrics",
    "api_tokens",
    "audit_entries",
    "closed_months",
    "cost_entries",
    "deletions",
    "duo_referral_stats",
    "engagement_metrics",
    "funnel_visitors",
    "fx_rates",
    "gov_alerts",
    "idempotency_keys",
    "imports",
    "jobs",
    "memberships",
    "metadata",
    "muted_networks",
    "profile_changes",
    "profile_events",
    "profile_performance",
    "profiles",
    "recovery_codes",
    "reset_requests",
    "retention_runs",
    "revenue_daily",
    "revoked_tokens",
    "second_factors",
    "traffic_breakdown",
    "transaction_refunds",
    "transactions",
    "visitor_days",
]
