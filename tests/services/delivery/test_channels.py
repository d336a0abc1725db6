"""Where alerts go: what can be added, by whom it is seen, and its secret."""

import base64

import pytest

from models.clock import now
from models.errors import Conflict, InvalidInput, NotFound
from models.keys import Keys
from models.outside import Outside
from models.stores import Stores
from services.delivery import channels, signing
from services.profiles import Profile
from tests.receiver import HOOK
from tests.services.delivery.test_sending import add


def test_what_can_not_be_added(stores: Stores, sending: Stores, anna: Profile) -> None:
    add(sending, anna)
    with sending.database.transaction() as tx:
        own = anna.profile_id
        with pytest.raises(Conflict, match="already"):
            channels.add(tx, own, "webhook", HOOK, now(), sending.outside)
        with pytest.raises(InvalidInput, match="no mail server"):
            channels.add(tx, own, "email", "anna@example.com", now(), Outside())
        with pytest.raises(InvalidInput, match="e-mail address"):
            channels.add(tx, own, "email", "anna@example.com\nBcc: x@example.com", now(), sending.outside)
        with pytest.raises(InvalidInput, match="needs https"):
            channels.add(tx, own, "webhook", HOOK, now(), Outside())
        with pytest.raises(InvalidInput, match="Choose"):
            channels.add(tx, own, "pigeon", "loft 3", now(), sending.outside)


def test_no_more_than_some(sending: Stores, anna: Profile) -> None:
    for number in range(channels.MOST):
        add(sending, anna, target=f"{HOOK}&n={number}")
    with pytest.raises(Conflict, match="at most"):
        add(sending, anna)


def test_another_profiles_channel_is_none(sending: Stores, anna: Profile, yuki: Profile) -> None:
    added = add(sending, anna)
    with sending.database.transaction() as tx:
        with pytest.raises(NotFound):
            channels.remove(tx, yuki.profile_id, added.channel_id, now())
        assert channels.listing(tx, yuki.profile_id) == []


def test_secrets_are_of_the_installation_and_of_the_channel(stores: Stores) -> None:
    first, second = (signing.secret_of(stores.keys, salt) for salt in (b"a" * 16, b"b" * 16))
    assert first == signing.secret_of(stores.keys, b"a" * 16)
    assert first != second
    assert first.startswith("whsec_")
    assert len(base64.b64decode(first.removeprefix("whsec_"))) == 32


def test_another_installation_signs_differently(
    stores: Stores, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = Keys(tmp_path_factory.mktemp("other") / "keys")
    assert signing.secret_of(stores.keys, b"a" * 16) != signing.secret_of(other, b"a" * 16)
