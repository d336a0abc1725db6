"""Who asks: the one place that turns a session cookie or a bearer token into a Caller.

Pages and API stand on it alike, and find the stores of their app here.
"""

from datetime import timedelta
from urllib.parse import quote, urlsplit
from uuid import UUID

from flask import Flask, Request, Response, current_app, g, redirect, request, session
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from werkzeug.wrappers import Response as AnyResponse

from models.clock import now
from models.errors import (
    AppError,
    Conflict,
    Forbidden,
    InvalidInput,
    NotFound,
    PreconditionFailed,
    TooManyRequests,
    Unauthenticated,
    Unavailable,
)
from models.stores import Stores
from services import accounts, limits, tokens
from services.access import Caller
from services.accounts import Account
from services.gov_detection import Detector
from services.ingest.gather import Gatherer

_TRACKER = ("/track.js", "/api/track")
_OPEN = (
    *_TRACKER,
    "/sign-in",
    "/welcome",
    "/healthz",
    "/readyz",
    "/metrics",
    "/assets/",
    "/_dash-component-suites/",
    "/favicon.ico",
)
_UNCOUNTED = ("/assets/", "/_dash-component-suites/", "/favicon.ico", "/healthz", "/readyz", "/track.js")
"""What costs next to nothing, and what must answer whatever else is asked."""
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
_SAFE = {"GET", "HEAD", "OPTIONS"}
CODE_WITHIN = timedelta(minutes=5)


class _Cookies(SecureCookieSessionInterface):
    """Cookies of those who signed in. What the tracker asks for neither reads nor renews one: to it, a
    provider who looks at the own site is a visitor like all others."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """An empty session for the tracker."""
        if request.path in _TRACKER:
            return self.session_class()
        return super().open_session(app, request)


def register(app: Flask) -> None:
    """Identifies the caller before every request, counts strangers, and keeps them out of the pages."""
    app.session_interface = _Cookies()
    app.before_request(identify)
    app.before_request(count_stranger)
    app.before_request(guard_pages)


def status_of(error: AppError) -> int:
    """The HTTP status of an error, for pages and API alike."""
    return next((status for kind, status in _STATUS.items() if isinstance(error, kind)), 500)


def stores() -> Stores:
    """The stores of the app that answers this request, for whoever asks."""
    opened: Stores = current_app.extensions["stores"]
    known: Caller | None = g.get("caller")
    if known is None:
        return opened
    if "stores" not in g:
        g.stores = opened.acting(known.called)
    acting: Stores = g.stores
    return acting


def gatherer() -> Gatherer:
    """The door for events of the app that answers this request."""
    door: Gatherer = current_app.extensions["gatherer"]
    return door


def detecting() -> bool:
    """Whether addresses are judged here."""
    return current_app.extensions["detector"] is not None


def detector() -> Detector:
    """The detection of the app that answers this request. Raises NotFound when it is switched off."""
    found: Detector | None = current_app.extensions["detector"]
    if found is None:
        raise NotFound("Government detection is switched off here (GOV_DETECTION_ENABLED).")
    return found


def caller() -> Caller:
    """Who asks; raises Unauthenticated when nobody signed in and there is no token."""
    known: Caller | None = g.get("caller")
    if known is None:
        raise Unauthenticated("Sign in first, or send a token as `Authorization: Bearer ...`.")
    return known


def identify() -> None:
    """Sets `g.caller`, None for a stranger. Raises Unauthenticated for a token that does not hold,
    and Forbidden for a write that another site sent with the person's cookie."""
    g.caller = None
    header = request.headers.get("Authorization", "")
    if is_api() and header:
        kind, _, token = header.partition(" ")
        if kind.lower() != "bearer" or not token.strip():
            raise Unauthenticated("Send the token as `Authorization: Bearer ...`.")
        g.caller = tokens.caller_of(stores(), token.strip())
    elif not is_open() and "account" in session:
        if request.method not in _SAFE and not from_here():
            raise Forbidden("This request comes from another site.")
        g.caller = accounts.caller_of(stores().database, UUID(session["account"]), session.get("epoch", -1))


def count_stranger() -> None:
    """Counts what a stranger asks of the pages, by address: as much as of the API, which counts for itself
    as the live socket does. Raises TooManyRequests."""
    if g.caller is None and not (is_api() or is_socket() or request.path.startswith(_UNCOUNTED)):
        most = current_app.extensions["config"].requests_per_minute
        limits.count(stores(), "requests", f"address {origin()}", most)


def guard_pages() -> AnyResponse | None:
    """Sends a stranger who asks for a page to the sign-in, or to the first steps when nobody has an
    account yet; the calls behind the pages get a bare 401."""
    if g.caller is not None or is_api() or is_open() or is_socket():
        return None
    if request.path.startswith("/_") or request.method not in _SAFE:
        return Response("Sign in first.", 401)
    if not accounts.any_account(stores().database):
        return redirect("/welcome")
    wanted = request.full_path.rstrip("?")
    return redirect("/sign-in" if wanted == "/" else f"/sign-in?next={quote(wanted, safe='')}")


def begin(account: Account) -> None:
    """Signs the account in, with a new cookie."""
    session.clear()
    session.permanent = True
    session["account"] = str(account.account_id)
    session["epoch"] = account.epoch


def await_code(account: Account) -> None:
    """Nobody is signed in yet: the password was right, and a code is still to come, within CODE_WITHIN."""
    session.clear()
    until = int((now() + CODE_WITHIN).timestamp())
    session["awaits"] = {"account": str(account.account_id), "epoch": account.epoch, "until": until}


def awaits_code() -> Account | None:
    """Who gave the right password a moment ago; None when nobody did, or it was too long ago. The address is
    the one of now; an account that was signed out everywhere since then is gone from here too."""
    found = session.get("awaits")
    if found is None or found["until"] <= now().timestamp():
        return None
    account_id = UUID(found["account"])
    known = accounts.caller_of(stores().database, account_id, found["epoch"])
    return None if known is None else Account(account_id, known.email or "", found["epoch"])


def end(everywhere: bool = False) -> None:
    """Signs whoever asks out of this browser, or of every one."""
    known: Caller | None = g.get("caller")
    if everywhere and known is not None and known.account_id is not None:
        with stores().database.transaction() as tx:
            accounts.sign_out_everywhere(tx, known.account_id)
    session.clear()


def origin() -> str:
    """What the guesses of whoever asks are counted by, whoever they say they are."""
    return limits.origin(remote_address())


def remote_address() -> str:
    """Where the request comes from, without the port that some proxies add; may be no address at all."""
    given = request.remote_addr or ""
    bare = given[1:].partition("]")[0] if given.startswith("[") else given
    return bare.partition(":")[0] if bare.count(":") == 1 else bare


def is_api() -> bool:
    """Whether the request is for machines: it is answered with problems, never with a page."""
    return request.path.startswith("/api/")


def is_open() -> bool:
    """Whether strangers may ask for it."""
    return request.path.startswith(_OPEN)


def is_socket() -> bool:
    """Whether a live connection is asked for: strangers sign in on it."""
    return "realtime" in request.blueprints


def from_here() -> bool:
    """Whether the request certainly comes from a page of this product. What a browser says of it counts: the
    origin; where it names none, its own judgement of the site; and of one that is too old for both, the page
    that it comes from. Whoever says nothing at all does not."""
    if (origin := request.headers.get("Origin")) is not None:
        return _is_ours(origin)
    if (site := request.headers.get("Sec-Fetch-Site")) is not None:
        return site == "same-origin"
    return _is_ours(request.headers.get("Referer", ""))


def cookie_name(secure: bool) -> str:
    """What the cookie of the session is called. Under the prefix browsers take it from this host alone, for
    all of it, and by HTTPS."""
    return "__Host-session" if secure else "session"


def _is_ours(address: str) -> bool:
    try:
        parts = urlsplit(address)
        # A proxy may keep HTTPS to itself; what comes by it is never spoken for by a page without.
        schemes = ("https",) if request.is_secure else ("http", "https")
        return parts.netloc == request.host and parts.scheme in schemes
    except ValueError:
        return False
