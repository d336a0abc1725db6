"""What can be asked for: each of these queues a job, or ends one."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from models.errors import Conflict, InvalidInput
from models.money import check_currency
from models.period import check_zone
from models.stores import Stores
from services import audit, profiles
from services.imports.upload import LARGEST, Upload, plain_name, too_large
from services.jobs import ledger
from services.jobs.ledger import Job
from services.jobs.telling import ring, tell
from services.jobs.work import CHANGE, EXPORT, IMPORTS, REBUILD


def import_file(stores: Stores, profile_id: UUID, upload: Upload, asked_by: str, at: datetime) -> Job:
    """Has the file imported. Raises InvalidInput when it is too large, and Conflict when too much waits."""
    name = plain_name(upload.name)
    if len(upload.content) > LARGEST:
        raise InvalidInput(too_large(name, upload.kind))
    overrides = vars(upload.overrides) | {"mapping": dict(upload.overrides.mapping)}
    asked = {"kind": upload.kind, "name": name, "choice": upload.choice, "overrides": overrides}
    with stores.database.transaction() as tx:
        job = ledger.add(
            tx,
            profile_id,
            IMPORTS[upload.kind],
            f"Import of {name}",
            asked_by,
            at,
            asked=asked,
            file=upload.content,
        )
    return _queued(stores, job)


def rebuild(stores: Stores, profile_id: UUID, asked_by: str, at: datetime) -> Job:
    """Has every rollup of the profile compared with its raw rows, and counted again. Raises Conflict while
    that is going on."""
    with stores.database.transaction() as tx:
        job = ledger.add(tx, profile_id, REBUILD, "Counting everything again", asked_by, at)
    return _queued(stores, job)


def export(stores: Stores, profile_id: UUID, asked_by: str, at: datetime) -> Job:
    """Has everything that the profile has put into an archive (see services.rights.shelf). Raises NotFound,
    and Conflict while that is going on."""
    with stores.database.transaction() as tx:
        profiles.locked(tx, profile_id)
        last = ledger.newest(tx, profile_id, EXPORT)
        if last is not None and last.is_open:
            raise Conflict("Everything is being exported already; wait for its end.")
        job = ledger.add(tx, profile_id, EXPORT, "Export of everything", asked_by, at)
        audit.note(tx, profile_id, "export-asked", at)
    return _queued(stores, job)


def edit(
    stores: Stores,
    profile_id: UUID,
    *,
    asked_by: str,
    at: datetime,
    name: str | None = None,
    own_hosts: Sequence[str] | None = None,
    time_zone: str | None = None,
    currency: str | None = None,
) -> Job | None:
    """Changes what is given of the profile, all of it or nothing.

    Returns the job that is still to be done where another zone or currency is given and there is data;
    None when all is done. Raises what `profiles.edit` does, and Conflict while another such job is open.
    """
    zone = None if time_zone is None else check_zone(time_zone)
    reporting = None if currency is None else check_currency(currency)
    with stores.database.transaction() as tx:
        known = profiles.get(tx, profile_id)
        wanted = (zone or known.time_zone, reporting or known.currency)
        again = wanted != (known.time_zone, known.currency) and profiles.first_day(tx, profile_id) is not None
        job = None
        if again:
            asked = {"timeZone": wanted[0], "currency": wanted[1]}
            title = f"Change to {wanted[0].replace('_', ' ')}, {wanted[1]}"
            job = ledger.add(tx, profile_id, CHANGE, title, asked_by, at, asked=asked)
        fixed = {} if again else {"time_zone": zone, "currency": reporting}
        profiles.edit(tx, profile_id, at=at, name=name, own_hosts=own_hosts, **fixed)
    return None if job is None else _queued(stores, job)


def cancel(stores: Stores, profile_id: UUID, job_id: UUID, at: datetime) -> Job:
    """Ends the job: at once where it waits, within moments where it runs. Nothing of it stays.

    Raises NotFound, also when it is another profile's, and Conflict when it has ended already.
    """
    job = ledger.ask_to_cancel(stores.database, profile_id, job_id, at)
    tell(stores, job)
    return job


def _queued(stores: Stores, job: Job) -> Job:
    tell(stores, job)
    ring(stores)
    return job
