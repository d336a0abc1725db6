"""JSON as it may be sent here: no deeper than anything of ours is, and with names that stand once. Whatever
reads the body of a request reads it by this."""

import json
from collections.abc import Mapping
from typing import Any

import gevent
from flask import Flask, Response, request
from flask.json.provider import DefaultJSONProvider
from werkzeug.exceptions import RequestTimeout

DEEPEST = 64
"""Levels of lists and objects in each other."""
PATIENCE = 30.0
"""Seconds that a body may take to arrive; gunicorn gives the headers `keepalive` seconds."""
_CALLBACKS = "/_dash-update-component"
_Callbacks = Mapping[str, Mapping[str, Any]]


class StrictJSON(DefaultJSONProvider):
    """Flask's JSON, which raises ValueError for what can be read in two ways, or only at a price."""

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        """The value. Raises ValueError."""
        try:
            value = json.loads(s, object_pairs_hook=_distinct, **kwargs)
        except RecursionError:
            raise ValueError("It is nested too deeply.") from None
        _check_depth(value)
        return value


def read_in_time(app: Flask) -> None:
    """Has bodies read before all else, so that one that hardly arrives (408) holds nothing of ours."""

    @app.before_request
    def read() -> None:
        if request.method in ("POST", "PUT", "PATCH"):
            with gevent.Timeout(PATIENCE, RequestTimeout("The body took too long to arrive.")):
                request.get_data()


def register(app: Flask, callbacks: _Callbacks) -> None:
    """Has every body read by it, and refuses the calls behind the pages that are none: `callbacks` are those
    of Dash, by their outputs."""
    app.json = StrictJSON(app)

    @app.before_request
    def check() -> Response | None:
        if request.path != _CALLBACKS or request.method != "POST":
            return None
        call = request.get_json(silent=True)
        if _is_call(call, callbacks) and _is_text(request.get_data()):
            return None
        return Response("This is no call of a page.", 400, mimetype="text/plain")


def _is_call(call: Any, callbacks: _Callbacks) -> bool:
    """Whether the browser's part of Dash could send it; what it holds is for the callback to judge."""
    if not isinstance(call, dict) or not isinstance(call.get("output"), str):
        return False
    known, changed = callbacks.get(call["output"]), call.get("changedPropIds", [])
    if known is None or not isinstance(changed, list) or not all(isinstance(each, str) for each in changed):
        return False
    return all(
        isinstance(parts := call.get(kind, []), list)
        and len(parts) == len(known[kind])
        and all(_is_part(one) for part in parts for one in (part if isinstance(part, list) else [part]))
        for kind in ("inputs", "state")
    )


def _is_part(part: Any) -> bool:
    return (
        isinstance(part, dict)
        and isinstance(part.get("id"), str | dict)
        and isinstance(part.get("property"), str)
    )


def _is_text(body: bytes) -> bool:
    """Whether all of it can be stored: no NUL, and no half of a surrogate pair."""
    if b"\\u0000" in body:
        return False
    if b"\\ud" not in body and b"\\uD" not in body:
        return True
    try:
        json.dumps(json.loads(body), ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def _check_depth(value: Any) -> None:
    level = [value] if isinstance(value, dict | list) else []
    for _ in range(DEEPEST):
        if not level:
            return
        level = [
            part
            for each in level
            for part in (each.values() if isinstance(each, dict) else each)
            if isinstance(part, dict | list)
        ]
    if level:
        raise ValueError("It is nested too deeply.")


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("A name stands twice in one object.")
    return found
