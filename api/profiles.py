"""Profiles: a platform provisions them, their owners edit them."""

from typing import Annotated, Any
from uuid import UUID

from flask import Response, jsonify, send_file
from flask_openapi3 import APIBlueprint, Tag
from pydantic import AliasChoices, BaseModel, Field

from api.answers import ZIP_FILE
from api.schemas import ProfileShape
from models.clock import now
from models.errors import Forbidden
from services import audit, jobs, profiles
from services.access import ADMIN
from services.ingest.inputs import Clean, Currency, Input
from services.jobs import CHANGE, Job
from services.profiles import Profile
from services.rights import shelf
from session import caller, stores

blueprint = APIBlueprint("profiles", __name__, url_prefix="/profiles", abp_tags=[Tag(name="Profiles")])

Zone = Annotated[str, Field(max_length=64)]
Hosts = Annotated[list[Clean], Field(max_length=100)]
_ZONE = AliasChoices("timezone", "timeZone", "time_zone")
_HOSTS = AliasChoices("hosts", "ownHosts", "own_hosts")


class NewProfile(Input):
    """A profile with its zone and currency, which its days and sums are kept in."""

    id: UUID | None = None
    name: Clean
    time_zone: Annotated[Zone, Field(validation_alias=_ZONE)]
    currency: Currency
    own_hosts: Annotated[Hosts | None, Field(validation_alias=_HOSTS)] = None


class ProfileEdit(Input):
    """What is to change."""

    name: Clean | None = None
    time_zone: Annotated[Zone | None, Field(validation_alias=_ZONE)] = None
    currency: Currency | None = None
    own_hosts: Annotated[Hosts | None, Field(validation_alias=_HOSTS)] = None


class IdPath(BaseModel):
    """The profile that is meant."""

    id: UUID


@blueprint.post("", responses={201: ProfileShape})
def add(body: NewProfile) -> tuple[Response, int]:
    """Makes a profile; for platform services."""
    if not caller().is_platform or ADMIN not in (caller().everything or ()):
        raise Forbidden("Profiles are made by a platform's token with the scope admin.")
    with stores().database.transaction() as tx:
        profile = profiles.add(
            tx,
            name=body.name,
            time_zone=body.time_zone,
            currency=body.currency,
            own_hosts=body.own_hosts or (),
            profile_id=body.id,
            at=now(),
        )
    return jsonify(_profile(profile)), 201


@blueprint.get("/<uuid:id>", responses={200: ProfileShape})
def show(path: IdPath) -> Response:
    """The profile, with its newest change of zone or currency."""
    profile = caller().profile(stores().database, path.id)
    with stores().database.transaction() as tx:
        return jsonify(_profile(profile, jobs.newest(tx, path.id, CHANGE)))


@blueprint.put("/<uuid:id>", responses={200: ProfileShape, 202: ProfileShape})
def edit(path: IdPath, body: ProfileEdit) -> tuple[Response, int]:
    """Changes what is given and leaves the rest. Another zone or currency on a profile with data has
    everything counted again: 202, with the profile as it still is, and how far the change is."""
    caller().require(path.id, ADMIN)
    queued = jobs.edit(
        stores(),
        path.id,
        asked_by=caller().called,
        at=now(),
        name=body.name,
        own_hosts=body.own_hosts,
        time_zone=body.time_zone,
        currency=body.currency,
    )
    with stores().database.transaction() as tx:
        profile, change = profiles.get(tx, path.id), jobs.newest(tx, path.id, CHANGE)
    if queued is not None:
        return jsonify(_profile(profile, queued)), 202
    return jsonify(_profile(profile, change if change and change.is_open else None)), 200


@blueprint.get("/<uuid:id>/export", responses={200: ZIP_FILE})
def export(path: IdPath) -> Response:
    """The archive with everything that the profile has, which an owner had made in the settings; it waits
    for seven days. For owners, and tokens with the scope admin."""
    caller().require(path.id, ADMIN)
    found = shelf.fetched(stores(), path.id, now())
    with stores().database.transaction() as tx:
        audit.note(tx, path.id, "export-fetched", now(), details={"made": found.made_at.isoformat()})
    name = f"profile-{path.id}-{found.made_at:%Y-%m-%d}.zip"
    answer = send_file(found.path, "application/zip", as_attachment=True, download_name=name, etag=False)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _profile(profile: Profile, change: Job | None = None) -> dict[str, Any]:
    return {
        "id": str(profile.profile_id),
        "name": profile.name,
        "timezone": profile.time_zone,
        "currency": profile.currency,
        "hosts": list(profile.own_hosts),
        "publicKey": profile.public_key,
        "change": change and _change(change),
    }


def _change(change: Job) -> dict[str, Any]:
    return {
        "status": change.status,
        "done": change.done,
        "total": change.total,
        "timezone": change.asked["timeZone"],
        "currency": change.asked["currency"],
        "problem": change.problem,
        "startedAt": (change.started_at or change.created_at).isoformat(),
        "finishedAt": change.finished_at and change.finished_at.isoformat(),
    }
