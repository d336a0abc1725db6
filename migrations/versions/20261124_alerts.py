"""alerts: one for each visitor and day, muted networks, and delivery"""

import sqlalchemy as sa
from alembic import op

revision = "20261124_alerts"
down_revision = "20261124_jobs"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    # Nothing has written an alert before this version.
    op.add_column("gov_alerts", sa.Column("local_date", sa.Date(), nullable=False))
    op.add_column("gov_alerts", sa.Column("visitor_key", sa.LargeBinary(), nullable=False))
    op.add_column("gov_alerts", sa.Column("network_id", sa.Uuid(), nullable=False))
    op.create_index(
        "ix_gov_alerts_event_timestamp",
        "gov_alerts",
        ["profile_id", sa.text("event_timestamp desc"), sa.text("id desc")],
    )
    op.create_index("ix_gov_alerts_visitor", "gov_alerts", ["profile_id", "local_date", "visitor_key"])
    op.create_index(
        "ix_gov_alerts_unseen", "gov_alerts", ["profile_id"], postgresql_where=sa.text("seen_at is null")
    )
    op.create_table(
        "muted_networks",
        sa.Column("profile_id", sa.Uuid(), nullable=False),
        sa.Column("network_id", sa.Uuid(), nullable=False),
        sa.Column("organization", sa.Text(), nullable=True),
        sa.Column("asn", sa.Text(), nullable=True),
        sa.Column("muted_at", _INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["profile_id"],
            ["profiles.profile_id"],
            name=op.f("fk_muted_networks_profiles"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("profile_id", "network_id", name=op.f("pk_muted_networks")),
    )
    op.create_table(
        "alert_channels",
        sa.Column("profile_id", sa.Uuid(), nullable=False),
        sa.Column("channel_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("stopped_at", _INSTANT, nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("removed_at", _INSTANT, nullable=True),
        sa.CheckConstraint("kind in ('email', 'webhook')", name=op.f("ck_alert_channels_kind")),
        sa.CheckConstraint("(salt is not null) = (kind = 'webhook')", name=op.f("ck_alert_channels_salt")),
        sa.ForeignKeyConstraint(
            ["profile_id"],
            ["profiles.profile_id"],
            name=op.f("fk_alert_channels_profiles"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("profile_id", "channel_id", name=op.f("pk_alert_channels")),
    )
    op.create_table(
        "alert_deliveries",
        sa.Column("profile_id", sa.Uuid(), nullable=False),
        sa.Column("delivery_id", sa.Uuid(), nullable=False),
        sa.Column("channel_id", sa.Uuid(), nullable=False),
        sa.Column("alert_id", sa.Uuid(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("next_at", _INSTANT, nullable=True),
        sa.Column("finished_at", _INSTANT, nullable=True),
        sa.CheckConstraint(
            "status in ('waiting', 'sent', 'failed')", name=op.f("ck_alert_deliveries_status")
        ),
        sa.CheckConstraint(
            "(next_at is not null) = (status = 'waiting')", name=op.f("ck_alert_deliveries_next_at")
        ),
        sa.ForeignKeyConstraint(
            ["profile_id", "channel_id"],
            ["alert_channels.profile_id", "alert_channels.channel_id"],
            name=op.f("fk_alert_deliveries_alert_channels"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("profile_id", "delivery_id", name=op.f("pk_alert_deliveries")),
    )
    op.create_index(
        "ix_alert_deliveries_waiting",
        "alert_deliveries",
        ["next_at"],
        postgresql_where=sa.text("status = 'waiting'"),
    )
    op.create_index(
        "ix_alert_deliveries_channel_id",
        "alert_deliveries",
        ["profile_id", "channel_id", sa.text("created_at desc")],
    )
    op.create_table(
        "alert_attempts",
        sa.Column("profile_id", sa.Uuid(), nullable=False),
        sa.Column("delivery_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("ok", sa.Boolean(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("duration_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["profile_id", "delivery_id"],
            ["alert_deliveries.profile_id", "alert_deliveries.delivery_id"],
            name=op.f("fk_alert_attempts_alert_deliveries"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("profile_id", "delivery_id", "number", name=op.f("pk_alert_attempts")),
    )


def downgrade() -> None:
    for table in ("alert_attempts", "alert_deliveries", "alert_channels", "muted_networks"):
        op.drop_table(table)
    op.drop_index("ix_gov_alerts_unseen", table_name="gov_alerts")
    op.drop_index("ix_gov_alerts_visitor", table_name="gov_alerts")
    op.drop_index("ix_gov_alerts_event_timestamp", table_name="gov_alerts")
    for column in ("network_id", "visitor_key", "local_date"):
        op.drop_column("gov_alerts", column)
