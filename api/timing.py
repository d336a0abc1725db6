"""Has every call of the API measured, from when it comes in until its answer goes out."""

from time import perf_counter

from flask import Response, current_app, g, request
from flask_openapi3 import OpenAPI

from models.clock import now
from services.request_metrics import UNKNOWN, Recorder
from session import is_api

_METHODS = {"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"}


def register(app: OpenAPI) -> None:
    """Comes before all others who listen, so that what they do is measured too."""
    app.before_request(_begin)
    app.after_request(_end)


def _begin() -> None:
    g.began = perf_counter()


def _end(response: Response) -> Response:
    if is_api():
        recorder: Recorder = current_app.extensions["request_metrics"]
        took = (perf_counter() - g.began) * 1000 if "began" in g else 0.0
        method = request.method if request.method in _METHODS else "other"
        recorder.note(now(), _endpoint(), method, response.status_code, took, response.content_length)
    return response


def _endpoint() -> str:
    """The template of the route, whoever is meant in it; one name for all addresses that lead nowhere."""
    rule = request.url_rule
    return rule.rule if rule is not None and rule.endpoint.startswith("api.") else UNKNOWN
