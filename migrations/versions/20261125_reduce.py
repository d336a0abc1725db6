"""retention: addresses that become hashes, and a record of what was done"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261125_reduce"
down_revision = "20261124_alerts"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("profile_events", sa.Column("address_hash", sa.LargeBinary(), nullable=True))
    op.add_column("profile_events", sa.Column("reduced_at", _INSTANT, nullable=True))
    op.create_index(
        "ix_profile_events_unreduced",
        "profile_events",
        ["profile_id", "received_at"],
        postgresql_where=sa.text("reduced_at is null and (ip_address is not null or user_agent is not null)"),
    )
    op.add_column("gov_alerts", sa.Column("address_hash", sa.LargeBinary(), nullable=True))
    op.create_index(
        "ix_gov_alerts_unreduced",
        "gov_alerts",
        ["profile_id", "created_at"],
        postgresql_where=sa.text("ip <> ''"),
    )
    op.create_table(
        "retention_runs",
        sa.Column("profile_id", sa.Uuid(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("task", sa.Text(), nullable=False),
        sa.Column("started_at", _INSTANT, nullable=False),
        sa.Column("finished_at", _INSTANT, nullable=True),
        sa.Column("before", postgresql.JSONB(none_as_null=True), nullable=True),
        sa.Column("after", postgresql.JSONB(none_as_null=True), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["profile_id"],
            ["profiles.profile_id"],
            name=op.f("fk_retention_runs_profiles"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("profile_id", "run_id", name=op.f("pk_retention_runs")),
    )
    op.create_index(
        "ix_retention_runs_task", "retention_runs", ["profile_id", "task", sa.text("started_at desc")]
    )


def downgrade() -> None:
    op.drop_table("retention_runs")
    op.drop_index("ix_gov_alerts_unreduced", table_name="gov_alerts")
    op.drop_column("gov_alerts", "address_hash")
    op.drop_index("ix_profile_events_unreduced", table_name="profile_events")
    op.drop_column("profile_events", "reduced_at")
    op.drop_column("profile_events", "address_hash")
