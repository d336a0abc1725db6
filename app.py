"""The web process: wires Flask, Dash and the API to the stores, and decides nothing."""

from contextvars import copy_context
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import dash
from flask import Response, request
from flask_compress import Compress
from flask_openapi3 import Info, OpenAPI
from werkzeug.middleware.proxy_fix import ProxyFix

import api
import config as settings
import installation
import pages
import session
from api import realtime
from api.errors import invalid
from components import frame
from config import Config
from models.stores import Stores
from models.version import VERSION
from pages import background, delivery, error, importing, sign_in, welcome
from services import aside
from services.ingest.gather import Gatherer

ROOT = Path(__file__).parent
LARGEST_BODY = 4 * 1024 * 1024
_LARGE = 200_000
"""Bytes that take some milliseconds to pack."""
PATIENCE = 3
"""Seconds that a request waits for another writer of its profile, so that those who wait are few."""


def create_app(config: Config | None = None, stores: Stores | None = None) -> OpenAPI:
    """The WSGI application. Reads the environment and opens the stores unless they are given."""
    config = config or settings.load()
    app = OpenAPI(
        "platform_analytics",
        info=Info(title="Platform Analytics", version=VERSION),
        doc_ui=False,
        security_schemes={
            "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
            "session": {"type": "apiKey", "in": "cookie", "name": "session"},
        },
        validation_error_callback=invalid,
        static_folder=None,
        root_path=str(ROOT),
    )
    app.extensions["config"] = config
    stores = stores or installation.opened(config, PATIENCE)
    detection = stores.detection or installation.detection(config)
    app.extensions["detector"] = detection and detection.judge
    app.extensions["stores"] = stores
    app.extensions["gatherer"] = Gatherer(stores)
    app.config.update(
        SECRET_KEY=stores.keys.session,
        MAX_CONTENT_LENGTH=LARGEST_BODY,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=config.cookie_secure,
        PERMANENT_SESSION_LIFETIME=timedelta(days=30),
        # Else an answer that is still on its way when somebody signs out brings the cookie back.
        SESSION_REFRESH_EACH_REQUEST=False,
    )
    if config.trusted_proxies:
        hops = config.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]  # how Flask wraps itself
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
    background.register(dashboard)
    delivery.register(dashboard)
    for page in (sign_in, welcome):
        app.register_blueprint(page.blueprint)
    error.register(app)
    # Now, and not with the first request: a second app in this process would find no callbacks left.
    dashboard._setup_server()

    def policy() -> str:
        """Scripts from here alone, and the inline ones of Dash, which makes one with the first request."""
        return (
            f"default-src 'self'; script-src 'self' {' '.join(dashboard.csp_hashes())}; "
            "style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; base-uri 'self'; "
            "form-action 'self'; frame-ancestors 'none'"
        )

    @app.after_request
    def dress(response: Response) -> Response:
        """What a browser is told about pages and assets; the API tells its own."""
        if session.is_api():
            return response
        response.headers["Content-Security-Policy"] = policy()
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "same-origin"
        if request.path.startswith("/assets/") and response.status_code == 200:
            # An asset that is asked for with its version never changes under that address.
            age = "31536000, immutable" if request.query_string else "3600"
            response.headers["Cache-Control"] = f"public, max-age={age}"
        return response
