"""The audit trail for machines: who did what with a profile, as JSON and as CSV."""

import json
from collections.abc import Sequence
from typing import Any, Literal
from uuid import UUID

from flask import Response
from flask_openapi3 import APIBlueprint, Tag
from pydantic import AwareDatetime, BaseModel, Field

from api.answers import PageQuery, ProfilePath, cursor, file, place_of
from api.schemas import Cursor, Shape
from models.clock import now
from services import audit
from services.access import ADMIN
from services.audit import Entry
from services.audit_actions import KINDS
from services.export import stream, text
from session import caller, stores

blueprint = APIBlueprint("audit", __name__, url_prefix="/audit", abp_tags=[Tag(name="Audit trail")])

ENTRIES_FILE = {
    "description": "A row for each entry, the newest first; the details are JSON",
    "content": {"text/csv": {"schema": {"type": "string"}}},
}
COLUMNS = ("number", "at", "kind", "action", "actor", "sentence", "subject", "details")
_KIND: Any = Field(None, description="Only entries of this kind", json_schema_extra={"enum": list(KINDS)})


class TrailQuery(PageQuery):
    """A page of the trail."""

    kind: str | None = _KIND


class TrailExportQuery(BaseModel):
    """The trail as a file."""

    kind: str | None = _KIND
    format: Literal["csv"] = "csv"


class EntryShape(Shape):
    """Something that was done: `actor` is the address of an account, the subject of a token, or `command
    line`. In `details`, [old, new] stands under the name of what changed."""

    number: int = Field(description="1, 2, 3, ... within the profile, without a gap")
    at: AwareDatetime
    kind: str
    action: str = Field(description="A slug that stays")
    actor: str
    sentence: str
    subject: str
    details: dict[str, str | int | bool | list[str | int | bool]]


class Trail(Shape):
    """A page of the trail, the newest entry first."""

    profile_id: UUID
    as_of: AwareDatetime
    entries: list[EntryShape]
    next_cursor: Cursor


@blueprint.get("/<uuid:profileId>", responses={200: Trail})
def listing(path: ProfilePath, query: TrailQuery) -> dict[str, Any]:
    """Who did what with the profile, the newest first, a page at a time; for its owners."""
    profile = caller().profile(stores().database, path.profileId, ADMIN)
    before = place_of(query.cursor, _number)
    with stores().database.transaction() as tx:
        found = audit.listing(tx, path.profileId, kind=query.kind, before=before, limit=query.limit + 1)
    page = found[: query.limit]
    return {
        "profileId": str(profile.profile_id),
        "asOf": now().isoformat(),
        "entries": [_entry(each) | {"at": each.at.astimezone(profile.tz).isoformat()} for each in page],
        "nextCursor": cursor(page[-1].number) if len(found) > query.limit else None,
    }


@blueprint.get("/<uuid:profileId>/export", responses={200: ENTRIES_FILE})
def export(path: ProfilePath, query: TrailExportQuery) -> Response:
    """All of it as CSV, the newest first."""
    profile = caller().profile(stores().database, path.profileId, ADMIN)
    rows = (_cells(each) for each in audit.every(stores().database, path.profileId, query.kind))
    name = f"audit-trail-{profile.local_date(now())}.csv"
    return file(path.profileId, stream(COLUMNS, rows), name, "audit-trail")


def _number(parts: Sequence[str]) -> int | None:
    """The number of an entry from the values of a cursor; None when it is none."""
    written = parts[0] if len(parts) == 1 else ""
    return int(written) if written.isascii() and written.isdigit() and len(written) < 19 else None


def _entry(entry: Entry) -> dict[str, Any]:
    return {
        "number": entry.number,
        "at": entry.at.isoformat(),
        "kind": entry.kind,
        "action": entry.action,
        "actor": entry.actor,
        "sentence": entry.sentence,
        "subject": entry.subject,
        "details": dict(entry.details),
    }


def _cells(entry: Entry) -> list[object]:
    """The cells of a row in the order of COLUMNS."""
    told = _entry(entry) | {"details": json.dumps(entry.details, ensure_ascii=False)}
    return [text(value) if isinstance(value, str) else value for value in (told[name] for name in COLUMNS)]
