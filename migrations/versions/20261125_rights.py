"""rights: exports as jobs, and profiles that are deleted for good"""

import sqlalchemy as sa
from alembic import op

revision = "20261125_rights"
down_revision = "20261125_audit"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)
_KINDS = "kind in ('import-transactions', 'import-costs', 'rebuild', 'change'{})"


def upgrade() -> None:
    op.create_table(
        "deletions",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("pending_id", sa.Uuid(), nullable=True),
        sa.Column("asked_at", _INSTANT, nullable=False),
        sa.Column("emptied_at", _INSTANT, nullable=True),
        sa.Column("finished_at", _INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_deletions")),
    )
    op.create_index(
        "ix_deletions_pending_id",
        "deletions",
        ["pending_id"],
        postgresql_where=sa.text("pending_id is not null"),
    )
    op.drop_constraint(op.f("ck_jobs_kind"), "jobs")
    op.create_check_constraint(op.f("ck_jobs_kind"), "jobs", _KINDS.format(", 'export'"))


def downgrade() -> None:
    op.execute("delete from jobs where kind = 'export'")
    op.drop_constraint(op.f("ck_jobs_kind"), "jobs")
    op.create_check_constraint(op.f("ck_jobs_kind"), "jobs", _KINDS.format(""))
    op.drop_table("deletions")
