"""Costs for machines: the sums, the entries, and keeping them."""

from collections.abc import Iterator
from datetime import date
from typing import Any, Literal
from uuid import UUID

from flask import Response, jsonify, request
from flask_openapi3 import APIBlueprint, Tag
from pydantic import BaseModel, Field

from api.answers import (
    CSV_FILE,
    ExportQuery,
    PageQuery,
    ProfilePath,
    ScopeQuery,
    comparison,
    cursor,
    envelope,
    exported,
    place_of,
    scope_of,
    streamed,
    totals,
)
from api.schemas import (
    ByCategory,
    Channel,
    Compared,
    CostPage,
    CostShape,
    MoneyAnswer,
    figure,
    listed,
    with_figures,
)
from models.clock import now
from models.database import Transaction
from models.errors import InvalidInput
from models.schema.money import CostCategory
from services import costs, idempotency, profiles
from services.access import COSTS_WRITE
from services.costs import CostEntry, Filter, Place
from services.export import text
from services.ingest.inputs import Cost
from services.metrics import report
from services.metrics.breakdown import Breakdown
from services.metrics.costs import CATEGORY_METRICS
from services.metrics.encode import money, plain
from services.metrics.marketing import by_channel
from services.profiles import Profile
from services.scope import Scope
from session import caller, stores

blueprint = APIBlueprint("costs", __name__, url_prefix="/costs", abp_tags=[Tag(name="Costs")])
_OTHER = "another version"
ENTRIES_FILE = {
    "description": "A row for each cost: its amount in its own currency and in the profile's",
    "content": {"text/csv": {"schema": {"type": "string"}}},
}
RETURN = ("costPerView", "costPerInquiry")
SUMMARY = ("costs", *CATEGORY_METRICS.values(), *RETURN)
_SUMS = {"total": figure("costs"), "byCategory": ByCategory}
Before = with_figures("CostsBefore", Compared, RETURN, **_SUMS)
Summary = with_figures(
    "CostSummary", MoneyAnswer, RETURN, **_SUMS, marketing=listed(Channel), comparison=Before | None
)


class CostPath(BaseModel):
    """The cost to change; where the entries are listed, the profile whose they are."""

    id: UUID = Field(description="The id of the cost; for GET that of the profile")


class EntryQuery(ScopeQuery):
    """Which of the entries; all of them when neither period nor days are given."""

    category: CostCategory | None = None
    q: str | None = Field(
        None,
        max_length=costs.LONGEST_SEARCH,
        description="Words that each stand in description, channel or category, in any case of letters",
    )


class CostQuery(EntryQuery, PageQuery):
    """A page of the entries."""


class EntryExportQuery(EntryQuery):
    """The entries as a file."""

    format: Literal["csv"] = "csv"


class CostEdit(Cost):
    """A cost as it is to be from now on; `profileId` may be left out."""

    profile_id: UUID | None = None  # type: ignore[assignment]  # an edit may leave it out


@blueprint.get("/<uuid:profileId>/summary", responses={200: Summary})
def summary(path: ProfilePath, query: ScopeQuery) -> dict[str, Any]:
    """What was spent in the period, and on what."""
    asked = scope_of(path.profileId)
    figures = report(stores().database, asked, SUMMARY)
    return envelope(
        asked,
        currency=asked.currency,
        **_by_category(totals(figures, SUMMARY)),
        marketing=_channels(by_channel(stores().database, asked, limit=None)),
        comparison=_by_category(comparison(figures, SUMMARY)),
    )


@blueprint.get("/<uuid:profileId>/export", responses={200: CSV_FILE})
def export(path: ProfilePath, query: ExportQuery) -> Response:
    """The same figures by bucket, as CSV."""
    return exported(path.profileId, SUMMARY, "costs")


@blueprint.get("/<uuid:id>", responses={200: CostPage})
def entries(path: CostPath, query: CostQuery) -> dict[str, Any]:
    """The entries from the newest day on, a page at a time."""
    asked, days = _asked(path.id)
    with stores().database.transaction() as tx:
        found = costs.listing(
            tx,
            path.id,
            **days,
            chosen=Filter.of(request.args),
            after=place_of(query.cursor, Place.read),
            limit=query.limit + 1,
        )
    page = found[: query.limit]
    more = cursor(*page[-1].place) if len(found) > query.limit else None
    return envelope(asked, costs=[_cost(entry, asked.currency) for entry in page], nextCursor=more)


@blueprint.get("/<uuid:profileId>/entries/export", responses={200: ENTRIES_FILE})
def export_entries(path: ProfilePath, query: EntryExportQuery) -> Response:
    """The entries from the newest day on as CSV, all of them."""
    asked, days = _asked(path.profileId)
    found = costs.every(stores().database, path.profileId, **days, chosen=Filter.of(request.args))
    return streamed(asked, _COLUMNS, (_cells(entry, asked) for entry in found), "cost-entries")


@blueprint.post("", responses={201: CostShape})
def add(body: Cost) -> tuple[Response, int]:
    """Stores a cost. With an Idempotency-Key, a repeat gets the first one's answer."""
    profile = caller().profile(stores().database, body.profile_id, COSTS_WRITE)
    key = request.headers.get("Idempotency-Key")
    at = now()
    with stores().database.transaction() as tx:
        tx.lock_profile(profile.profile_id)
        earlier = idempotency.earlier(tx, profile.profile_id, key, body) if key is not None else None
        if earlier is not None:
            entry = costs.get(tx, {profile.profile_id}, earlier)
        else:
            entry = costs.add(tx, profile, body, at)
            if key is not None:
                idempotency.remember(tx, profile.profile_id, key, body, entry.cost_id, at)
    return _answer(entry, profile), 201


@blueprint.put("/<uuid:id>", responses={200: CostShape})
def edit(path: CostPath, body: CostEdit) -> Response:
    """Replaces a cost of one of the caller's profiles."""
    at = now()
    own = _own()
    with stores().database.transaction() as tx:
        stored = _stored(tx, path.id, own)
        if body.profile_id not in {None, stored.profile_id}:
            raise InvalidInput.at("/profileId", "A cost stays with its profile.")
        if body.id not in {None, path.id}:
            raise InvalidInput.at("/id", "A cost keeps its id.")
        profile = profiles.get(tx, stored.profile_id)
        entry = costs.edit(tx, profile, path.id, body, at, _if_match(stored))
    return _answer(entry, profile)


@blueprint.delete("/<uuid:id>", responses={204: None})
def remove(path: CostPath) -> tuple[str, int]:
    """Deletes a cost of one of the caller's profiles."""
    own = _own()
    with stores().database.transaction() as tx:
        stored = _stored(tx, path.id, own)
        costs.remove(tx, stored.profile_id, path.id, _if_match(stored))
    return "", 204


def _own() -> list[UUID]:
    """The caller's profiles, read before a transaction takes a connection of its own."""
    return [profile.profile_id for profile in caller().profiles(stores().database)]


def _stored(tx: Transaction, cost_id: UUID, own: list[UUID]) -> CostEntry:
    """The cost, when it is of one of these profiles and its costs may be changed by the caller."""
    entry = costs.get(tx, own, cost_id)
    caller().require(entry.profile_id, COSTS_WRITE)
    return entry


def _if_match(stored: CostEntry) -> str | None:
    """The version that the caller wants to change; None when any will do."""
    if "If-Match" not in request.headers or request.if_match.star_tag:
        return None
    return stored.version if stored.version in request.if_match else _OTHER


def _answer(entry: CostEntry, profile: Profile) -> Response:
    response = jsonify(_cost(entry, profile.currency))
    response.headers["ETag"] = f'"{entry.version}"'
    return response


def _cost(entry: CostEntry, reporting: str) -> dict[str, Any]:
    converted = entry.reporting_amount
    return {
        "id": str(entry.cost_id),
        "profileId": str(entry.profile_id),
        "category": entry.category,
        "description": entry.description,
        "channel": entry.channel,
        "amount": money(entry.amount, entry.currency),
        "currency": entry.currency,
        "reportingAmount": None if converted is None else money(converted, reporting),
        "expenseDate": entry.expense_date.isoformat(),
        "createdAt": entry.created_at.isoformat(),
        "updatedAt": entry.updated_at.isoformat(),
        "etag": entry.version,
    }


_COLUMNS = (
    "id", "date", "category", "description", "channel", "amount", "currency", "reportingAmount",
    "reportingCurrency",
)  # fmt: skip


def _cells(entry: CostEntry, asked: Scope) -> Iterator[object]:
    """The cells of a row in the order of _COLUMNS."""
    shown = _cost(entry, asked.currency)
    yield from (shown[name] for name in ("id", "expenseDate", "category"))
    yield from (text(shown[name] or "") for name in ("description", "channel"))
    yield from (shown[name] for name in ("amount", "currency", "reportingAmount"))
    yield asked.currency


def _asked(profile_id: UUID) -> tuple[Scope, dict[str, date]]:
    """The scope that is asked for, and the days to list; none where the request names no period."""
    limited = any(request.args.get(name, "").strip() for name in ("period", "from", "to"))
    asked = scope_of(profile_id, request.args if limited else {**request.args.to_dict(), "period": "all"})
    return asked, {"first": asked.period.first_begun, "last": asked.period.last} if limited else {}


def _by_category(values: Any) -> Any:
    """`total`, and the categories, which sum to it, under `byCategory`."""
    if values is None:
        return None
    rest = {key: value for key, value in values.items() if key not in SUMMARY or key in RETURN}
    by_category = {category: values[key] for category, key in CATEGORY_METRICS.items()}
    return rest | {"total": values["costs"], "byCategory": by_category}


def _channels(data: Breakdown) -> list[dict[str, Any]]:
    return [
        {"channel": row.key or None}
        | {
            "cost" if metric.key == "marketing" else metric.key: plain(
                metric, row.values[metric.key], data.scope.currency
            )
            for metric in data.metrics
        }
        for row in data.rows
    ]
