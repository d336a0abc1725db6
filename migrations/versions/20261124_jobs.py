"""jobs: long tasks, which the worker carries out"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261124_jobs"
down_revision = "20261124_tokens_changes_funnel"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)
_OPEN = "status in ('queued', 'running')"


def upgrade() -> None:
    op.create_table(
        "jobs",
        sa.Column("profile_id", sa.Uuid(), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("asked", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("file", sa.LargeBinary(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("done", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("total", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("result", postgresql.JSONB(), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("cancel_requested", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("started_at", _INSTANT, nullable=True),
        sa.Column("finished_at", _INSTANT, nullable=True),
        sa.CheckConstraint(
            "kind in ('import-transactions', 'import-costs', 'rebuild', 'change')", name=op.f("ck_jobs_kind")
        ),
        sa.CheckConstraint(
            "status in ('queued', 'running', 'done', 'failed', 'cancelled')", name=op.f("ck_jobs_status")
        ),
        sa.CheckConstraint(f"file is null or {_OPEN}", name=op.f("ck_jobs_file")),
        sa.ForeignKeyConstraint(
            ["profile_id"], ["profiles.profile_id"], name=op.f("fk_jobs_profiles"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("profile_id", "job_id", name=op.f("pk_jobs")),
    )
    op.create_index("ix_jobs_open", "jobs", ["profile_id", "job_id"], postgresql_where=sa.text(_OPEN))
    op.create_index(
        "uq_jobs_counting",
        "jobs",
        ["profile_id", "kind"],
        unique=True,
        postgresql_where=sa.text(f"{_OPEN} and kind in ('rebuild', 'change')"),
    )
    op.execute(
        """
        insert into jobs (profile_id, job_id, kind, title, asked, status, done, total, problem, asked_by,
                          attempts, created_at, started_at, finished_at)
        select profile_id, change_id, 'change', 'Change to ' || time_zone || ', ' || currency,
               jsonb_build_object('timeZone', time_zone, 'currency', currency), status, done, total, problem,
               '', 1, started_at, started_at, finished_at
        from profile_changes where status <> 'running'
        """
    )


def downgrade() -> None:
    op.drop_table("jobs")
