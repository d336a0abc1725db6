"""A forgotten password: asking for a link, and setting a new one by it."""

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from models import clock
from models.errors import AppError, NotFound
from services import password_reset
from services.accounts import SHORTEST_PASSWORD
from session import from_here, origin, status_of, stores

blueprint = Blueprint("forgotten", __name__, template_folder="templates")
_ELSEWHERE = "This form was sent from another site. Fill it in here."
Answer = Response | str | tuple[str, int]


@blueprint.get("/sign-in/forgotten")
def form() -> Answer:
    """The form; where no mail can be sent, what to do instead."""
    return _form()


@blueprint.post("/sign-in/forgotten")
def ask() -> Answer:
    """Says that a link is on its way, whether there is such an account or not."""
    email = request.form.get("email", "")
    if not from_here():
        return _form(email, _ELSEWHERE, 403)
    if not password_reset.possible(stores()):
        return _form(email)
    try:
        password_reset.ask(stores(), email, origin(), clock.now())
    except AppError as error:
        return _form(email, str(error), status_of(error))
    return render_template("forgotten_sent.html", minutes=_minutes())


@blueprint.get("/sign-in/reset")
def new_password() -> Answer:
    """The form for a new password, for whoever has a link that holds."""
    token = request.args.get("token", "")
    try:
        password_reset.check(stores(), token, clock.now())
    except NotFound as error:
        return _form("", str(error), 404)
    return _reset(token, None, 200)


@blueprint.post("/sign-in/reset")
def reset() -> Answer:
    """Sets the password; on to the sign-in, which still asks for a second step."""
    token, password = request.form.get("token", ""), request.form.get("password", "")
    if not from_here():
        return _reset(token, _ELSEWHERE, 403)
    try:
        password_reset.use(stores(), token, password, origin(), clock.now())
    except NotFound as error:
        return _form("", str(error), 404)
    except AppError as error:
        return _reset(token, str(error), status_of(error))
    return redirect("/sign-in?changed")


def _form(email: str = "", problem: str | None = None, status: int = 200) -> tuple[str, int]:
    possible = password_reset.possible(stores())
    page = render_template(
        "forgotten.html", email=email[:260], problem=problem, possible=possible, minutes=_minutes()
    )
    return page, status


def _reset(token: str, problem: str | None, status: int) -> tuple[str, int]:
    page = render_template("reset.html", token=token[:1_000], problem=problem, shortest=SHORTEST_PASSWORD)
    return page, status


def _minutes() -> int:
    return int(password_reset.HOLDS.total_seconds() // 60)
