"""The product's tables as the database has them, which may be those of an older version."""

from collections.abc import Mapping, Sequence

from sqlalchemy.sql import text

from models import partitions
from models.database import PARTITIONED, Transaction, create_partition
from models.schema import metadata

REVISIONS = "alembic_version"
_COLUMNS = text(
    "select relname, attname from pg_class join pg_attribute on attrelid = pg_class.oid "
    "where relnamespace = current_schema()::regnamespace and relname = any(:names) "
    "and attnum > 0 and not attisdropped and attgenerated = '' order by relname, attnum"
)
_OTHERS = text(
    "select count(*) from pg_stat_activity where datname = current_database() "
    "and pid <> pg_backend_pid() and backend_type = 'client backend'"
)


def columns(tx: Transaction) -> dict[str, list[str]]:
    """The columns of each table, those that the database computes left out; the tables in an order in which
    what is referred to comes first."""
    known = [table.name for table in metadata.sorted_tables]
    found: dict[str, list[str]] = {}
    for row in tx.rows(_COLUMNS.bindparams(names=known)):
        found.setdefault(row["relname"], []).append(row["attname"])
    return {name: found[name] for name in known if name in found}


def months(tx: Transaction, tables: Sequence[str]) -> dict[str, list[str]]:
    """The months ("2026_11") that those of `tables` have a partition for that are divided by them."""
    return {
        name: [f"{year:04}_{month:02}" for year, month in sorted(partitions.months(tx, name))]
        for name in PARTITIONED
        if name in tables
    }


def others(tx: Transaction) -> int:
    """How many other connections the database has."""
    return int(tx.value(_OTHERS))


def hold(tx: Transaction, tables: Sequence[str]) -> None:
    """Has nothing dropped or changed in its form until the transaction ends. Looks at nothing itself, so that
    a snapshot is taken after it."""
    tx.run(text(f"lock table {_list(tables)} in access share mode"))


def revision(tx: Transaction) -> str:
    """The revision of the schema."""
    return str(tx.value(text("select version_num from alembic_version")))


def empty(tx: Transaction, tables: Sequence[str]) -> None:
    """Takes all rows out."""
    tx.run(text(f"truncate {_list(tables)}"))


def drop(tx: Transaction) -> None:
    """Drops all of them, with what is in them."""
    tx.run(text(f"drop table if exists {_list([REVISIONS, *metadata.tables])}"))


def analyze(tx: Transaction, tables: Sequence[str]) -> None:
    """Has the database look at what is in them, so that it plans well from the start."""
    tx.run(text(f"analyze {_list(tables)}"))


def make_partitions(tx: Transaction, tables: Mapping[str, Sequence[str]]) -> None:
    """Makes the partitions of these months."""
    for table, months in tables.items():
        for each in months:
            year, month = each.split("_")
            create_partition(tx, table, int(year), int(month))


def _list(tables: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in tables)
