"""What answers have in common: the scope they are for, and how figures look on the wire."""

import base64
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import chain, islice
from typing import Any, Literal, TypeVar
from uuid import UUID

from flask import Response, request
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from models.clock import now
from models.errors import InvalidInput
from models.period import PERIOD_NAMES, Bucket, Comparison, Granularity
from services import audit, profiles, scope
from services.export import report_csv, stream
from services.metrics import report
from services.metrics.encode import plain
from services.metrics.report import Report
from services.scope import Scope
from session import caller, stores

Place = TypeVar("Place")


class ProfilePath(BaseModel):
    """The profile that is asked for."""

    profileId: UUID  # noqa: N815  # the name in the URL


_DAY_OR_NONE: dict[str, Any] = {
    "anyOf": [{"type": "string", "format": "date"}, {"type": "string", "pattern": r"^\s*$"}, {"type": "null"}]
}
"""An empty value counts as none: forms send one."""


class ScopeQuery(BaseModel):
    """The period and its steps; services/scope.py reads them."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)

    period: str | None = Field(
        None, description="30d when nothing is given", json_schema_extra={"enum": list(PERIOD_NAMES)}
    )
    from_: str | None = Field(
        None,
        alias="from",
        description="First local day; instead of `period`",
        json_schema_extra=_DAY_OR_NONE,
    )
    to: str | None = Field(
        None,
        description="Last local day, inclusive; today when left out",
        json_schema_extra=_DAY_OR_NONE,
    )
    granularity: str | None = Field(
        None,
        description="Chosen by the length of the period when left out",
        json_schema_extra={"enum": list(Granularity)},
    )
    compare: str | None = Field(
        None, description="`previous` when left out", json_schema_extra={"enum": list(Comparison)}
    )
    timezone: str | None = Field(None, description="The zone you expect; another than the profile's is a 422")
    currency: str | None = Field(None, description="The currency you expect; another is a 422")


class ExportQuery(ScopeQuery):
    """Figures as a file."""

    format: Literal["csv"] = "csv"


class VisitsQuery(ScopeQuery):
    """The period, and one attribute of the visits that are counted."""

    referrer: str | None = Field(None, description="Only visits from this referral source")
    country: str | None = Field(None, description="Only visits from this country (ISO 3166, two letters)")
    device: str | None = Field(None, description="Only visits by this kind of device")


CSV_FILE = {
    "description": "A row for each figure, a column for each bucket, the total and what it is compared with",
    "content": {"text/csv": {"schema": {"type": "string"}}},
}

ZIP_FILE = {
    "description": "A ZIP archive",
    "content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}},
}


class PageQuery(BaseModel):
    """A page of a list."""

    cursor: str | None = Field(None, max_length=500, description="`nextCursor` of the page before")
    limit: int = Field(50, ge=1, le=500)


def scope_of(
    profile_id: UUID, parameters: Mapping[str, str] | None = None, *, filtered: bool = False
) -> Scope:
    """The scope that the request (or `parameters` in its stead) asks for, of a profile of the caller;
    `filtered`: a filter of visits may be part of it."""
    database = stores().database
    profile = caller().profile(database, profile_id)

    def earliest() -> Any:
        with database.transaction() as tx:
            return profiles.first_day(tx, profile_id)

    asked = request.args if parameters is None else parameters
    return scope.parse(profile, asked, now(), earliest, filtered=filtered)


def exported(profile_id: UUID, keys: Iterable[str], name: str, *, filtered: bool = False) -> Response:
    """These metrics over the scope that the request asks for, as a CSV file."""
    asked = scope_of(profile_id, filtered=filtered)
    listed = list(keys)
    return attached(asked, report_csv(report(stores().database, asked, listed), listed), name)


def streamed(asked: Scope, header: Sequence[str], rows: Iterator[Iterable[object]], name: str) -> Response:
    """A CSV file of these rows, however many, that is called by `name` and the days it is about."""
    # The first row is read here, where an error can still be answered.
    first = list(islice(rows, 1))
    return attached(asked, stream(header, chain(first, rows)), name)


def attached(asked: Scope, content: str | Iterable[str], name: str) -> Response:
    """A CSV file, sent as it is made, that is called by `name` and the days it is about."""
    first, last = asked.period.first, asked.period.last
    told = f"{name}, {first} to {last}"
    return file(asked.profile.profile_id, content, f"{name}-{first}-{last}.csv", told)


def file(profile_id: UUID, content: str | Iterable[str], name: str, told: str) -> Response:
    """A CSV file of this name about the profile. The audit trail tells of it, in the words `told`, before
    it is sent."""
    by = "a token" if caller().token else "the page"
    with stores().database.transaction() as tx:
        audit.note(tx, profile_id, "exported", now(), told, {"format": "CSV", "by": by})
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, content_type="text/csv; charset=utf-8", headers=headers)


def envelope(asked: Scope, **answer: Any) -> dict[str, Any]:
    """The answer with what every answer carries: profile, period and the instant it is as of."""
    return {
        "profileId": str(asked.profile.profile_id),
        "period": period_of(asked),
        "asOf": asked.now.isoformat(),
        **answer,
    }


def period_of(asked: Scope) -> dict[str, str]:
    """Inclusive local days, or instants for the last 24 hours."""
    period = asked.period
    if period.rolling:
        ends = local(period.start, asked), local(period.end, asked)
    else:
        ends = period.first.isoformat(), period.last.isoformat()
    return {"from": ends[0], "to": ends[1], "timezone": period.zone}


def totals(found: Report, keys: Iterable[str]) -> dict[str, Any]:
    """The totals of these metrics by key."""
    return {key: plain(found[key].metric, found[key].total, found.scope.currency) for key in keys}


def comparison(found: Report, keys: Iterable[str]) -> dict[str, Any] | None:
    """The same over the compared period, with that period; None when nothing is compared."""
    if found.compared is None:
        return None
    currency = found.scope.currency
    before = {key: plain(found[key].metric, found[key].before, currency) for key in keys}
    return {"period": period_of(found.compared), **before}


def points(found: Report, keys: Iterable[str]) -> list[dict[str, Any]]:
    """One object a bucket: its start, whether it is cut or still running, and the metrics."""
    currency = found.scope.currency
    listed = list(keys)
    return [
        {
            **bucket_of(bucket, found.scope),
            **{key: plain(found[key].metric, found[key].points[index], currency) for key in listed},
        }
        for index, bucket in enumerate(found.buckets)
    ]


def bucket_of(bucket: Bucket, asked: Scope) -> dict[str, Any]:
    """Where a bucket begins; `clipped` when the range cuts it, `running` while it is not over."""
    return {"start": local(bucket.start, asked), "clipped": bucket.clipped, "running": bucket.running}


def local(at: datetime, asked: Scope) -> str:
    """ISO 8601 with the offset of the profile's zone."""
    return at.astimezone(asked.profile.tz).isoformat()


def cursor(*values: object) -> str:
    """An opaque place in a list."""
    listed = json.dumps([str(value) for value in values])
    return base64.urlsafe_b64encode(listed.encode()).decode().rstrip("=")


def place_of(given: str | None, read: Callable[[list[str]], Place | None]) -> Place | None:
    """What `read` makes of the values of a cursor, None without one; raises InvalidInput when it was not
    made here, as `read` tells by None."""
    if given is None:
        return None
    place = read(_values(given))
    if place is None:
        raise _foreign_cursor()
    return place


def _values(text: str) -> list[str]:
    try:
        values = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        # "".join and encode: only texts, and only such as PostgreSQL can compare with.
        if b"\x00" not in "".join(values).encode():
            return list(values)
    except (ValueError, TypeError):
        pass
    raise _foreign_cursor()


def _foreign_cursor() -> InvalidInput:
    return InvalidInput.at("cursor", "This cursor does not come from here; begin without one.")
