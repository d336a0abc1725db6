"""The same answers for machines: one blueprint for each noun below /api, errors as problem+json."""

from typing import NoReturn

from flask import current_app, request
from flask_openapi3 import APIBlueprint, OpenAPI
from werkzeug.exceptions import MethodNotAllowed, UnsupportedMediaType
from werkzeug.routing import RequestRedirect

from api import (
    costs,
    errors,
    gift_analytics,
    health,
    limits,
    pnl,
    profile_analytics,
    profiles,
    revenue,
    transactions,
)
from models.errors import InvalidInput, NotFound

_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_NOUNS = (profile_analytics, gift_analytics, revenue, costs, pnl, transactions, profiles)


def register(app: OpenAPI) -> None:
    """Mounts the API, its health checks and its answer to whatever it does not know."""
    api = APIBlueprint("api", __name__, url_prefix="/api", abp_security=[{"bearer": []}, {"session": []}])
    errors.register(api)
    api.before_request(limits.count_request)
    api.before_request(_check_body)
    for noun in _NOUNS:
        api.register_api(noun.blueprint)
    api.add_url_rule("/<path:rest>", "unknown", _unknown, methods=_METHODS)
    app.register_api(api)
    app.register_blueprint(health.blueprint)


def _check_body() -> None:
    """JSON that can be read, or an error that says so: the models only see what was read."""
    if request.method not in {"POST", "PUT", "PATCH"}:
        return
    if not request.is_json:
        raise UnsupportedMediaType
    try:
        request.get_json(cache=True)
    except RecursionError:
        raise InvalidInput("The body is nested too deeply.", code="invalid-json") from None
    except UnsupportedMediaType:
        raise
    except ValueError:
        raise InvalidInput("The body is not valid JSON.", code="invalid-json") from None


def _unknown(rest: str) -> NoReturn:
    """404, or 405 where the address exists for other methods."""
    urls = current_app.url_map.bind("")
    allowed = []
    for method in _METHODS:
        try:
            endpoint, _ = urls.match(request.path, method=method)
        except RequestRedirect:
            continue
        if endpoint != request.endpoint:
            allowed.append(method)
    if allowed:
        raise MethodNotAllowed(valid_methods=allowed)
    raise NotFound("There is no such address; /api/docs lists them all.")
