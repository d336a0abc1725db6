"""The same answers for machines: one blueprint for each noun below /api, errors as problem+json."""

from flask import Response, current_app, request
from flask_openapi3 import APIBlueprint, OpenAPI
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from api import (
    audit,
    body,
    costs,
    documentation,
    duo_referrals,
    errors,
    gift_analytics,
    gov_alerts,
    gov_detection,
    health,
    limits,
    metrics,
    pnl,
    profile_analytics,
    profiles,
    revenue,
    timing,
    track,
    transactions,
)
from models.errors import InvalidInput, NotFound, TooManyRequests
from session import caller, is_api

_METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")
_NOUNS = (
    profile_analytics,
    gift_analytics,
    revenue,
    duo_referrals,
    costs,
    pnl,
    transactions,
    profiles,
    gov_alerts,
    gov_detection,
    audit,
    track,
)
_PUBLIC = {f"api.{noun.blueprint.name}" for noun in (documentation, track)}


def register(app: OpenAPI) -> None:
    """Mounts the API, its health checks and its answer to whatever it does not know. It comes before
    those who ask are identified: nobody needs a name to be told that there is nothing."""
    timing.register(app)
    api = APIBlueprint("api", __name__, url_prefix="/api")
    api.before_request(limits.count_request)
    api.before_request(_check)
    for noun in _NOUNS:
        api.register_api(noun.blueprint)
    api.register_blueprint(documentation.blueprint)
    errors.register(api)
    app.register_api(api)
    app.register_blueprint(health.blueprint)
    app.register_blueprint(metrics.blueprint)
    app.register_blueprint(track.script)
    app.before_request(_refuse_unknown)


def _check() -> Response | None:
    """What holds for every known address. Strangers get no further; what is not public by name is
    closed, so that a new route can't be left open by mistake."""
    if request.method == "OPTIONS":
        return Response(status=204, headers={"Allow": ", ".join(_allowed())})
    if _PUBLIC.isdisjoint(request.blueprints):
        caller()
    _check_names()
    body.read(as_text=request.blueprint == f"api.{track.blueprint.name}")
    return None


def _check_names() -> None:
    """Raises InvalidInput for a parameter with two values, of which one would be passed over."""
    for name, values in request.args.lists():
        if len(values) > 1:
            raise InvalidInput.at(name, f"{name[:40]} is given {len(values)} times; give it once.")


def _refuse_unknown() -> Response | None:
    """404 for what no route of the API takes, 405 where the address exists for other methods: else the
    pages would answer, which take every address. There is no blueprint yet to make a problem of it."""
    if not is_api() or "api" in request.blueprints:
        return None
    try:
        limits.count_request()
    except TooManyRequests as error:
        return errors.problem(error)
    if allowed := _allowed():
        return errors.refusal(MethodNotAllowed(valid_methods=allowed))
    return errors.problem(NotFound("There is no such address; /api/docs lists them all."))


def _allowed() -> list[str]:
    """The methods that the API has this address for."""
    urls = current_app.url_map.bind("")
    allowed = []
    for method in _METHODS:
        try:
            endpoint, _ = urls.match(request.path, method=method)
        except HTTPException:
            continue
        if endpoint.startswith("api."):
            allowed.append(method)
    return allowed
