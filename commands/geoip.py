"""manage.py geoip: the databases of the detection, and addresses judged by it."""

import csv
import sys
from dataclasses import asdict
from typing import Any
from uuid import UUID

import click

from commands.answers import as_json, show, show_rows
from commands.rollups import one_profile
from commands.stores import note, opened
from config import load
from models.clock import now
from models.errors import InvalidInput, Unavailable
from services import profiles
from services.alerts import rejudging
from services.alerts.rejudging import Rejudged
from services.export import text
from services.gov_detection import Detector, Verdict, refresh
from services.gov_detection.databases import State

_COLUMNS, _MORE = ("ip", "confidence", "kind"), ("asn", "organization", "country", "reasons")


@click.group()
def geoip() -> None:
    """The databases that addresses are looked up in."""


@geoip.command()
@as_json
def status(as_json: bool) -> None:
    """Tell type, path, build and age of each database, and what is wrong with it."""
    detector = Detector.of(load().geoip_paths, load().data_dir)
    if as_json:
        show(
            {"databases": [_told(state) for state in detector.states], "rules": detector.lists.version}, True
        )
        return
    show_rows([_row(state) for state in detector.states], False)
    note(f"Rules of {detector.lists.version}.")
    for problem in detector.problems:
        note(problem)


@geoip.command()
@as_json
def update(as_json: bool) -> None:
    """Fetch the newest of the shipped databases through npm; a running product takes them up by itself."""
    for each in refresh.update(load().data_dir, note):
        show(
            {"path": str(each.path), "package": each.package, "networks": each.networks},
            as_json,
            f"{each.path}: {each.networks:,} networks ({each.package})",
        )


@geoip.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True))
@click.option("--reasons", is_flag=True, help="Add network, organization, country and the reasons.")
def judge(file: str, reasons: bool) -> None:
    """Judge the addresses in the column ip of a CSV; write ip, confidence and kind."""
    detector = Detector.of(load().geoip_paths, load().data_dir)
    if not detector.knows_organizations:
        raise Unavailable(" ".join(detector.problems) or "There is no database that tells organisations.")
    for problem in detector.problems:
        note(problem)
    with click.open_file(file, encoding="utf-8-sig", errors="replace") as opened:
        table = csv.DictReader(opened)
        if "ip" not in (table.fieldnames or ()):
            raise InvalidInput.at("ip", f"{file} has no column called ip.")
        out = csv.writer(sys.stdout, lineterminator="\n")
        out.writerow([*_COLUMNS, *(_MORE if reasons else ())])
        for row in table:
            verdict = detector.judge(row["ip"] or "")
            out.writerow(
                [text(row["ip"] or ""), f"{verdict.confidence:.4f}", verdict.kind, *_more(verdict, reasons)]
            )


def _more(verdict: Verdict, wanted: bool) -> list[str | None]:
    if not wanted:
        return []
    told = (verdict.asn, verdict.organization, verdict.country, " ".join(verdict.reasons))
    return [each and text(each) for each in told]


@geoip.command()
@one_profile
@as_json
def rejudge(profile: UUID | None, as_json: bool) -> None:
    """Judge again what still has its address, after a list or a database has changed."""
    done = Rejudged()
    with opened() as stores:
        known = profiles.every(stores.database)
        for each in known if profile is None else [profiles.find(stores.database, profile)]:
            found = rejudging.rejudge(stores, each.profile_id, now())
            note(f"{each.profile_id}  {each.name}: {_words(found)}")
            done += found
    show(asdict(done), as_json, _words(done))


def _words(done: Rejudged) -> str:
    return f"{done.events:,} events judged, {done.changed:,} changed, {done.alerts:,} new alerts (not sent)"


def _told(state: State) -> dict[str, Any]:
    return {
        "path": str(state.path),
        "type": state.type,
        "built": state.built and state.built.isoformat(),
        "ageDays": _age(state),
        "bytes": state.size,
        "knows": list(state.knows),
        "problem": state.problem,
    }


def _row(state: State) -> dict[str, Any]:
    age = _age(state)
    return {
        "type": state.type or "-",
        "built": state.built.date().isoformat() if state.built else "-",
        "age": "-" if age is None else f"{age} days",
        "knows": ", ".join(state.knows) or "nothing",
        "path": state.path,
    }


def _age(state: State) -> int | None:
    return (now() - state.built).days if state.built else None
