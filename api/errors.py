"""Errors on the wire: application/problem+json (RFC 9457), one table from error to status."""

import logging

from flask import Blueprint, Response, json, request
from pydantic import ValidationError
from werkzeug.exceptions import HTTPException

from models.errors import (
    AppError,
    Conflict,
    Forbidden,
    InvalidInput,
    NotFound,
    PreconditionFailed,
    Problem,
    TooManyRequests,
    Unauthenticated,
    Unavailable,
)

_log = logging.getLogger(__name__)
_STATUS: dict[type[AppError], int] = {
    InvalidInput: 422,
    NotFound: 404,
    Unauthenticated: 401,
    Forbidden: 403,
    Conflict: 409,
    PreconditionFailed: 412,
    TooManyRequests: 429,
    Unavailable: 503,
}
_HTTP_DETAIL = {
    405: "This address does not take that method.",
    413: "The body is too large; send it in smaller parts.",
    415: "Send JSON, with the header Content-Type: application/json.",
}
# Parts of pydantic's locations that name a branch of a union and not a place in the input.
_BRANCHES = {"datetime", "date", "str", "int", "float", "list", "dict"}


def register(blueprint: Blueprint) -> None:
    """Makes every error of the blueprint's routes a problem."""
    blueprint.register_error_handler(AppError, problem)
    blueprint.register_error_handler(HTTPException, _http)
    blueprint.register_error_handler(Exception, _unexpected)


def problem(error: AppError) -> Response:
    """The answer to an error that a person is told about."""
    status = next((status for kind, status in _STATUS.items() if isinstance(error, kind)), 500)
    problems = error.problems if isinstance(error, InvalidInput) else ()
    response = _answer(status, error.title, str(error), error.code, problems)
    if isinstance(error, TooManyRequests | Unavailable):
        response.headers["Retry-After"] = str(error.retry_after)
    if status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def invalid(error: ValidationError) -> Response:
    """The answer to input that does not fit its model."""
    return problem(invalid_input(error))


def invalid_input(error: ValidationError) -> InvalidInput:
    """Pydantic's findings as one InvalidInput with a pointer for each."""
    problems = []
    for found in error.errors(include_url=False, include_context=False, include_input=False):
        place = [str(part) for part in found["loc"] if part not in _BRANCHES]
        detail = found["msg"].removeprefix("Value error, ")
        problems.append(Problem("".join(f"/{part}" for part in place), detail))
    distinct = tuple(dict.fromkeys(problems))
    if len(distinct) == 1:
        where = f" ({distinct[0].pointer})" if distinct[0].pointer else ""
        return InvalidInput(f"{distinct[0].detail}{where}", distinct)
    return InvalidInput(f"{len(distinct)} things are wrong with the input; nothing was stored.", distinct)


def _http(error: HTTPException) -> Response:
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
