"""Errors on the wire: application/problem+json (RFC 9457), one table from error to status."""

import logging
from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, json, request
from pydantic import ValidationError
from werkzeug.exceptions import HTTPException

from models.errors import (
    AppError,
    InvalidInput,
    Problem,
    TooManyRequests,
    Unavailable,
)
from session import status_of

_log = logging.getLogger(__name__)
_HTTP_DETAIL = {
    404: "There is no such address; /api/docs lists them all.",
    405: "This address does not take that method.",
    413: "The body is too large; send it in smaller parts.",
    415: "Send JSON, with the header Content-Type: application/json.",
}
_SENTENCES = {
    "missing": "This field is missing.",
    "extra_forbidden": "There is no such field.",
}
"""Plainer words than pydantic's, by the type of its finding."""


def register(blueprint: Blueprint) -> None:
    """Makes every error of the blueprint's routes a problem."""
    blueprint.register_error_handler(AppError, problem)
    blueprint.register_error_handler(HTTPException, refusal)
    blueprint.register_error_handler(Exception, _unexpected)


def problem(error: AppError) -> Response:
    """The answer to an error that a person is told about."""
    status = status_of(error)
    problems = error.problems if isinstance(error, InvalidInput) else ()
    response = _answer(status, error.title, str(error), error.code, problems)
    if isinstance(error, TooManyRequests | Unavailable):
        response.headers["Retry-After"] = str(error.retry_after)
    if status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def invalid(error: ValidationError) -> Response:
    """The answer to a query or body that does not fit its model."""
    if request.method in {"POST", "PUT", "PATCH"}:
        return problem(invalid_input(error, request.get_json(silent=True)))
    return problem(invalid_input(error))


def invalid_input(error: ValidationError, body: Any = None) -> InvalidInput:
    """Pydantic's findings as one InvalidInput: with JSON pointers into `body`, or without one with the
    names of the parameters."""
    problems = []
    for found in error.errors(include_url=False, include_context=False, include_input=False):
        missing = found["type"] == "missing"
        place = str(found["loc"][0]) if body is None else _pointer(found["loc"], body, missing)
        detail = _SENTENCES.get(found["type"]) or found["msg"].removeprefix("Value error, ")
        problems.append(Problem(place, detail))
    distinct = tuple(dict.fromkeys(problems))
    if len(distinct) == 1:
        where = f" ({distinct[0].pointer})" if distinct[0].pointer else ""
        return InvalidInput(f"{distinct[0].detail}{where}", distinct)
    return InvalidInput(f"{len(distinct)} things are wrong with the input; nothing was stored.", distinct)


def _pointer(place: Sequence[str | int], body: Any, missing: bool) -> str:
    """The RFC 6901 pointer of a location, found by walking `body`: the branches of unions that pydantic
    names along the way are no places in it. What is missing can't be met, and is named last."""
    pointer = ""
    for index, part in enumerate(place):
        inside = part in body if isinstance(body, dict) else isinstance(body, list) and isinstance(part, int)
        if inside:
            body = body[part]
        if inside or (missing and index == len(place) - 1):
            pointer += "/" + str(part).replace("~", "~0").replace("/", "~1")
    return pointer


def refusal(error: HTTPException) -> Response:
    """The answer to what the web framework refuses."""
    status = error.code or 500
    detail = _HTTP_DETAIL.get(status, error.description or "")
    code = (error.name or "error").lower().replace(" ", "-")
    response = _answer(status, error.name, detail, code, ())
    for name, value in error.get_headers():
        if name in {"Allow", "Retry-After"}:
            response.headers[name] = value
    return response


def _unexpected(error: Exception) -> Response:
    _log.exception("%s %s failed", request.method, request.path, exc_info=error)
    return _answer(500, "Something went wrong", "An error of ours; it was logged.", "internal-error", ())


def _answer(status: int, title: str, detail: str, code: str, problems: tuple[Problem, ...]) -> Response:
    body: dict[str, object] = {
        "type": f"urn:platform-analytics:problem:{code}",
        "title": title,
        "status": status,
        "detail": detail,
        "code": code,
    }
    if problems:
        body["errors"] = [{"pointer": each.pointer, "detail": each.detail} for each in problems]
    return Response(json.dumps(body), status, content_type="application/problem+json")
