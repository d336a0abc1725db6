"""The product with less patience, so that its tests need less."""

from flask_openapi3 import OpenAPI

import app
from api.realtime.conversation import Conversation
from api.realtime.sockets import Sockets
from api.realtime.wire import Wire


def create_app() -> OpenAPI:
    Sockets.SIGN_IN_WITHIN = 4.0
    Sockets.PING_EVERY = 3.0
    Sockets.SEND_WITHIN = 4.0
    Sockets.CHECK_EVERY = Sockets.TICK = 0.2
    Sockets.MOST_STRANGERS = 3
    Conversation.MOST_SUBSCRIPTIONS = 1
    Wire.MOST_FRAMES = 100
    return app.create_app()
