"""Signing in and out: a plain form that works without scripts."""

from urllib.parse import quote, urlsplit

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

import session
from models.errors import TooManyRequests, Unauthenticated
from services import accounts, second_factor
from session import from_here, stores

blueprint = Blueprint("sign_in", __name__, template_folder="templates")


@blueprint.get("/sign-in")
def form() -> Response | str:
    """The form; on to the first steps while nobody has an account."""
    if not accounts.any_account(stores().database):
        return redirect("/welcome")
    note = "Your new password is set. Sign in with it." if "changed" in request.args else None
    onward = local(request.args.get("next"))
    return render_template("sign_in.html", next=onward, email="", problem=None, note=note)


@blueprint.post("/sign-in")
def sign_in() -> Response | tuple[str, int]:
    """Begins a session, or shows the form again with what is wrong."""
    email, onward = request.form.get("email", ""), local(request.form.get("next"))
    if not from_here():
        return _again("This form was sent from another site. Sign in here.", email, onward, 403)
    try:
        account = accounts.sign_in(stores(), email, request.form.get("password", ""), session.origin())
    except TooManyRequests as error:
        return _again(str(error), email, onward, 429)
    except Unauthenticated as error:
        return _again(str(error), email, onward, 401)
    with stores().database.transaction() as tx:
        asks_for_code = second_factor.status(tx, account.account_id) is not None
    if asks_for_code:
        session.await_code(account)
        return redirect("/sign-in/code" if onward == "/" else f"/sign-in/code?next={quote(onward, safe='')}")
    session.begin(account)
    return redirect(onward)


@blueprint.post("/sign-out")
def sign_out() -> Response:
    """Ends the session, or with `everywhere` all of the account."""
    if from_here():
        session.end("everywhere" in request.form)
    return redirect("/sign-in")


def local(address: str | None) -> str:
    """The address, when it is a path of this product; else the first page."""
    if not address or not address.startswith("/") or address.startswith(("//", "/\\")):
        return "/"
    parts = urlsplit(address)
    return address if not parts.scheme and not parts.netloc and not set(address) & set("\\\r\n\t") else "/"


def _again(problem: str, email: str, onward: str, status: int) -> tuple[str, int]:
    return render_template("sign_in.html", next=onward, email=email[:260], problem=problem), status
