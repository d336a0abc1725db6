"""Profiles, as a platform provisions them."""

from typing import Annotated, Any
from uuid import UUID

from flask import Response, jsonify
from flask_openapi3 import APIBlueprint, Tag
from pydantic import AliasChoices, BaseModel, Field

from api.schemas import ProfileShape
from models.clock import now
from models.errors import Forbidden
from services import profiles
from services.access import ADMIN
from services.ingest.inputs import Clean, Currency, Input
from services.profiles import Profile
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
    """What is to change; zone and currency only while there is no data."""

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


@blueprint.put("/<uuid:id>", responses={200: ProfileShape})
def edit(path: IdPath, body: ProfileEdit) -> Response:
    """Changes what is given and leaves the rest."""
    caller().require(path.id, ADMIN)
    with stores().database.transaction() as tx:
        profile = profiles.edit(
            tx,
            path.id,
            at=now(),
            name=body.name,
            own_hosts=body.own_hosts,
            time_zone=body.time_zone,
            currency=body.currency,
        )
    return jsonify(_profile(profile))


def _profile(profile: Profile) -> dict[str, Any]:
    return {
        "id": str(profile.profile_id),
        "name": profile.name,
        "timezone": profile.time_zone,
        "currency": profile.currency,
        "hosts": list(profile.own_hosts),
        "publicKey": profile.public_key,
    }
