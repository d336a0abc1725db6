"""What every answer tells a browser: what may run in it, what may frame it, what may be kept of it."""

from collections.abc import Callable, Sequence

from flask import Flask, Response, request

from session import is_api

_FEATURES = (
    "accelerometer", "browsing-topics", "camera", "display-capture", "geolocation", "gyroscope", "hid",
    "magnetometer", "microphone", "midi", "payment", "screen-wake-lock", "serial", "usb",
    "xr-spatial-tracking",
)  # fmt: skip
_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": ", ".join(f"{feature}=()" for feature in _FEATURES),
}
_NOTHING = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
"""For what is no page: nothing runs in it, should a browser take it for one."""
_FORMS = ("sign_in", "sign_in_code", "forgotten", "welcome")
"""Blueprints of pages that are no pages of Dash."""
_SECURE_FOR = "max-age=31536000"
_PUBLIC = ("/assets/", "/_dash-component-suites/", "/favicon.ico", "/track.js")
"""What is the same for everybody, and says itself how long it may be kept."""


def register(app: Flask, scripts: Callable[[], Sequence[str]]) -> None:
    """Puts the headers on every answer of the app. `scripts` are the hashes of the pages' inline scripts, as
    a policy names them; Dash makes one of them with the first request."""

    @app.after_request
    def dress(response: Response) -> Response:
        for name, value in _ALWAYS.items():
            response.headers.setdefault(name, value)
        # What another site may not embed; the tracker, which is for other sites, says so itself.
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.headers.setdefault("Content-Security-Policy", _policy(response, scripts))
        if not request.path.startswith(_PUBLIC):
            response.headers.setdefault("Cache-Control", "no-store")
        elif request.path.startswith("/assets/") and response.status_code == 200:
            # An asset that is asked for with its version never changes under that address.
            age = "31536000, immutable" if request.query_string else "3600"
            response.headers["Cache-Control"] = f"public, max-age={age}"
        if request.is_secure:
            response.headers["Strict-Transport-Security"] = _SECURE_FOR
        return response


def _policy(response: Response, scripts: Callable[[], Sequence[str]]) -> str:
    """What may run in the answer. The pages load everything from here alone; of inline scripts those of Dash
    are allowed, by their hashes. Its components write their styles into the page, see SECURITY.md."""
    if is_api() or response.mimetype != "text/html":
        return _NOTHING
    of_dash = request.blueprint not in _FORMS
    inline = (" ".join(["", *scripts()]), " 'unsafe-inline'") if of_dash else ("", "")
    return (
        f"default-src 'none'; script-src 'self'{inline[0]}; script-src-attr 'none'; "
        f"style-src 'self'{inline[1]}; style-src-attr 'none'; img-src 'self' data:; font-src 'self'; "
        "connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
