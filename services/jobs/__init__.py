"""Long tasks: asked for in a browser or by REST, carried out by the worker, seen by all while they run.

`import_file`, `rebuild`, `export` and `edit` queue a job, `run` is the duty of the worker that carries jobs
out, `cancel` ends one, and `here` is for a command that waits for its job. The table is the truth; what goes
out live only tells that it has changed.
"""

from services.jobs.asking import cancel, edit, export, import_file, rebuild
from services.jobs.ledger import Job, find, listing, newest
from services.jobs.runner import here, run
from services.jobs.work import CHANGE, EXPORT, IMPORTS, REBUILD, imported

__all__ = [
    "CHANGE",
    "EXPORT",
    "IMPORTS",
    "REBUILD",
    "Job",
    "cancel",
    "edit",
    "export",
    "find",
    "here",
    "import_file",
    "imported",
    "listing",
    "newest",
    "rebuild",
    "run",
]
