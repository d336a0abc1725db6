"""manage.py import: real input, told apart line by line, and taken back when it was a mistake."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import click

from commands.answers import as_json, show, show_rows
from commands.progress import progress
from commands.stores import note, opened
from models.errors import InvalidInput
from models.money import check_currency
from models.schema.money import COST_CATEGORIES, TRANSACTION_TYPES
from models.stores import Stores
from services import profiles
from services.imports import ledger
from services.imports.account import Account
from services.imports.costs import import_costs
from services.imports.statements import Overrides, Preview, Statement, preview, read
from services.imports.traffic import import_access_log
from services.imports.transactions import import_transactions
from services.profiles import Profile

_file = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
_profile = click.option(
    "--profile", "profile_id", type=click.UUID, required=True, help="Whose figures it is."
)
_dry_run = click.option("--dry-run", is_flag=True, help="Show how the file is read; store nothing.")


@click.group("import")
def import_() -> None:
    """Import history, safely again and again; undo it as a whole."""


@import_.command("access-log")
@_file
@_profile
@click.option("--pages", metavar="REGEX", help="The paths that count as views of the profile.")
@_dry_run
@as_json
def access_log(file: Path, profile_id: UUID, pages: str | None, dry_run: bool, as_json: bool) -> None:
    """Views from a web server's access log (combined or common format, also compressed)."""
    with opened() as stores, progress(file.name, _lines(file)) as report:
        profile = profiles.find(stores.database, profile_id)
        account = import_access_log(stores, profile, file, pages, report, dry_run)
    _tell(account, as_json)


def _statement_options(command: Callable[..., None]) -> Callable[..., None]:
    """How a statement is read, where it can't be told from the file or was told wrong."""
    for option in (
        click.option("--map", "mapping", multiple=True, metavar="OURS=THEIRS", help="Name a column."),
        click.option("--encoding", help="Such as utf-8 or windows-1252."),
        click.option("--delimiter", help='The separator; "tab" for a tab.'),
        click.option("--decimal", type=click.Choice([".", ","]), help="The decimal sign."),
        click.option("--date-order", type=click.Choice(["dmy", "mdy", "ymd"])),
        click.option("--currency", help="The currency of amounts that name none."),
        click.option("--header-line", type=click.IntRange(min=0), help="Its number; 0 for none."),
        click.option("--sign", type=click.Choice(["normal", "inverted"]), help="Whether costs are positive."),
        _dry_run,
        as_json,
    ):
        command = option(command)
    return command


@import_.command("transactions")
@_file
@_profile
@click.option("--type", "kind", type=click.Choice(TRANSACTION_TYPES), default="booking", show_default=True)
@_statement_options
def transactions(file: Path, profile_id: UUID, kind: str, dry_run: bool, as_json: bool, **told: Any) -> None:
    """Income and refunds from a statement of a bank or payment service (CSV, OFX, QFX)."""

    def store(stores: Stores, profile: Profile, statement: Statement, report: Any) -> Account:
        return import_transactions(stores, profile, file, statement, kind, report)

    _import_statement(file, profile_id, dry_run, as_json, told, store)


@import_.command("costs")
@_file
@_profile
@click.option("--category", type=click.Choice(COST_CATEGORIES), default="tools", show_default=True)
@_statement_options
def costs(file: Path, profile_id: UUID, category: str, dry_run: bool, as_json: bool, **told: Any) -> None:
    """Costs and fees from a statement, or from a list of costs."""

    def store(stores: Stores, profile: Profile, statement: Statement, report: Any) -> Account:
        return import_costs(stores, profile, file, statement, category, report)

    _import_statement(file, profile_id, dry_run, as_json, told, store)


@import_.command("list")
@as_json
def listing(as_json: bool) -> None:
    """List the imports, the newest first."""
    with opened() as stores:
        rows = [
            {
                "import": str(each.import_id),
                "profile": str(each.profile_id),
                "kind": each.kind,
                "file": each.file_name,
                "status": each.status,
                "started": each.started_at.isoformat(timespec="seconds"),
                "counts": dict(each.counts),
            }
            for each in ledger.listing(stores.database)
        ]
    show_rows(rows, as_json)


@import_.command()
@click.argument("import_id", type=click.UUID, metavar="IMPORT")
@as_json
def undo(import_id: UUID, as_json: bool) -> None:
    """Take back all that an import stored."""
    with opened() as stores:
        removed = ledger.undo(stores.database, import_id)
    show({"import": import_id, "removed": removed}, as_json, f"{removed} rows taken back")


def _import_statement(
    file: Path,
    profile_id: UUID,
    dry_run: bool,
    as_json: bool,
    told: dict[str, Any],
    store: Callable[[Stores, Profile, Statement, Any], Account],
) -> None:
    with opened() as stores:
        profile = profiles.find(stores.database, profile_id)
        statement = _read(file, _overrides(told), profile.currency)
        if dry_run:
            _show_preview(preview(statement), as_json)
            return
        with progress(file.name, _lines(file)) as report:
            account = store(stores, profile, statement, report)
    _tell(account, as_json)


def _read(file: Path, overrides: Overrides, currency: str) -> Statement:
    """The statement; what the reader needs to know is asked for by the option that tells it."""
    try:
        return read(file, overrides, currency)
    except InvalidInput as error:
        for problem in error.problems:
            if problem.pointer in _TELLS:
                note(f"Tell it with {_TELLS[problem.pointer]}.")
        raise


_TELLS = {
    "amount": "--map amount=COLUMN",
    "date": "--map date=COLUMN",
    "currency": "--currency EUR",
    "date_order": "--date-order dmy (or mdy, ymd)",
    "decimal": "--decimal , (or .)",
    "delimiter": "--delimiter ;",
    "encoding": "--encoding windows-1252",
}


def _overrides(told: dict[str, Any]) -> Overrides:
    mapping = {}
    for pair in told.pop("mapping"):
        ours, equals, theirs = pair.partition("=")
        if not equals or not ours or not theirs:
            raise click.BadParameter(f"{pair!r} is not OURS=THEIRS.", param_hint="--map")
        mapping[ours.strip()] = theirs.strip()
    if told["currency"]:
        told["currency"] = check_currency(told["currency"], "--currency")
    return Overrides(mapping=mapping, **told)


def _show_preview(found: Preview, as_json: bool) -> None:
    answer = found.as_json()
    lines = [f"{name}: {value}" for name, value in answer.items() if name != "rejected"]
    lines += [f"line {each['line']}: {each['reason']}" for each in answer["rejected"][:20]]
    show(answer, as_json, "\n".join(lines))


def _tell(account: Account, as_json: bool) -> None:
    lines = [f"{place}: {count}" for place, count in sorted(account.places.items()) if count]
    lines.append(f"lines: {account.lines}")
    if account.import_id:
        lines.append(f"import: {account.import_id}")
    if account.rejected_file:
        lines.append(f"rejected lines: {account.rejected_file}")
    show(account.as_json(), as_json, "\n".join([*account.notes, *lines]))


def _lines(file: Path) -> int:
    with file.open("rb") as stream:
        return sum(chunk.count(b"\n") for chunk in iter(lambda: stream.read(1 << 20), b""))
