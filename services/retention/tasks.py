"""What there is to do, in the order it is done in for each profile."""

from services.retention import months, requests
from services.retention.task import Task

TASKS: tuple[Task, ...] = (months.TASK, requests.TASK)
