"""audit: who did what, who operates, and how many requests a sample stands for"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261125_audit"
down_revision = "20261125_access"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_entries",
        sa.Column("profile_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), server_default="", nullable=False),
        sa.Column("details", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["profile_id"],
            ["profiles.profile_id"],
            name=op.f("fk_audit_entries_profiles"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("profile_id", "number", name=op.f("pk_audit_entries")),
    )
    op.create_index(
        "ix_audit_entries_action", "audit_entries", ["profile_id", "action", sa.text("number desc")]
    )
    op.add_column(
        "accounts", sa.Column("is_operator", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )
    # Where there are accounts already, the first of them was made by whoever set the product up.
    op.execute(
        "update accounts set is_operator = true where account_id = "
        "(select account_id from accounts order by created_at, account_id limit 1)"
    )
    op.add_column(
        "api_request_metrics", sa.Column("weight", sa.Integer(), server_default="1", nullable=False)
    )


def downgrade() -> None:
    op.drop_column("api_request_metrics", "weight")
    op.drop_column("accounts", "is_operator")
    op.drop_table("audit_entries")
