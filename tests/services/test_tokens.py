from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

import jwt
import pytest
from sqlalchemy import select

from models.clock import now
from models.errors import InvalidInput, NotFound, Unauthenticated
from models.keys import Keys
from models.outside import Outside
from models.schema import revoked_tokens
from models.stores import Stores
from services import tokens
from services.access import SCOPES, Caller
from services.profiles import Profile
from services.tokens import Token

KEY = "k" * 48
OFFLINE = cast(Stores, SimpleNamespace(keys=SimpleNamespace(jwt=KEY), outside=Outside()))
"""What is needed to look into a token."""
ANNA, BOB = UUID(int=1), UUID(int=2)


def mint(**changes: Any) -> str:
    wanted = {"subject": "script", "profiles": [ANNA], "scopes": ["read"], "now": now(), "days": 30}
    return tokens.mint(KEY, **{**wanted, **changes})


def signed(claims: dict[str, Any], key: str = KEY, algorithm: str = "HS256") -> str:
    whole = {"sub": "script", "profiles": [str(ANNA)], "scope": "read", "exp": now() + timedelta(days=1)}
    kept = {name: value for name, value in (whole | claims).items() if value is not None}
    return jwt.encode(kept, key, algorithm=algorithm)


def caller_in(token: str) -> Caller:
    return tokens.decoded(OFFLINE, token).caller


@pytest.fixture
def stores(stores: Stores) -> Stores:
    """With the key of these tests."""
    return replace(stores, keys=Keys(Path("/nowhere"), jwt=KEY))


def test_a_token_speaks_for_its_profiles_within_its_scopes() -> None:
    caller = caller_in(mint(scopes=["read", "costs:write"]))
    assert caller.subject == "script"
    assert caller.may("read", ANNA)
    assert caller.may("costs:write", ANNA)
    assert not caller.may("events:write", ANNA)
    assert not caller.may("read", BOB)
    assert not caller.is_platform


def test_a_platforms_token_speaks_for_every_profile() -> None:
    caller = caller_in(mint(profiles=None, scopes=["events:write"]))
    assert caller.is_platform
    assert caller.may("events:write", BOB)
    assert not caller.may("read", BOB)


def test_a_token_for_no_profile_may_nothing() -> None:
    for profiles in ([], None):
        caller = caller_in(signed({"profiles": profiles}))
        assert not any(caller.may(scope, ANNA) for scope in SCOPES)
        assert not caller.is_platform


def test_an_expired_token_says_so() -> None:
    with pytest.raises(Unauthenticated, match="expired"):
        tokens.decoded(OFFLINE, mint(now=now() - timedelta(days=2), days=1))


@pytest.mark.parametrize(
    "claims",
    [
        {"profiles": 5},
        {"profiles": "anna"},
        {"profiles": ["anna"]},
        {"profiles": [None]},
        {"profiles": [["*"]]},
        {"profiles": True},
        {"sub": None},
        {"sub": 5},
        {"exp": None},
        {"exp": "tomorrow"},
        {"nbf": 32_503_680_000},
    ],
)
def test_claims_that_make_no_sense_do_not_hold(claims: dict[str, Any]) -> None:
    with pytest.raises(Unauthenticated, match="does not hold"):
        tokens.decoded(OFFLINE, signed(claims))


@pytest.mark.parametrize("scope", [None, "", 5, ["read"]])
def test_a_scope_that_is_no_text_allows_nothing(scope: Any) -> None:
    try:
        caller = caller_in(signed({"scope": scope}))
    except Unauthenticated:
        return
    assert not any(caller.may(each, ANNA) for each in SCOPES)


def test_only_our_key_and_our_algorithm_hold() -> None:
    nobody = jwt.encode(
        {"sub": "x", "profiles": "*", "scope": "admin", "exp": 9_999_999_999}, None, algorithm="none"
    )
    forged = (signed({}, key="q" * 48), signed({}, key="k" * 64, algorithm="HS512"), nobody)
    for token in (*forged, "", "a.b.c", "not a token", "\ud800", mint()[:-2], mint() + "x"):
        with pytest.raises(Unauthenticated, match="does not hold"):
            tokens.decoded(OFFLINE, token)


@pytest.mark.parametrize(
    ("changes", "pointer", "says"),
    [
        ({"scopes": []}, "scope", "no token without a scope"),
        ({"scopes": ["read", "write"]}, "scope", "no scope 'write'"),
        ({"days": 0}, "days", "1 to 3650 days"),
        ({"days": 3651}, "days", "1 to 3650 days"),
    ],
)
def test_tokens_that_can_not_be(changes: dict[str, Any], pointer: str, says: str) -> None:
    with pytest.raises(InvalidInput, match=says) as refused:
        mint(**changes)
    assert refused.value.problems[0].pointer == pointer


def made(stores: Stores, profile: Profile, **changes: Any) -> tuple[Token, str]:
    wanted = {"label": " Shop ", "scopes": ["costs:write", "read"], "days": 30, "at": now()}
    with stores.database.transaction() as tx:
        return tokens.make(tx, KEY, profile.profile_id, **{**wanted, **changes})


def test_a_token_that_is_made_is_listed_and_holds_for_its_profile(stores: Stores, anna: Profile) -> None:
    token, minted = made(stores, anna)
    assert (token.label, token.scopes, token.revoked_at) == ("Shop", ("read", "costs:write"), None)
    assert token.expires_at - token.created_at == timedelta(days=30)
    caller = tokens.caller_of(stores, minted)
    assert caller.scopes == {anna.profile_id: {"read", "costs:write"}}
    second, _ = made(stores, anna)
    with stores.database.transaction() as tx:
        assert tokens.listing(tx, anna.profile_id) == [second, token]


def test_a_revoked_token_says_so_until_it_holds_again(stores: Stores, anna: Profile, priya: Profile) -> None:
    token, minted = made(stores, anna)
    with stores.database.transaction() as tx:
        with pytest.raises(NotFound):
            tokens.revoke(tx, priya.profile_id, token.token_id, now())
        assert tokens.revoke(tx, anna.profile_id, token.token_id, now()).revoked_at is not None
    with pytest.raises(Unauthenticated, match="revoked"):
        tokens.caller_of(stores, minted)
    with stores.database.transaction() as tx:
        tokens.revoke(tx, anna.profile_id, token.token_id, None)
    assert tokens.caller_of(stores, minted).may("read", anna.profile_id)


def test_a_listed_token_that_is_not_known_does_not_hold(stores: Stores, anna: Profile) -> None:
    own = {"profiles": [str(anna.profile_id)]}
    for claims in (
        {"sub": f"token {ANNA}", "jti": str(ANNA), **own},
        {"sub": "token x", "jti": "x", **own},
        {"sub": f"token {ANNA}", "jti": str(ANNA), "profiles": "*"},
    ):
        with pytest.raises(Unauthenticated, match="does not hold"):
            tokens.caller_of(stores, signed(claims))


def test_others_may_number_their_tokens(stores: Stores) -> None:
    assert tokens.caller_of(stores, signed({"jti": "17"})).may("read", ANNA)
    assert tokens.caller_of(stores, mint()).may("read", ANNA)


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"label": " "}, "label"),
        ({"label": "x" * 101}, "label"),
        ({"label": "a\x00b"}, "label"),
        ({"scopes": []}, "scope"),
        ({"scopes": ["all"]}, "scope"),
        ({"days": 0}, "days"),
    ],
)
def test_tokens_that_can_not_be_made(
    stores: Stores, anna: Profile, changes: dict[str, Any], pointer: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        made(stores, anna, **changes)
    assert refused.value.problems[0].pointer == pointer
    with stores.database.transaction() as tx:
        assert tokens.listing(tx, anna.profile_id) == []


def test_every_token_is_numbered_and_can_be_revoked(stores: Stores) -> None:
    for given in (lambda token: token, lambda token: tokens.decoded(stores, token).names[0]):
        minted = mint()
        assert tokens.caller_of(stores, minted).may("read", ANNA)
        ended = tokens.revoke_any(stores, given(minted), now())
        assert ended.jti == tokens.decoded(stores, minted).names[0]
        with pytest.raises(Unauthenticated, match="revoked"):
            tokens.caller_of(stores, minted)
        assert tokens.caller_of(stores, mint()).may("read", ANNA)


def test_a_token_without_a_number_is_revoked_by_itself(stores: Stores) -> None:
    bare, other = signed({"jti": None}), signed({"jti": None, "scope": "read admin"})
    ended = tokens.revoke_any(stores, f" {bare}\n", now())
    assert ended.jti.startswith("token:")
    assert ended.subject == "script"
    with pytest.raises(Unauthenticated, match="revoked"):
        tokens.caller_of(stores, bare)
    tokens.caller_of(stores, other)


def test_the_operator_revokes_a_listed_token_for_good(stores: Stores, anna: Profile) -> None:
    token, minted = made(stores, anna)
    tokens.revoke_any(stores, minted, now())
    with stores.database.transaction() as tx:
        assert tokens.revoke(tx, anna.profile_id, token.token_id, None).revoked_at is not None
        assert tokens.listing(tx, anna.profile_id)[0].revoked_at is not None
    with pytest.raises(Unauthenticated, match="revoked"):
        tokens.caller_of(stores, minted)


def test_what_ended_by_itself_is_struck_off_the_list(stores: Stores) -> None:
    at = now()
    first = tokens.revoke_any(stores, mint(days=1), at)
    tokens.revoke_any(stores, mint(days=1), at)
    tokens.revoke_any(stores, mint(days=30), at + timedelta(days=2))
    with stores.database.transaction() as tx:
        left = [row["jti"] for row in tx.rows(select(revoked_tokens))]
    assert len(left) == 1
    assert first.jti not in left


@pytest.mark.parametrize("given", ["", " ", "a.b.c", "x" * 201, "a\x00b"])
def test_what_can_not_be_revoked(stores: Stores, given: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        tokens.revoke_any(stores, given, now())
    assert refused.value.problems[0].pointer == "token"


def test_those_that_hold_are_asked_for_together(stores: Stores, anna: Profile) -> None:
    (listed, one), (_, two) = made(stores, anna), made(stores, anna)
    three, four = mint(), mint()
    held = {minted: tokens.held(stores, minted) for minted in (one, two, three, four)}
    with stores.database.transaction() as tx:
        tokens.revoke(tx, anna.profile_id, listed.token_id, now())
    tokens.revoke_any(stores, three, now())
    assert tokens.holding(stores.database, held.values()) == {held[two], held[four]}
