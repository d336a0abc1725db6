"""WS /realtime: what happens on a profile, as it happens. docs/realtime.md has the words of the protocol."""

from typing import Any

from flask import Blueprint, current_app, g, request
from flask import session as cookie
from flask_openapi3 import OpenAPI
from flask_sock import Sock
from werkzeug.exceptions import BadRequest
from wsproto.utilities import RemoteProtocolError

from api import errors
from api.realtime.conversation import SIGNED_OUT, Conversation
from api.realtime.sockets import Sockets
from api.realtime.wire import Wire
from models.errors import Forbidden, Unauthenticated
from services import limits
from services.standing import Standing
from session import from_here, origin, stores

blueprint = Blueprint("realtime", __name__)
errors.register(blueprint)
_sock = Sock()


class _NoThread:
    """In place of the thread that would read: the one of the request does, which else would only wait."""

    name = "reader"

    def __init__(self, target: Any):
        pass

    def start(self) -> None:
        """Nothing to do."""


def register(app: OpenAPI) -> None:
    """Mounts the socket, with all that this process does for its clients."""
    app.extensions["sockets"] = Sockets(app.extensions["stores"])
    app.config["SOCK_SERVER_OPTIONS"] = {"thread_class": _NoThread}
    app.register_blueprint(blueprint)


@blueprint.before_request
def _admit() -> None:
    """Raises, before the handshake, Forbidden for another site that comes with a person's cookie,
    Unavailable, and TooManyRequests."""
    if "account" in cookie and not ("Origin" in request.headers and from_here()):
        raise Forbidden("This connection comes from another site.")
    _sockets().admit(is_stranger=g.caller is None)
    who = g.caller.limited_as if g.caller else f"address {origin()}"
    config = current_app.extensions["config"]
    limits.count(stores(), "connections", who, config.sockets_per_minute)
    # Compression would cost each client more memory than all else, and each frame another encoding.
    request.environ.pop("HTTP_SEC_WEBSOCKET_EXTENSIONS", None)


def realtime(server: Any) -> None:
    """One client, until it is gone."""
    known = Standing(g.caller, epoch=cookie["epoch"]) if g.caller else None
    sockets = _sockets()
    # What the handshake needed is not needed any more.
    wire, server.ws, server.connected = Wire(server.sock), None, False
    conversation = Conversation(sockets, wire, known)
    if known is None and "account" in cookie:
        conversation.end(SIGNED_OUT, Unauthenticated("You are signed out; sign in again."))
    sockets.serve(conversation)


_sock.route("/realtime", bp=blueprint)(realtime)


@blueprint.errorhandler(RemoteProtocolError)
def _no_handshake(error: RemoteProtocolError) -> Any:
    return errors.refusal(BadRequest("This is no handshake of a WebSocket."))


def _sockets() -> Sockets:
    known: Sockets = current_app.extensions["sockets"]
    return known
