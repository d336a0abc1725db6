"""The first run: an account and a profile, while there are none."""

from collections.abc import Mapping

from babel.core import get_global
from babel.numbers import get_territory_currencies
from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from components.choices import currency_names, zones
from components.format import Format
from models import clock
from models.errors import Conflict, InvalidInput
from models.money import currencies
from pages import reader
from services import accounts
from session import begin, from_here, stores

blueprint = Blueprint("welcome", __name__, template_folder="templates")

FIELDS = ("email", "name", "timezone", "currency")


@blueprint.get("/welcome")
def form() -> Response | str:
    """The form; on to the sign-in once somebody has an account."""
    if accounts.any_account(stores().database):
        return redirect("/sign-in")
    values = {"email": "", "name": "", "timezone": "UTC", "currency": usual_currency(reader())}
    return _form(values, {}, None)


@blueprint.post("/welcome")
def create() -> Response | tuple[str, int]:
    """Makes account and profile and signs in, or shows the form again with what is wrong."""
    if accounts.any_account(stores().database):
        return redirect("/sign-in")
    values = {name: request.form.get(name, "") for name in FIELDS}
    if not from_here():
        return _form(values, {}, "This form was sent from another site. Fill it in here."), 403
    try:
        account, _ = accounts.found(
            stores().database,
            email=values["email"],
            password=request.form.get("password", ""),
            name=values["name"],
            time_zone=values["timezone"],
            currency=values["currency"],
            at=clock.now(),
        )
    except InvalidInput as error:
        return _form(values, {p.pointer.lstrip("/"): p.detail for p in error.problems}, None), 422
    except Conflict as error:
        return _form(values, {}, str(error)), 409
    begin(account)
    return redirect("/")


def usual_currency(fmt: Format) -> str:
    """The currency of the country that the reader's language names; USD when it names none."""
    likely = fmt.numbers.territory or _likely_territory(fmt.numbers.language)
    current = get_territory_currencies(likely) if likely else []
    return next((code for code in current if code in currencies()), "USD")


def _likely_territory(language: str) -> str | None:
    likely = str(get_global("likely_subtags").get(language, ""))
    return likely.split("_")[-1] if likely else None


def _form(values: Mapping[str, str], problems: Mapping[str, str], problem: str | None) -> str:
    return render_template(
        "welcome.html",
        values=values,
        problems=problems,
        problem=problem,
        zones=zones(),
        currencies=currency_names(),
        shortest=accounts.SHORTEST_PASSWORD,
    )
