"""The check sits in one place: without it everything is open, and when it refuses everything is closed."""

from uuid import UUID

import pytest

from models.errors import NotFound
from services.access import Caller
from tests.isolation.asking import call, registered
from tests.isolation.conftest import World, leaked
from tests.isolation.rules import MARKED, PRIVATE, SHOWN, acts, calls
from tests.isolation.test_callbacks import ACT, looking

BY_ROLE = ("delivery-channels", "delivery-log", "settings-activity", "settings-delete", "settings-factor")
"""Boxes that an owner alone sees, which ask once more, and one about the account of whoever asks."""


def test_when_it_refuses_nothing_is_shown_or_done(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Caller, profile_id: UUID, scope: str) -> None:
        raise NotFound("There is no such profile.")

    known, before = registered(world.clients["alice"]), world.state()
    monkeypatch.setattr(Caller, "require", refuse)
    for name in SHOWN - {*PRIVATE}:
        assert leaked(call(world.clients["alice"], known[name], looking(world)).text) == [], name
    asked = [(name, each.given, each.by) for name, rows in calls(world).items() for each in rows]
    for of_page in acts(world, str(world.anna.profile_id)).values():
        asked += [(ACT, {ACT: each}, "") for each in of_page]
    for name, given, by in asked:
        call(world.clients["alice"], known[name], {**looking(world), **given}, by)
        assert world.state() == before, (name, given)


def test_without_it_charlie_would_see_what_is_looked_for(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = registered(world.clients["alice"])
    monkeypatch.setattr(Caller, "require", lambda self, profile_id, scope: None)
    for box in set(MARKED) - {*BY_ROLE}:
        name = f"{box}.children"
        assert name in PRIVATE or leaked(call(world.clients["charlie"], known[name], looking(world)).text), (
            name
        )
