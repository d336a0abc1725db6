"""How commands answer: the answer alone on stdout, as text or as JSON."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, is_dataclass
from typing import Any

import click

as_json = click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")


def show(answer: Any, as_json: bool, text: str | None = None) -> None:
    """Prints `answer` as JSON, or `text` (by default one "name: value" line a field)."""
    if as_json:
        click.echo(json.dumps(answer, default=_plain, ensure_ascii=False))
    elif text is not None:
        click.echo(text)
    elif isinstance(answer, Mapping):
        for name, value in answer.items():
            click.echo(f"{name}: {value}")
    else:
        click.echo(str(answer))


def show_rows(rows: Sequence[Mapping[str, Any]], as_json: bool) -> None:
    """Prints a list of things with the same fields: JSON, or a line each with aligned columns."""
    if as_json:
        click.echo(json.dumps(list(rows), default=_plain, ensure_ascii=False))
        return
    cells = [[str(value) for value in row.values()] for row in rows]
    if not cells:
        return
    widths = [max(len(row[index]) for row in cells) for index in range(len(cells[0]))]
    for row in cells:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    return str(value)
