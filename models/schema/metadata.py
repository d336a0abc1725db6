"""The shared MetaData, its naming convention, and the column types that recur."""

from sqlalchemy import BigInteger, Column, DateTime, MetaData, Numeric, Uuid

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

AMOUNT = Numeric(28, 4)
INSTANT = DateTime(timezone=True)


def tenant() -> Column[object]:
    """`profile_id`, the first column of every tenant table and of its keys."""
    return Column("profile_id", Uuid, primary_key=True, nullable=False)


def tally(name: str, amount: bool = False) -> Column[object]:
    """A column of a rollup that starts at zero and is added to."""
    return Column(name, AMOUNT if amount else BigInteger, nullable=False, server_default="0")
