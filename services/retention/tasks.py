"""What there is to do, in the order it is done in for each profile."""

from services.retention import addresses, ended
from services.retention.task import Task

TASKS: tuple[Task, ...] = (addresses.TASK, ended.TASK)
