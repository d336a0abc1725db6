"""What a task of retention is.

To add one, write a module beside this one with `TASK = Task(...)`, and put it into `TASKS` of
services/retention/tasks.py, which is the order they run in. The duty of the worker, `manage.py retention` and
the settings page take it from there.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from threading import Event
from typing import Any
from uuid import UUID

from models.retention import Periods
from models.stores import Stores


@dataclass(frozen=True)
class Counts:
    """How much of what has passed its period was there `before` a run and `after` it, by the names of the
    task's `counted`. After a whole run everything is 0; what was not got at is the rest."""

    before: Mapping[str, int]
    after: Mapping[str, int]

    def as_json(self) -> dict[str, Any]:
        """{"before": {...}, "after": {...}}"""
        return {"before": dict(self.before), "after": dict(self.after)}


Run = Callable[[Stores, UUID, datetime, Periods, Event], Counts]
"""Does what is due in one profile at an instant. It works in small transactions, looks at the event (which
says that the process is to end) between two of them and returns what it got to. Done again, it changes
nothing. Raises what went wrong; an AppError is told in its own words."""

Due = Callable[[Stores, UUID, datetime, Periods], Mapping[str, int]]
"""What `run` would find then, by the names of `counted`; it changes nothing."""


@dataclass(frozen=True)
class Words:
    """What runs are called: `name` is the same for ever, as they are recorded under it; `label` is for people
    ("Addresses made unreadable"), and so are the words of `counted`, which say in the plural what each count
    counts ("addresses of visits")."""

    name: str
    label: str
    counted: Mapping[str, str]


@dataclass(frozen=True)
class Task(Words):
    """Something that ends after its period in each profile."""

    run: Run
    due: Due
