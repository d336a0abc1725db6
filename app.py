"""The web process: wires Flask, Dash and the API to the stores, and decides nothing."""

from contextvars import copy_context
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import dash
from flask import Response
from flask_compress import Compress
from flask_openapi3 import Info, OpenAPI
from werkzeug.middleware.proxy_fix import ProxyFix

import api
import bodies
import config as settings
import headers
import installation
import pages
import pages.settings
import session
from api import realtime
from api.errors import invalid
from components import frame
from config import Config
from models.stores import Stores
from models.version import VERSION
from pages import (
    delivery,
    error,
    forgotten,
    importing,
    sign_in,
    sign_in_code,
    welcome,
)
from services import aside
from services.ingest.gather import Gatherer
from services.request_metrics import Recorder

ROOT = Path(__file__).parent
LARGEST_BODY = 4 * 1024 * 1024
_LARGE = 200_000
"""Bytes that take some milliseconds to pack."""
PATIENCE = 3
"""Seconds that a request waits for another writer of its profile, so that those who wait are few."""
LONGEST = 30
"""Seconds that a statement may take for a request: whoever asks has left by then."""


def create_app(config: Config | None = None, stores: Stores | None = None) -> OpenAPI:
    """The WSGI application. Reads the environment and opens the stores unless they are given."""
    config = config or settings.load()
    app = OpenAPI(
        "platform_analytics",
        info=Info(title="Platform Analytics", version=VERSION),
        doc_ui=False,
        security_schemes={
            "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
            "session": {"type": "apiKey", "in": "cookie", "name": session.cookie_name(config.cookie_secure)},
        },
        validation_error_callback=invalid,
        static_folder=None,
        root_path=str(ROOT),
    )
    app.extensions["config"] = config
    stores = stores or installation.opened(config, PATIENCE, LONGEST)
    detection = stores.detection or installation.detection(config)
    app.extensions["detector"] = detection and detection.judge
    app.extensions["stores"] = stores
    app.extensions["gatherer"] = Gatherer(stores)
    app.extensions["request_metrics"] = Recorder(stores.database)
    app.config.update(
        SECRET_KEY=stores.keys.session,
        MAX_CONTENT_LENGTH=LARGEST_BODY,
        SESSION_COOKIE_NAME=session.cookie_name(config.cookie_secure),
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=config.cookie_secure,
        PERMANENT_SESSION_LIFETIME=timedelta(days=30),
        # Else an answer that is still on its way when somebody signs out brings the cookie back.
        SESSION_REFRESH_EACH_REQUEST=False,
    )
    if config.trusted_proxies:
        hops = config.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]  # how Flask wraps itself
    bodies.read_in_time(app)
    api.register(app)
    realtime.register(app)
    session.register(app)
    _mount_pages(app)
    return app


class _Compress(Compress):
    """Packs what is sent: a large script of the pages takes as long as a few requests."""

    def after_request(self, response: Response | None) -> Response:
        """The response, packed as the browser accepts it."""
        if response is None:
            return super().after_request(response)
        if response.is_streamed:
            packed = super().after_request(response)
            if not packed.direct_passthrough:
                packed.response = aside.by_turns(packed.iter_encoded())
            return packed
        length = response.content_length
        if length is None or length < _LARGE:
            return super().after_request(response)
        return aside.run(copy_context().run, super().after_request, response)


def _mount_pages(app: OpenAPI) -> None:
    dashboard = dash.Dash(
        "platform_analytics",
        server=cast(Any, app),
        use_pages=True,
        pages_folder=str(ROOT / "pages"),
        assets_folder=str(ROOT / "assets"),
        assets_ignore=frame.ASSETS_IGNORE,
        index_string=frame.INDEX,
        title=frame.NAME,
        update_title="",
        suppress_callback_exceptions=True,
    )
    _Compress(app)
    dashboard.layout = pages.shell
    frame.register(dashboard)
    pages.register(dashboard)
    importing.register(dashboard)
    pages.settings.register(dashboard)
    delivery.register(dashboard)
    for page in (sign_in, sign_in_code, forgotten, welcome):
        app.register_blueprint(page.blueprint)
    error.register(app)
    # Now, and not with the first request: a second app in this process would find no callbacks left.
    dashboard._setup_server()
    bodies.register(app, dashboard.callback_map)
    headers.register(app, dashboard.csp_hashes)
