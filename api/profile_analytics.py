"""Performance for machines, and the door that events come in by."""

from typing import Annotated, Any

from flask import Response, jsonify
from flask_openapi3 import APIBlueprint, Tag
from pydantic import BaseModel, Discriminator, Field, RootModel
from pydantic import Tag as Form

from api import limits, sender
from api.answers import (
    CSV_FILE,
    ExportQuery,
    ProfilePath,
    VisitsQuery,
    comparison,
    envelope,
    exported,
    points,
    scope_of,
    totals,
)
from api.schemas import Answer, Bucket, Compared, Shape, Stored, listed, with_figures
from models.clock import now
from models.errors import AppError, InvalidInput, PeriodClosed, Problem
from models.period import Granularity
from services.access import EVENTS_WRITE
from services.ingest import events
from services.ingest.events import Fate
from services.ingest.inputs import Event
from services.metrics import METRICS, report
from services.metrics.encode import plain
from services.metrics.traffic import breakdown
from session import caller, gatherer, stores

blueprint = APIBlueprint(
    "profile-analytics", __name__, url_prefix="/profile-analytics", abp_tags=[Tag(name="Profile analytics")]
)
SERIES = ("views", "uniqueVisitors", "inquiries", "conversionRate")
OVERVIEW = (*SERIES, "avgTimeOnProfile", "clicks", "favorites", "shares", "botHits", "ownerHits", "govVisits")
_BY_SOURCE = ("views", "inquiries", "conversionRate")
_TOP = 10
Referrer = with_figures("Referrer", Shape, _BY_SOURCE, source=str)
Before = with_figures("OverviewBefore", Compared, OVERVIEW)
Overview = with_figures(
    "Overview", Answer, OVERVIEW, topReferrers=listed(Referrer) | None, comparison=Before | None
)
Point = with_figures("Point", Bucket, SERIES)
Series = with_figures("Series", Answer, (), granularity=Granularity, points=listed(Point))


class VisitsExportQuery(VisitsQuery, ExportQuery):
    """The same as a file."""


class EventBatch(BaseModel):
    """Up to 1,000 events, stored all together or not at all."""

    events: Annotated[list[Event], Field(min_length=1, max_length=1000)]


def _form(body: Any) -> str:
    return "batch" if isinstance(body, dict) and "events" in body else "one"


class EventsBody(
    RootModel[
        Annotated[Annotated[Event, Form("one")] | Annotated[EventBatch, Form("batch")], Discriminator(_form)]
    ]
):
    """One event, or `{"events": [...]}`."""


@blueprint.get("/<uuid:profileId>/overview", responses={200: Overview})
def overview(path: ProfilePath, query: VisitsQuery) -> dict[str, Any]:
    """The totals of the period, with the sources that sent most views. With one filter over more than 90
    days, what is not kept by attribute is null."""
    asked = scope_of(path.profileId, filtered=True)
    figures = report(stores().database, asked, OVERVIEW)
    sources = breakdown(stores().database, asked, "source", _TOP)
    top = sources and [
        {
            "source": row.key,
            **{key: plain(METRICS[key], row.values[key], asked.currency) for key in _BY_SOURCE},
        }
        for row in sources.rows
    ]
    return envelope(
        asked, **totals(figures, OVERVIEW), topReferrers=top, comparison=comparison(figures, OVERVIEW)
    )


@blueprint.get("/<uuid:profileId>/export", responses={200: CSV_FILE})
def export(path: ProfilePath, query: VisitsExportQuery) -> Response:
    """The same figures by bucket, as CSV."""
    return exported(path.profileId, OVERVIEW, "performance", filtered=True)


@blueprint.get("/<uuid:profileId>/timeseries", responses={200: Series})
def timeseries(path: ProfilePath, query: VisitsQuery) -> dict[str, Any]:
    """The same by bucket; every bucket of the range is there, null where nothing was measured."""
    asked = scope_of(path.profileId, filtered=True)
    figures = report(stores().database, asked, SERIES)
    return envelope(asked, granularity=asked.granularity, points=points(figures, SERIES))


@blueprint.post("/event", responses={201: Stored})
def event(body: EventsBody) -> tuple[Response, int]:
    """Stores one event or a batch; answers after the commit."""
    sent = body.root
    batch, place = (sent.events, "/events/{}") if isinstance(sent, EventBatch) else ([sent], "")
    limits.count_events(len(batch))
    events.check_times(batch, now(), place)
    try:
        outcome = gatherer().store(_believed(batch), now())
    except PeriodClosed as error:
        raise error if place else error.alone() from None
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
    return [each.model_copy(update=sender.described()) for each in batch]
