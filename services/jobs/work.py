"""What the jobs of each kind do. All of it can be done again from its beginning: it either leaves nothing
behind when it breaks off, or what it leaves is taken back before the next attempt."""

from collections.abc import Callable, Mapping
from typing import Any

from models.clock import now
from models.stores import Stores
from services import changes, profiles, rollups
from services.imports.statements import Overrides
from services.imports.upload import Imported, Upload, import_upload
from services.jobs import ledger
from services.jobs.ledger import Job
from services.rights import archive, shelf

Report = Callable[[int, int], None]
"""Is told how much is done, of how much; what it raises ends the work and takes it back."""
Work = Callable[[Stores, Job, Report], Mapping[str, Any]]
"""Does the job and returns its result, JSON-ready."""

IMPORTS: Mapping[str, str] = {"costs": "import-costs", "transactions": "import-transactions"}
"""The kind of job that imports each kind of file."""
REBUILD = "rebuild"
CHANGE = "change"
EXPORT = "export"
_LISTED = 100
"""Differences that a rebuild lists; their number is always whole."""


def imported(job: Job) -> Imported:
    """What an import that is done did."""
    assert job.result is not None
    return Imported.of_json(job.result)


def _import(stores: Stores, job: Job, report: Report) -> Mapping[str, Any]:
    asked = job.asked
    upload = Upload(
        asked["kind"],
        asked["name"],
        ledger.file_of(stores.database, job),
        asked["choice"],
        Overrides(**asked["overrides"]),
    )
    profile = profiles.find(stores.database, job.profile_id)
    return import_upload(stores, profile, upload, report).as_json()


def _rebuild(stores: Stores, job: Job, report: Report) -> Mapping[str, Any]:
    """Counts each rollup twice: once to see what differs, once to mend it."""
    steps = _Steps(2 * rollups.PARTS, report)
    found = rollups.verify(stores.database, job.profile_id, steps.one)
    rollups.rebuild(stores.database, job.profile_id, steps.one)
    lasting = sum(each.lasts for each in found)
    return {
        "differences": len(found) - lasting,
        "examples": [str(each) for each in found[:_LISTED]],
        **({"lasting": lasting} if lasting else {}),
    }


def _change(stores: Stores, job: Job, report: Report) -> Mapping[str, Any]:
    changes.change(stores.database, job.profile_id, job.asked["timeZone"], job.asked["currency"], report)
    return {}


def _export(stores: Stores, job: Job, report: Report) -> Mapping[str, Any]:
    """Puts the archive where it is fetched, in place of the one before."""
    with shelf.placing(stores, job.profile_id) as file:
        files = archive.write(stores, job.profile_id, file, now(), report)
    return {"rows": sum(each.rows for each in files), "files": len(files)}


WORK: Mapping[str, Work] = {
    **dict.fromkeys(IMPORTS.values(), _import),
    REBUILD: _rebuild,
    CHANGE: _change,
    EXPORT: _export,
}


class _Steps:
    """Counts steps of about the same size."""

    def __init__(self, total: int, report: Report):
        self._report, self._done, self._total = report, 0, total
        report(0, total)

    def one(self) -> None:
        self._done += 1
        self._report(self._done, self._total)
