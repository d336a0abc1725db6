import json
from collections.abc import Callable

from commands.run import welcome
from config import load
from models.stores import Stores
from services import accounts, demo
from tests.commands.conftest import Ran


def test_prints_how_to_sign_in(run: Callable[..., Ran], stores: Stores) -> None:
    made = run("demo", "--days", "3")
    assert made.status == 0
    email, password = made.out.splitlines()
    assert email == demo.EMAIL
    assert accounts.sign_in(stores, email, password, "192.0.2.9").email == demo.EMAIL
    again = json.loads(run("demo", "--json").out)
    assert (again["email"], again["password"]) == (email, password)
    assert len(again["profiles"]) == 3


def test_refuses_more_days_than_there_are(run: Callable[..., Ran]) -> None:
    assert run("demo", "--days", "500").status == 2


def test_a_start_tells_the_password_for_as_long_as_it_holds(run: Callable[..., Ran], stores: Stores) -> None:
    made = json.loads(run("demo", "--days", "3", "--json").out)
    assert welcome(load()) == f"Sign in to the demo as {demo.EMAIL} with the password {made['password']}"
    with stores.database.transaction() as tx:
        accounts.set_password(tx, accounts.find(tx, demo.EMAIL).account_id, "one of my own")
    assert welcome(load()) == "Sign in with your account."
