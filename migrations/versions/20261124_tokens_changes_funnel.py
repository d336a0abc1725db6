"""tokens, changes of zone and currency, visitors by step of the gift funnel"""

import sqlalchemy as sa
from alembic import op

revision = "20261124_tokens_changes_funnel"
down_revision = "20261123_initial"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "api_tokens",
        sa.Column("profile_id", sa.Uuid(), nullable=False),
        sa.Column("token_id", sa.Uuid(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("expires_at", _INSTANT, nullable=False),
        sa.Column("revoked_at", _INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["profile_id"],
            ["profiles.profile_id"],
            name=op.f("fk_api_tokens_profiles"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("profile_id", "token_id", name=op.f("pk_api_tokens")),
    )
    op.create_table(
        "profile_changes",
        sa.Column("profile_id", sa.Uuid(), nullable=False),
        sa.Column("change_id", sa.Uuid(), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("done", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("total", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("started_at", _INSTANT, nullable=False),
        sa.Column("finished_at", _INSTANT, nullable=True),
        sa.CheckConstraint("status in ('running', 'done', 'failed')", name=op.f("ck_profile_changes_status")),
        sa.ForeignKeyConstraint(
            ["profile_id"],
            ["profiles.profile_id"],
            name=op.f("fk_profile_changes_profiles"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("profile_id", "change_id", name=op.f("pk_profile_changes")),
    )
    op.create_table(
        "funnel_visitors",
        sa.Column("profile_id", sa.Uuid(), nullable=False),
        sa.Column("local_date", sa.Date(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("visitor_key", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("step in ('catalog', 'item', 'checkout')", name=op.f("ck_funnel_visitors_step")),
        sa.PrimaryKeyConstraint(
            "profile_id", "local_date", "step", "visitor_key", name=op.f("pk_funnel_visitors")
        ),
    )
    op.execute(
        """
        insert into funnel_visitors (profile_id, local_date, step, visitor_key)
        select distinct profile_id, local_date, step, visitor_key
        from profile_events, lateral (
            select case when target = 'gift-catalog' then 'catalog'
                        when target like 'gift:%' then 'item'
                        when target = 'gift-checkout' then 'checkout' end as step
        ) as steps
        where event_type = 'click' and not is_bot and not is_owner and step is not null
        """
    )


def downgrade() -> None:
    op.drop_table("funnel_visitors")
    op.drop_table("profile_changes")
    op.drop_table("api_tokens")
