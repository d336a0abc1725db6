"""Retention: what is kept how long, what is done when that has passed, and a record of it.

`run` is the duty of the worker; TASKS are what it does for each profile. Everything counts from receipt.
"""

from services.retention.keys import KEPT_FOR as KEPT_AFTER_QUARTER
from services.retention.schedule import run
from services.retention.tasks import TASKS, WORDS

__all__ = ["KEPT_AFTER_QUARTER", "TASKS", "WORDS", "run"]
