from uuid import UUID

from services.ingest.visitors import visitor_key

ANNA, BOB = UUID(int=1), UUID(int=2)
KEY = b"k" * 32


def test_the_platforms_visitor_id_goes_before_address_and_agent() -> None:
    at_home = visitor_key(KEY, ANNA, "v1", "192.0.2.1", "Firefox")
    on_the_road = visitor_key(KEY, ANNA, "v1", "198.51.100.7", "Safari")
    assert at_home == on_the_road
    assert len(at_home) == 16


def test_without_it_a_visitor_is_an_address_with_a_user_agent() -> None:
    pairs = [("192.0.2.1", "Firefox"), ("192.0.2.1", "Safari"), ("192.0.2.2", "Firefox"), (None, None)]
    assert len({visitor_key(KEY, ANNA, None, ip, agent) for ip, agent in pairs}) == 4


def test_an_id_is_never_taken_for_an_address() -> None:
    assert visitor_key(KEY, ANNA, "192.0.2.1\x1fFirefox", None, None) != visitor_key(
        KEY, ANNA, None, "192.0.2.1", "Firefox"
    )


def test_nobody_can_be_followed_to_another_profile_or_quarter() -> None:
    assert visitor_key(KEY, ANNA, "v1", None, None) != visitor_key(KEY, BOB, "v1", None, None)
    assert visitor_key(KEY, ANNA, "v1", None, None) != visitor_key(b"q" * 32, ANNA, "v1", None, None)
