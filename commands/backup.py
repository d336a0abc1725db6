"""manage.py backup and restore: everything in one file, and back."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

import installation
from commands.answers import as_json, show
from commands.rollups import differences
from commands.stores import configured, note
from config import load
from models.clock import now
from models.embedded import present_owner
from models.errors import Conflict
from services import audit
from services import backup as archives
from services.backup import Manifest


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True, path_type=Path))
@as_json
def backup(file: Path, as_json: bool) -> None:
    """Write everything into FILE (-: to stdout), while the product runs; an older FILE is replaced."""
    to_stdout = str(file) == "-"
    with configured() as config:
        stores = installation.opened(replace(config, gov_detection=False))
        stream = config.event_stream if load().embedded_redis else None
        try:
            if to_stdout:
                taken = archives.take(stores, config.data_dir, sys.stdout.buffer, stream)
            else:
                with archives.replacing(file) as opened:
                    taken = archives.take(stores, config.data_dir, opened, stream)
            with stores.database.transaction() as tx:
                audit.record_everywhere(tx, "backed-up", audit.COMMAND_LINE, now())
        finally:
            stores.close()
    answer = {"file": str(file), "bytes": taken.bytes, "seconds": round(taken.seconds, 2)}
    answer |= _told(taken.manifest, taken.rows)
    words = (
        f"{file}: {taken.rows:,} rows of {len(taken.manifest.tables)} tables, {taken.bytes / 1e6:,.1f} MB, "
        f"{taken.seconds:.1f} seconds"
    )
    if to_stdout:
        note(words)
    else:
        show(answer, as_json, words)
    _note_keys(taken.manifest)


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--replace", "replacing", is_flag=True, help="Replace what the installation holds.")
@click.option("--yes", is_flag=True, help="Do so without a further question.")
@as_json
@click.pass_context
def restore(context: click.Context, file: Path, replacing: bool, yes: bool, as_json: bool) -> None:
    """Put the backup in FILE into an installation that is empty and does not run."""
    with archives.checked(file) as reader:
        archives.require_fit(reader)
        settings = load()
        if (settings.embedded_postgres or settings.embedded_redis) and (
            owner := present_owner(settings.data_dir)
        ):
            raise Conflict(
                f"{settings.data_dir} is in use by {owner.purpose} (process {owner.pid}); stop that first."
            )
        with configured() as config:
            stores = installation.opened(replace(config, gov_detection=False))
            try:
                archives.require_alone(stores.database)
                if found := archives.present(stores, reader):
                    _require_consent(str(found), replacing, yes)
                restored = archives.restore(
                    stores, config.data_dir, reader, config.event_stream, settings.embedded_redis
                )
                with stores.database.transaction() as tx:
                    of = reader.manifest.taken_at.isoformat(timespec="seconds")
                    audit.record_everywhere(tx, "restored", audit.COMMAND_LINE, now(), of)
                profiles, wrong = differences(stores.database)
            finally:
                stores.close()
    answer: dict[str, Any] = {"file": str(file), "seconds": round(restored.seconds, 2)}
    answer |= _told(restored.manifest, restored.rows)
    answer |= {"waitingEvents": restored.events, "profiles": profiles, "differences": wrong}
    lines = [
        f"{restored.rows:,} rows of {len(restored.manifest.tables)} tables as of "
        f"{restored.manifest.taken_at.isoformat(timespec='seconds')}, {restored.seconds:.1f} seconds",
        *(f"{each['profile']}  {each['difference']}" for each in wrong),
    ]
    if not wrong:
        lines.append(f"{profiles} profiles verified: every rollup is the sum of its raw rows.")
    show(answer, as_json, "\n".join(lines))
    _note_keys(restored.manifest)
    context.exit(1 if wrong else 0)


def _require_consent(found: str, replacing: bool, yes: bool) -> None:
    """Raises Conflict unless what is there may be replaced."""
    if not replacing:
        raise Conflict(f"The installation is not empty: it has {found}. Add --replace to lose that.")
    if not yes:
        raise Conflict(f"This would replace {found}, for good. Add --yes if that is meant.")


def _told(manifest: Manifest, rows: int) -> dict[str, Any]:
    return {
        "takenAt": manifest.taken_at.isoformat(),
        "product": manifest.product,
        "schema": manifest.schema_revision,
        "rows": rows,
        "tables": {name: table.rows for name, table in manifest.tables.items()},
        "redis": manifest.redis,
        "keysGiven": manifest.keys_given,
    }


def _note_keys(manifest: Manifest) -> None:
    for name in manifest.keys_given:
        note(f"The {name} key is not in the backup: it was given by PLATFORM_ANALYTICS_{name.upper()}_KEY.")
    if not manifest.redis:
        note("Events that wait in your own Redis, and dead letters there, are not in the backup.")
