"""manage.py retention: what ends after its period, and when that was last seen to."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from threading import Event
from typing import Any
from uuid import UUID

import click
from redis.exceptions import RedisError

from commands.answers import as_json, show
from commands.rollups import one_profile
from commands.stores import note, opened
from config import load
from models.clock import now
from models.errors import Unavailable
from models.stores import Stores
from services import domain_events, profiles
from services.profiles import Profile
from services.retention import TASKS, WORDS, keys, runs, schedule
from services.retention.runs import Run

_COUNTED = {name: word for words in WORDS.values() for name, word in words.counted.items()}


@click.group()
def retention() -> None:
    """What is kept for a time and then made unreadable or removed."""


@retention.command()
@one_profile
@click.option("--dry-run", is_flag=True, help="Change nothing; tell what would be done.")
@as_json
@click.pass_context
def run(context: click.Context, profile: UUID | None, dry_run: bool, as_json: bool) -> None:
    """Do now what is due, and tell it (exit 1 when something failed). The worker does it once a day."""
    found: list[dict[str, Any]] = []
    with _stores() as stores:
        for each in _chosen(stores, profile):
            if dry_run:
                found += _due(stores, each)
            elif schedule.profile_turn(stores, each.profile_id, now(), Event(), anew=True):
                found += _ran(stores, each)
            else:
                note(f"{each.profile_id}  another process is at it just now")
        if profile is None:
            found += _everywhere(stores, dry_run)
    show(found, as_json, "\n".join(map(_line, found)) or "Nothing was due.")
    context.exit(1 if any(each.get("problem") for each in found) else 0)


@retention.command()
@one_profile
@as_json
def status(profile: UUID | None, as_json: bool) -> None:
    """Tell when each task last ran for each profile, and what it did."""
    with _stores() as stores:
        found = [told for each in _chosen(stores, profile) for told in _ran(stores, each, never=True)]
    show(found, as_json, "\n".join(map(_line, found)))


@contextmanager
def _stores() -> Iterator[Stores]:
    with opened() as stores:
        try:
            yield stores
        except RedisError as error:
            raise Unavailable(f"Redis can't be used: {error}") from error


def _chosen(stores: Stores, profile_id: UUID | None) -> list[Profile]:
    if profile_id is None:
        return profiles.every(stores.database)
    return [profiles.find(stores.database, profile_id)]


def _due(stores: Stores, profile: Profile) -> list[dict[str, Any]]:
    about = {"profile": str(profile.profile_id)}
    due = ((task.name, task.due(stores, profile.profile_id, now(), stores.periods)) for task in TASKS)
    return [{**about, "task": name, "due": dict(counts)} for name, counts in due]


def _ran(stores: Stores, profile: Profile, never: bool = False) -> list[dict[str, Any]]:
    """The newest run of each task; with `never` also of those that never ran."""
    with stores.database.transaction() as tx:
        newest = {run.task: run for run in runs.newest(tx, profile.profile_id)}
    names = WORDS if never else [task.name for task in TASKS]
    wanted = [(name, newest.get(name)) for name in names]
    return [_told(profile, name, run) for name, run in wanted if run is not None or never]


def _everywhere(stores: Stores, dry_run: bool) -> list[dict[str, Any]]:
    """What belongs to no profile alone."""
    stream, before = load().event_stream, now() - stores.periods.addresses
    with domain_events.opened(stores, stream) as source:
        due = {**keys.due(stores, now()), "events": source.older(before)}
    if dry_run:
        return [{"profile": None, "task": "everywhere", "due": due}]
    schedule.everywhere(stores, now(), stream)
    with domain_events.opened(stores, stream) as source:
        left = {**keys.due(stores, now()), "events": source.older(before)}
    return [{"profile": None, "task": "everywhere", "before": due, "after": left, "problem": None}]


def _told(profile: Profile, name: str, run: Run | None) -> dict[str, Any]:
    return {
        "profile": str(profile.profile_id),
        "task": name,
        "startedAt": run and run.started_at.isoformat(timespec="seconds"),
        "finishedAt": run and run.finished_at and run.finished_at.isoformat(timespec="seconds"),
        "before": dict(run.before) if run else {},
        "after": dict(run.after) if run else {},
        "problem": run and run.problem,
    }


def _line(told: Mapping[str, Any]) -> str:
    """One line for people."""
    if "due" in told:
        said = _counts(told["due"]) or "nothing is due"
    elif "startedAt" in told and told["startedAt"] is None:
        said = "never yet"
    else:
        left = _counts(told["after"])
        done = _counts({name: many - told["after"].get(name, 0) for name, many in told["before"].items()})
        said = (done or "nothing was due") + (f"; left: {left}" if left else "")
    parts = (
        told["profile"] or "installation",
        told["task"],
        told.get("startedAt"),
        said,
        told.get("problem"),
    )
    return "  ".join(str(part) for part in parts if part)


def _counts(counts: Mapping[str, int]) -> str:
    named = ((many, _COUNTED.get(name, name)) for name, many in counts.items())
    return ", ".join(f"{word}: {many:,}" for many, word in named if many)
