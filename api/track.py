"""The tracker: the script that a provider's own site loads, and the door that it sends by.

Both are open to strangers and to every site. A key that anyone can read names the profile.
"""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Literal
from uuid import UUID

from flask import Blueprint, Response, request, send_file
from flask_openapi3 import APIBlueprint, Tag
from pydantic import Field, StringConstraints

from api import limits, sender
from models.clock import now
from models.errors import Forbidden, InvalidInput, PeriodClosed
from services import profiles
from services.ingest import events
from services.ingest.inputs import Clean, Input, Instant, PageEvent, Short
from services.ingest.referrers import is_own
from services.profiles import Profile
from session import gatherer, stores

SCRIPT = Path(__file__).with_suffix(".js")
"""Its ids are those that browsers give to blobs: unlike crypto.randomUUID there without HTTPS too."""
MAX_AGE = 3600
"""Seconds for which a browser keeps the script."""
OLDEST = timedelta(days=2)
"""How far back strangers may tell of something; the script tells of a view as long as its page is open."""

script = Blueprint("tracker", __name__)
blueprint = APIBlueprint("track", __name__, url_prefix="/track", abp_tags=[Tag(name="Tracker")])
_Address = Annotated[Clean, StringConstraints(max_length=4000)]
_QUARTER = timedelta(minutes=15)


class Told(Input):
    """What the script tells: JSON, also as text/plain. `key` is the profile's public key; `timestamp`
    and `sentAt` are by the browser's clock. Sent again with the same `id` and `timestamp`, a view counts
    once, and its longest `durationSeconds`."""

    key: Short
    id: UUID
    event_type: Literal["view", "click", "inquiry", "favorite", "share"]
    timestamp: Instant
    sent_at: Instant
    url: _Address
    referrer: _Address | None = None
    target: Short | None = None
    duration_seconds: Annotated[float, Field(ge=0, le=86_400, allow_inf_nan=False)] | None = None


@script.get("/track.js")
def tracker() -> Response:
    """The script, for every site, also one that isolates itself from others."""
    return _for_every_site(send_file(SCRIPT, mimetype="text/javascript", max_age=MAX_AGE))


@blueprint.post("", responses={204: None}, security=[{}])
def track(body: Told) -> tuple[str, int]:
    """Stores what a page tells of itself. Whoever asks not to be tracked is not: nothing is stored."""
    if request.headers.get("DNT") == "1" or request.headers.get("Sec-GPC") == "1":
        return "", 204
    limits.count_events(1)
    profile = profiles.find_by_key(stores().database, body.key)
    origin = _origin(profile)
    received_at = now()
    at = _believed(body.timestamp, body.sent_at, received_at)
    if at < received_at - OLDEST:
        raise InvalidInput.at("/timestamp", f"It lies more than {OLDEST.days} days back.")
    if at > received_at + events.LEAD:
        raise InvalidInput.at("/timestamp", "It lies in the future.")
    told = body.model_dump(exclude={"key", "timestamp", "sent_at"})
    event = PageEvent(
        **told, **sender.described(), profile_id=profile.profile_id, timestamp=at, origin=origin
    )
    try:
        gatherer().store([event], received_at)
    except PeriodClosed as error:
        raise error.alone() from None
    return "", 204


@blueprint.after_request
def _for_every_site(response: Response) -> Response:
    """Lets pages of every site read the answer, refusals included; it is nobody's in particular."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def _origin(profile: Profile) -> str:
    """The origin of the page that asks, empty when the request names none. Raises Forbidden when the
    profile has hosts of its own and it is none of them."""
    origin = request.headers.get("Origin", "")
    if profile.own_hosts and not is_own(origin, frozenset(profile.own_hosts)):
        place = f"{origin[:200]} is none of them" if origin else "this one names no site"
        raise Forbidden(f"This profile takes visits of its own hosts alone; {place}.")
    return origin


def _believed(at: datetime, sent_at: datetime, received_at: datetime) -> datetime:
    """The time of an event by our clock, from that of a browser whose clock now says `sent_at`.

    Clocks that are really wrong are so by a zone or by days. What they are off is taken in quarters of
    an hour, so that the way of a message, which differs, does not move the event: all messages of one
    view carry one time.
    """
    return at + round((received_at - sent_at) / _QUARTER) * _QUARTER
