"""Whether the process lives (/healthz) and whether it can do its work (/readyz)."""

from flask import Blueprint, Response, jsonify
from redis.exceptions import RedisError

from models.errors import Unavailable
from session import stores

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def healthz() -> Response:
    """The process answers."""
    return jsonify(status="ok")


@blueprint.get("/readyz")
def readyz() -> Response:
    """PostgreSQL answers; without Redis the product goes on, so that it is told and no failure."""
    state = {"postgresql": "ok", "redis": "ok"}
    try:
        stores().database.ping()
    except Unavailable:
        state["postgresql"] = "away"
    try:
        stores().redis.ping()
    except RedisError:
        state["redis"] = "away"
    answer = jsonify(state)
    if state["postgresql"] != "ok":
        answer.status_code = 503
        answer.headers["Retry-After"] = "5"
    return answer
