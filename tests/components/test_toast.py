"""Toasts tell what happened, and hand over how it is taken back."""

import json

from components.toast import toast, trouble
from tests.components.text import find, text


def test_a_toast_with_a_way_back() -> None:
    (shown,) = toast("Deleted.", {"page": "costs", "do": "add"})["sendNotifications"]
    assert text(shown["message"]) == "Deleted. Undo"
    (button,) = find(shown["message"], "Button")
    assert json.loads(getattr(button, "data-act")) == {"page": "costs", "do": "add"}


def test_a_toast_without() -> None:
    (shown,) = toast("Taken back.")["sendNotifications"]
    assert text(shown["message"]) == "Taken back."


def test_trouble_stays_until_it_is_closed() -> None:
    (shown,) = trouble("That did not work.")["sendNotifications"]
    assert shown["autoClose"] is False
