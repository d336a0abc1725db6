"""What there is to do, in the order it is done in for each profile, and what all of it is called."""

from collections.abc import Mapping

from services.retention import addresses, ended, keys, months, requests
from services.retention.task import Task, Words

TASKS: tuple[Task, ...] = (addresses.TASK, ended.TASK, months.TASK, requests.TASK)
WORDS: Mapping[str, Words] = {each.name: each for each in (*TASKS, keys.WORDS)}
"""By the name that runs are recorded under."""
