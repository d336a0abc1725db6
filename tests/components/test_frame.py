"""The frame: whose profiles one may choose, and what the browser is told about them."""

from dataclasses import replace
from uuid import UUID

from components.frame import frame
from services.profiles import Profile
from tests.components.text import find, text


def test_only_the_own_profiles_are_offered(profile: Profile) -> None:
    other = replace(profile, profile_id=UUID(int=2), name="Bob", is_demo=True)
    drawn = frame([profile, other], "anna@example.com")
    offered = [getattr(button, "data-set", None) for button in find(drawn, "Button")]
    assert [choice for choice in offered if choice and choice.startswith("profile=")] == [
        f"profile={UUID(int=1)}",
        f"profile={UUID(int=2)}",
    ]
    (facts,) = [store.data for store in find(drawn, "Store") if store.id == "frame-facts"]
    assert [(one["name"], one["demo"]) for one in facts["profiles"]] == [("Anna", False), ("Bob", True)]


def test_one_can_sign_out(profile: Profile) -> None:
    (form,) = find(frame([profile], "anna@example.com"), "Form")
    assert (form.action, form.method) == ("/sign-out", "POST")
    assert text(form) == "anna@example.com Sign out"


def test_a_stranger_gets_an_empty_frame() -> None:
    """Dash asks for the layout once without anybody."""
    assert not [
        button for button in find(frame([], None), "Button") if "profile=" in getattr(button, "data-set", "")
    ]


def test_the_live_state_is_told_aloud(profile: Profile) -> None:
    (link,) = [one for one in find(frame([profile], None), "A") if getattr(one, "id", "") == "frame-live"]
    dot, words = link.children
    assert (getattr(dot, "aria-hidden"), words.role) == ("true", "status")
