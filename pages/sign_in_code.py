"""The second step of signing in: a code of the authenticator app, or a recovery code."""

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

import session
from models import clock
from models.errors import AppError
from pages.sign_in import local
from services import second_factor
from session import from_here, stores

blueprint = Blueprint("sign_in_code", __name__, template_folder="templates")


@blueprint.get("/sign-in/code")
def form() -> Response | tuple[str, int]:
    """The form; back to the first step for whoever has not given the password just now."""
    if session.awaits_code() is None:
        return redirect("/sign-in")
    return _form(local(request.args.get("next")), None, 200)


@blueprint.post("/sign-in/code")
def sign_in() -> Response | tuple[str, int]:
    """Begins a session, or shows the form again with what is wrong."""
    onward, account = local(request.form.get("next")), session.awaits_code()
    if account is None:
        return redirect("/sign-in")
    if not from_here():
        return _form(onward, "This form was sent from another site. Fill it in here.", 403)
    code, address = request.form.get("code", ""), session.origin()
    try:
        second_factor.verify(stores(), account, code, address, clock.now())
    except AppError as error:
        return _form(onward, str(error), session.status_of(error))
    session.begin(account)
    return redirect(onward)


def _form(onward: str, problem: str | None, status: int) -> tuple[str, int]:
    return render_template("sign_in_code.html", next=onward, problem=problem), status
