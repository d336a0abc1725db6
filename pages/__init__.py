"""The pages, one file for each URL, and what their callbacks begin with.

Every callback goes through one address, so every one of them asks here for its scope, which is where
it is checked that the profile is the caller's.
"""

import logging
from collections.abc import Callable, Mapping
from functools import wraps
from types import MappingProxyType
from typing import Any, ParamSpec
from urllib.parse import parse_qsl
from uuid import UUID

from dash import Dash, ctx, html, set_props
from dash.development.base_component import Component
from flask import g, has_request_context, request

from components.card import failed
from components.format import Format
from components.frame import ACT, CHOICES, FACTS, TOASTS, choices, facts, frame
from components.toast import toast, trouble
from models import clock
from models.database import Database
from models.errors import AppError, InvalidInput, NotFound, Unauthenticated, Unavailable
from services import scope
from services.access import ADMIN
from services.profiles import Profile, first_day
from session import caller, stores

P = ParamSpec("P")
Act = Callable[[Mapping[str, Any]], None]
_acts: dict[str, Act] = {}
NO_ACTION = "There is no such action."
"""What is told of an act that the page does not know."""

_log = logging.getLogger(__name__)


def shell() -> Component:
    """The layout of the app: the frame, for the profiles of whoever asks."""
    known = g.get("caller") if has_request_context() else None
    if known is None:
        return frame([], None)
    return frame(known.profiles(database()), known.email, known.is_operator)


def database() -> Database:
    """The database of the app that answers this request."""
    return stores().database


def scope_of(
    search: str | None,
    usual: Mapping[str, str] = MappingProxyType({}),
    *,
    write: str | None = None,
    filtered: bool = False,
) -> scope.Scope:
    """The scope that the search part of a URL asks for, of a profile of the caller; `usual` are the
    page's own defaults, `write` is what the caller wants to do with it beyond reading, and `filtered`
    says whether a filter of visits goes for the page.

    Raises Unauthenticated, NotFound, Forbidden and InvalidInput.
    """
    given = dict(parse_qsl((search or "").lstrip("?")))
    profile = profile_of(given)
    if write:
        caller().require(profile.profile_id, write)
    asked = {**usual, **given}
    if "from" in given or "to" in given:
        asked = {name: value for name, value in asked.items() if name != "period" or name in given}
    if given.get("period") == "24h" and "granularity" not in given:
        asked.pop("granularity", None)
    return scope.parse(profile, asked, clock.now(), lambda: _earliest(profile), filtered=filtered)


def profile_of(given: Mapping[str, str]) -> Profile:
    """The profile that the parameters name, or the caller's first. Raises NotFound when there is none."""
    if "profile" in given:
        return _profile(given["profile"])
    own = caller().profiles(database())
    if not own:
        raise NotFound("This account has no profile yet. Add one with: manage.py profiles add")
    return own[0]


def owned(profile_id: str, scope: str) -> Profile:
    """The profile that a form or button was drawn for, when whoever asks has this scope for it. Not the one
    of the URL: a toast outlives a change of profile, and without one in it a new name can make another the
    first.

    Raises NotFound and Forbidden.
    """
    return _profile(profile_id, scope)


def reader() -> Format:
    """How the reader of this request writes numbers."""
    return Format.of(request.headers.get("Accept-Language"))


def boxed(draw: Callable[P, Any]) -> Callable[P, Any]:
    """A callback that fills a box: what goes wrong in it is said in that box, and the rest lives. Of several
    boxes the first says it, and the others are empty."""

    @wraps(draw)
    def drawn(*args: P.args, **kwargs: P.kwargs) -> Any:
        try:
            return draw(*args, **kwargs)
        except Unauthenticated as error:
            said = failed(str(error), html.A("Sign in", href="/sign-in"), shared=True)
        except (InvalidInput, NotFound, Unavailable) as error:
            said = failed(str(error), shared=True)
        except AppError as error:
            said = failed(str(error))
        except Exception:
            _log.exception("A box of the page could not be drawn: %s", draw.__qualname__)
            said = failed("This part could not be shown. Your data is safe; try again in a moment.")
        boxes = ctx.outputs_list
        return [said, *(None for _ in boxes[1:])] if isinstance(boxes, list) else said

    return drawn


def told(change: Callable[P, None]) -> Callable[P, None]:
    """A callback that changes something: what goes wrong is told in a toast."""

    @wraps(change)
    def changed(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            change(*args, **kwargs)
        except AppError as error:
            set_props(TOASTS, trouble(str(error)))
        except Exception:
            _log.exception("A change could not be made: %s", change.__qualname__)
            set_props(TOASTS, trouble("That did not work. Nothing was changed; try again in a moment."))

    return changed


def redraw(*parts: str) -> None:
    """Draws anew what follows the stores "…-changed" of these parts: pages, or cards of one."""
    for part in parts:
        set_props(f"{part}-changed", {"data": clock.now().timestamp()})


def renamed() -> None:
    """The frame learns what the profiles are called now, and where they are."""
    own = caller().profiles(database())
    set_props(CHOICES, {"children": choices(own)})
    set_props(FACTS, {"data": facts(own)})


def require_operator() -> None:
    """That whoever asks operates the installation. Raises NotFound, as for an address that leads nowhere."""
    if not caller().is_operator:
        raise NotFound("There is nothing at this address.")


def may_change(own: Profile) -> bool:
    """Whether whoever asks may change the profile."""
    return caller().may(ADMIN, own.profile_id)


def done(page: str, profile: Profile, sentence: str, back: Mapping[str, Any] | None = None) -> None:
    """Tells what happened to the profile, with the way back, which is an act of `page`."""
    way = {"page": page, "profile": str(profile.profile_id), **back} if back else None
    set_props(TOASTS, toast(sentence, way))


def acts(page: str) -> Callable[[Act], Act]:
    """What the buttons of this page ask for by data-act, on whichever page they are pressed: a toast
    outlives its page."""

    def kept(act: Act) -> Act:
        _acts[page] = act
        return act

    return kept


def register(app: Dash) -> None:
    """The one callback without an output that listens to ACT: Dash tells such callbacks apart by their
    inputs alone, and of two with the same inputs the last would answer for both."""
    app.callback(ACT, prevent_initial_call=True)(_act)


@told
def _act(asked: Mapping[str, Any] | None) -> None:
    if asked and asked.get("page") in _acts:
        _acts[asked["page"]](asked)


def _profile(profile_id: str, *scope: str) -> Profile:
    try:
        return caller().profile(database(), UUID(profile_id), *scope)
    except ValueError:
        raise NotFound("There is no such profile.") from None


def _earliest(profile: Profile) -> Any:
    with database().transaction() as tx:
        return first_day(tx, profile.profile_id)
