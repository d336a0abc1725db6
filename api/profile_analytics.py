"""Performance for machines, and the door that events come in by."""

from typing import Annotated, Any

from flask import Response, jsonify, request
from flask_openapi3 import APIBlueprint, Tag
from pydantic import BaseModel, Field, RootModel

from api import limits
from api.answers import ProfilePath, ScopeQuery, comparison, envelope, points, scope_of, totals
from models.clock import now
from models.errors import AppError, InvalidInput, Problem
from services.access import EVENTS_WRITE
from services.ingest.events import Fate
from services.ingest.inputs import Event
from services.metrics import METRICS, report
from services.metrics.encode import plain
from services.metrics.traffic import breakdown
from session import caller, gatherer, stores

blueprint = APIBlueprint(
    "profile-analytics", __name__, url_prefix="/profile-analytics", abp_tags=[Tag(name="Profile analytics")]
)
OVERVIEW = ("views", "uniqueVisitors", "inquiries", "conversionRate", "avgTimeOnProfile", "botHits")
SERIES = ("views", "uniqueVisitors", "inquiries", "conversionRate")
_TOP = 10


class EventBatch(BaseModel):
    """Up to 1,000 events, stored all together or not at all."""

    events: Annotated[list[Event], Field(min_length=1, max_length=1000)]


class EventsBody(RootModel[EventBatch | Event]):
    """One event, or `{"events": [...]}`."""


@blueprint.get("/<profileId>/overview")
def overview(path: ProfilePath, query: ScopeQuery) -> dict[str, Any]:
    """The totals of the period, with the sources that sent most views."""
    asked = scope_of(path.profileId)
    figures = report(stores().database, asked, OVERVIEW)
    sources = breakdown(stores().database, asked, "source", _TOP)
    shown = ("views", "inquiries", "conversionRate")
    top = [
        {"source": row.key, **{key: plain(METRICS[key], row.values[key], asked.currency) for key in shown}}
        for row in sources.rows
    ]
    return envelope(
        asked, **totals(figures, OVERVIEW), topReferrers=top, comparison=comparison(figures, OVERVIEW)
    )


@blueprint.get("/<profileId>/timeseries")
def timeseries(path: ProfilePath, query: ScopeQuery) -> dict[str, Any]:
    """The same by bucket; every bucket of the range is there, null where nothing was measured."""
    asked = scope_of(path.profileId)
    figures = report(stores().database, asked, SERIES)
    return envelope(asked, granularity=asked.granularity, points=points(figures, SERIES))


@blueprint.post("/event")
def event(body: EventsBody) -> tuple[Response, int]:
    """Stores one event or a batch; answers after the commit."""
    batch = body.root.events if isinstance(body.root, EventBatch) else [body.root]
    limits.count_events(len(batch))
    outcome = gatherer().store(_believed(batch), now())
    answer = {"ids": [str(each) for each in outcome.ids], "stored": outcome.count(Fate.STORED, Fate.BOT)}
    return jsonify(answer | {"duplicates": outcome.count(Fate.DUPLICATE)}), 201


def _believed(batch: list[Event]) -> list[Event]:
    """The events whose profiles are the caller's. What an event says of its address and user agent
    is believed from a platform service alone; else they are the request's own."""
    problems: list[tuple[AppError, Problem]] = []
    for index, each in enumerate(batch):
        try:
            caller().require(each.profile_id, EVENTS_WRITE)
        except AppError as error:
            problems.append((error, Problem(f"/events/{index}/profileId", str(error))))
    if problems:
        if len(problems) == len(batch):
            raise problems[0][0]
        raise InvalidInput(
            f"{len(problems)} of {len(batch)} events are of profiles that are not yours; nothing was stored.",
            tuple(problem for _, problem in problems),
        )
    if caller().is_platform:
        return batch
    own = {"ip": request.remote_addr, "user_agent": request.user_agent.string[:2000] or None}
    return [each.model_copy(update=own) for each in batch]
