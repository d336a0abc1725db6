"""Every callback of the pages, asked about Alice's profile by everyone. One without a rule fails."""

import sys
from collections.abc import Mapping
from typing import Any

import pages
from tests.isolation.asking import Registered, call, registered
from tests.isolation.conftest import World, leaked
from tests.isolation.rules import FRAME, MARKED, PRIVATE, SHOWN, acts, calls

ACT = "act.data"
REFUSED = ("There is no such", "This needs the scope", "Sign in first")


def test_every_callback_has_a_rule(world: World) -> None:
    known = registered(world.clients["alice"]).keys()
    ruled = SHOWN | FRAME | calls(world).keys() | {ACT}
    assert not known - ruled, (
        f"Add to BOXES or to calls() in tests/isolation/rules.py: {sorted(known - ruled)}"
    )
    assert not ruled - known, (
        f"Gone from the pages; take out of tests/isolation/rules.py: {sorted(ruled - known)}"
    )


def test_every_act_has_a_rule(world: World) -> None:
    asked = acts(world, "")
    assert asked.keys() == pages._acts.keys(), "Add the page's acts to acts() in tests/isolation/rules.py"
    for page in ("safety", "delivery", "settings"):
        known = sys.modules[f"pages.{page}"]._ACTS  # Dash imports pages with its app
        ruled = {each["do"] for each in asked[page]}
        assert ruled == known.keys(), f"Add to acts() in tests/isolation/rules.py, for {page}"


def test_what_is_shown(world: World) -> None:
    """By the profile in the URL; nobody gets in, Charlie hears that there is none, and all stays."""
    known, before = registered(world.clients["alice"]), world.state()
    for name in sorted(SHOWN):
        answers = {who: call(client, known[name], looking(world)) for who, client in world.clients.items()}
        assert answers["nobody"].status_code == 401, name
        assert leaked(answers["nobody"].text) == [], name
        if name not in PRIVATE:
            assert leaked(answers["charlie"].text) == [], name
        for who in ("alice", "bob", "charlie"):
            assert answers[who].status_code in (200, 204), (who, name, answers[who].text)
            assert "could not be shown" not in answers[who].text, (who, name)
        assert (name.removesuffix(".children") not in MARKED) or leaked(answers["alice"].text), name
    assert world.state() == before


def test_what_others_ask_for_changes_nothing(world: World) -> None:
    """What is Alice's is named with her profile, and with a profile of one's own."""
    known, before = registered(world.clients["alice"]), world.state()
    for own in (world.anna, world.charlies):
        search = f"?profile={own.profile_id}&period=90d"
        for name, given, by in everything(world, str(own.profile_id)):
            values = {**looking(world), **given, "query.data": search, "view.data": search}
            for who in ("nobody", "charlie", "bob"):
                answer = call(world.clients[who], known[name], values, by)
                place = (who, own.name, name, given)
                assert answer.status_code == 401 if who == "nobody" else answer.status_code in (200, 204), (
                    place
                )
                # What was sent comes back in forms; what is stored stands beside the name of its owner.
                if who != "bob":
                    assert "example.org" not in answer.text.replace("mallory@example.org", ""), place
                assert world.state() == before, place


def test_what_alice_asks_for_is_done(world: World) -> None:
    """Else what is refused to others would prove nothing."""
    known = registered(world.clients["alice"])
    for name, of_callback in calls(world).items():
        for each in of_callback:
            does(world, known[name], {**looking(world), **each.given}, each.by, each.changes)
    # The import of the last call waits; all that is asked for by buttons comes on top.
    for page, of_page in acts(world, str(world.anna.profile_id)).items():
        for asked in of_page:
            if (page, asked["do"]) not in DONE_BEFORE:
                does(world, known[ACT], {ACT: asked}, "", (page, asked["do"]) not in CHANGES_NOTHING)


DONE_BEFORE = {
    ("settings", "undo"), ("settings", "cancel"), ("delivery", "start"), ("delivery", "replay"),
    ("settings", "rebuild"),
}  # fmt: skip
"""What has nothing left to change by then."""
CHANGES_NOTHING = {("settings", "leave"), ("settings", "stay")}
"""What alone shows something."""


def does(world: World, callback: Registered, values: Mapping[str, Any], by: Any, changes: bool) -> None:
    """Calls as Alice, and looks whether something changed."""
    before = world.state()
    answer = call(world.clients["alice"], callback, values, by)
    assert answer.status_code in (200, 204), (values, answer.text)
    assert (world.state() != before) == changes, (callback["output"], values, answer.text)


def looking(world: World) -> dict[str, Any]:
    """What stands in the browser of somebody who opened Alice's page."""
    search = f"?profile={world.anna.profile_id}&period=90d"
    return {"query.data": search, "view.data": search, "_pages_location.pathname": "/costs"}


def everything(world: World, profile: str) -> list[tuple[str, Mapping[str, Any], Any]]:
    """All that can be asked for beyond looking."""
    asked = [(name, each.given, each.by) for name, rows in calls(world).items() for each in rows]
    return asked + [(ACT, {ACT: each}, "") for of_page in acts(world, profile).values() for each in of_page]
