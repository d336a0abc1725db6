"""Alerts of visits from government networks, for machines."""

from typing import Any
from uuid import UUID

from flask import request
from flask_openapi3 import APIBlueprint, Tag
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from api.answers import PageQuery, ProfilePath, ScopeQuery, cursor, envelope, local, place_of, scope_of
from api.schemas import Answer, Cursor, Shape
from models.clock import now
from models.database import Transaction
from services.access import ADMIN
from services.alerts import inbox, mutes
from services.alerts.inbox import Alert, Place
from services.alerts.mutes import Muted
from services.live.outbox import committing, touch
from services.scope import Scope
from session import caller, stores

blueprint = APIBlueprint(
    "gov-alerts", __name__, url_prefix="/gov-detection", abp_tags=[Tag(name="Government detection")]
)


class AlertQuery(ScopeQuery, PageQuery):
    """Which alerts; all of them when neither period nor days are given."""

    unseen: bool = Field(False, description="Only those that nobody has acknowledged")


class Wire(BaseModel):
    """What is sent: camelCase, and nothing that is not described."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid")


class Acknowledged(Wire):
    """The alerts that were seen; all of the profile when left out."""

    alert_ids: list[UUID] | None = Field(None, max_length=1000)


class NetworkOf(Wire):
    """The alert whose network is meant."""

    alert_id: UUID


class AlertShape(Shape):
    """One visitor's first visit of a day from a government's network, and why it is taken for one."""

    alert_id: UUID
    event_id: UUID
    timestamp: AwareDatetime
    ip: str | None = Field(description="Null once its period has passed")
    address_tag: str | None = Field(
        description="Then the same for alerts from the same address within a quarter", examples=["9f86d0"]
    )
    confidence: float = Field(description="0 to 1")
    kind: str | None
    organization: str | None
    asn: str | None = Field(examples=["AS7015"])
    country: str | None
    reasons: list[str]
    list_version: str
    seen_at: AwareDatetime | None
    muted: bool = Field(description="Its network was muted since")


class MutedShape(Shape):
    """A network that raises no alerts for this profile."""

    organization: str | None
    asn: str | None
    muted_at: AwareDatetime


class AlertPage(Answer):
    """A page of alerts, the newest visit first."""

    alerts: list[AlertShape]
    unseen: int = Field(description="How many of all alerts nobody has acknowledged")
    muted_networks: list[MutedShape]
    next_cursor: Cursor


class Unseen(Shape):
    """How many alerts of the profile nobody has acknowledged."""

    profile_id: UUID
    unseen: int


@blueprint.get("/alerts/<uuid:profileId>", responses={200: AlertPage})
def listing(path: ProfilePath, query: AlertQuery) -> dict[str, Any]:
    """The alerts, the newest visit first, a page at a time; one for each visitor and local day."""
    limited = any(request.args.get(name, "").strip() for name in ("period", "from", "to"))
    given = request.args if limited else {**request.args.to_dict(), "period": "all"}
    asked = scope_of(path.profileId, given)
    days = {"first": asked.period.first_begun, "last": asked.period.last} if limited else {}
    with stores().database.snapshot() as tx:
        found = inbox.listing(
            tx,
            path.profileId,
            **days,
            only_unseen=query.unseen,
            after=place_of(query.cursor, Place.read),
            limit=query.limit + 1,
        )
        unseen, muted = inbox.unseen(tx, path.profileId), mutes.listing(tx, path.profileId)
    page = found[: query.limit]
    return envelope(
        asked,
        alerts=[_alert(alert, asked) for alert in page],
        unseen=unseen,
        mutedNetworks=[_muted(network, asked) for network in muted],
        nextCursor=cursor(*page[-1].place) if len(found) > query.limit else None,
    )


@blueprint.post("/alerts/<uuid:profileId>/acknowledge", responses={200: Unseen})
def acknowledge(path: ProfilePath, body: Acknowledged) -> dict[str, Any]:
    """Marks alerts as seen; ids that are not among the profile's are passed over."""
    caller().require(path.profileId, ADMIN)
    with committing(stores()) as tx:
        inbox.acknowledge(tx, path.profileId, now(), body.alert_ids)
        return _unseen(tx, path.profileId)


@blueprint.post("/alerts/<uuid:profileId>/mute", responses={200: Unseen})
def mute(path: ProfilePath, body: NetworkOf) -> dict[str, Any]:
    """Says that an alert was false: its network raises none any more for this profile."""
    caller().require(path.profileId, ADMIN)
    with committing(stores()) as tx:
        mutes.mute(tx, path.profileId, body.alert_id, now())
        return _unseen(tx, path.profileId)


@blueprint.post("/alerts/<uuid:profileId>/unmute", responses={200: Unseen})
def unmute(path: ProfilePath, body: NetworkOf) -> dict[str, Any]:
    """Takes back that the network of an alert was muted."""
    caller().require(path.profileId, ADMIN)
    with committing(stores()) as tx:
        mutes.unmute(tx, path.profileId, inbox.find(tx, path.profileId, body.alert_id).network_id)
        return _unseen(tx, path.profileId)


def _unseen(tx: Transaction, profile_id: UUID) -> dict[str, Any]:
    """The answer to a change, which those who watch the profile are told of."""
    touch(tx, profile_id)
    return {"profileId": str(profile_id), "unseen": inbox.unseen(tx, profile_id)}


def _alert(alert: Alert, asked: Scope) -> dict[str, Any]:
    return {
        "alertId": str(alert.alert_id),
        "eventId": str(alert.event_id),
        "timestamp": local(alert.timestamp, asked),
        "ip": alert.ip,
        "addressTag": alert.address_tag,
        "confidence": alert.confidence,
        "kind": alert.kind,
        "organization": alert.organization,
        "asn": alert.asn,
        "country": alert.country,
        "reasons": list(alert.reasons),
        "listVersion": alert.list_version,
        "seenAt": local(alert.seen_at, asked) if alert.seen_at else None,
        "muted": alert.is_muted,
    }


def _muted(network: Muted, asked: Scope) -> dict[str, Any]:
    return {
        "organization": network.organization,
        "asn": network.asn,
        "mutedAt": local(network.muted_at, asked),
    }
