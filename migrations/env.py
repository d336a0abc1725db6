"""Alembic's entry: runs the migrations over the connection that models/migrate.py hands in."""

from alembic import context

from models.schema import metadata


def _ours(obj: object, name: str | None, kind: str, reflected: bool, compare_to: object) -> bool:
    """Partitions are made on demand and are no part of the described schema."""
    return not (kind == "table" and reflected and compare_to is None and (name or "")[-8:-5].startswith("_"))


connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, include_object=_ours)
with context.begin_transaction():
    context.run_migrations()
