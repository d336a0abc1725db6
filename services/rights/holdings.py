"""What there is of a profile: every table with its id, found in the schema, so that none can be forgotten."""

import csv
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from uuid import UUID

from sqlalchemy import Column, Table, func, select

from models.database import Transaction
from models.schema import accounts, memberships, metadata

OWN = "profile_id"
LEFT_OUT: Mapping[str, str] = {
    "alert_channels.salt": "With it, whoever has the installation's key could sign as this product.",
    "idempotency_keys.body_hash": "A digest that only tells a repeated request from another one.",
    "jobs.file": "The file of an import that has not run yet; it goes when the import ends.",
}
"""What is of the profile and in no export, by table or column, and why."""
ELSEWHERE: Mapping[str, str] = {
    "accounts": "Of people, not of a profile; their e-mail addresses are in memberships.csv, their passwords "
    "(as hashes) nowhere.",
    "api_request_metrics": "How long requests took; it names no profile.",
    "deletions": "Profiles that are no more.",
    "second_factors": "Of people, not of a profile; the secret of a second factor is in no file.",
    "recovery_codes": "Of people, not of a profile, and known as hashes alone.",
    "reset_requests": "Of people, not of a profile; gone when the link for a new password is sent.",
    "revoked_tokens": "Ids of tokens that hold no more; they name no profile.",
    "fx_rates": "Exchange rates of the whole installation; the rate that was used stands beside each amount.",
}
"""Tables that hold nothing of one profile, and why."""
_WORDS = Path(__file__).with_name("words.tsv")
_EMAIL = "email"


def tables() -> list[Table]:
    """Every table with rows of profiles, each after those that it refers to."""
    return [table for table in metadata.sorted_tables if OWN in table.c]


def exported() -> dict[Table, list[Column[object]]]:
    """The tables of an export and their columns, in the order of the export. Of a membership the e-mail
    address of the account is one."""
    found = {
        table: [column for column in table.c if f"{table.name}.{column.name}" not in LEFT_OUT]
        for table in tables()
        if table.name not in LEFT_OUT
    }
    found[memberships] = [*found[memberships], accounts.c.email]
    return found


@cache
def words() -> Mapping[tuple[str, str], str]:
    """What the tables ("") and their columns hold, each in a sentence."""
    with _WORDS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    told = {(table, column): sentence for table, column, sentence in rows}
    for table, columns in exported().items():
        for column in columns:
            shared = told.get(("*", column.name))
            if shared is not None:
                told.setdefault((table.name, column.name), shared)
    return told


def described() -> Iterator[str]:
    """The lines of the description of an export: each file with its columns, and what is in none."""
    for table, columns in exported().items():
        yield f"\n## {table.name}.csv\n"
        yield f"{words().get((table.name, ''), '')}\n"
        yield "| column | what it holds |"
        yield "|---|---|"
        for column in columns:
            yield f"| `{column.name}` | {words().get((table.name, column.name), '')} |"
    yield "\n## What is in no file\n"
    for what, why in {**LEFT_OUT, **ELSEWHERE}.items():
        yield f"- `{what}`: {why}"


def counts(tx: Transaction, profile_id: UUID) -> dict[str, int]:
    """How many rows of the profile each table of an export holds."""
    return {
        table.name: int(tx.value(select(func.count()).select_from(table).where(table.c[OWN] == profile_id)))
        for table in exported()
    }
