#!/usr/bin/env python3
"""The command line: everything that an operator does beside `make run`."""

import sys
from collections.abc import Sequence

import click

from commands.accounts import accounts
from commands.audit import audit
from commands.backup import backup, restore
from commands.demo import demo
from commands.events import events
from commands.geoip import geoip
from commands.imports import import_
from commands.metrics import metrics
from commands.migrate import migrate
from commands.profiles import profiles
from commands.rates import rates
from commands.retention import retention
from commands.rollups import rebuild, verify
from commands.run import run
from commands.status import status
from commands.token import token
from commands.visitors import visitors
from models.errors import AppError, InvalidInput


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """Platform Analytics: analytics and profit for independent providers."""


for command in (
    run, accounts, profiles, visitors, token, import_, rates, geoip, verify, rebuild, events, retention,
    metrics, migrate, status, demo, audit, backup, restore,
):  # fmt: skip
    cli.add_command(command)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command and returns its exit status: 0, 1 when it failed, 2 when it was misused."""
    try:
        result = cli.main(arguments, prog_name="manage.py", standalone_mode=False)
    except click.UsageError as error:
        error.show()
        return 2
    except click.Abort:
        return 130
    except AppError as error:
        click.echo(f"{error}", err=True)
        problems = error.problems if isinstance(error, InvalidInput) else ()
        for problem in problems[:20]:
            if problem.detail not in str(error):
                click.echo(f"  {problem.pointer}: {problem.detail}", err=True)
        return 1
    return result if isinstance(result, int) else 0


if __name__ == "__main__":
    sys.exit(main())
