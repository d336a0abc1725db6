"""Tokens that others signed, and the keys by which they are recognised."""

import base64
import hashlib
import hmac
import json
import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from models.clock import now
from models.errors import InvalidInput, Unauthenticated, Unavailable
from models.outside import KeySet, Outside
from models.stores import Stores
from services import key_sets, tokens
from services.key_sets import AGAIN, LARGEST, LIFE, OLDEST, Broken, KeySets
from services.profiles import Profile

RSA = rsa.generate_private_key(65537, 2048)
EC = ec.generate_private_key(ec.SECP256R1())
OTHER = ec.generate_private_key(ec.SECP256R1())


def public(key: Any, kid: str | None, **more: Any) -> dict[str, Any]:
    algorithm = RSAAlgorithm if isinstance(key, rsa.RSAPrivateKey) else ECAlgorithm
    named = {} if kid is None else {"kid": kid}
    return {**algorithm.to_jwk(key.public_key(), as_dict=True), **named, **more}


def written(*keys: dict[str, Any]) -> bytes:
    return json.dumps({"keys": keys}).encode()


@dataclass
class Source:
    """Somebody who publishes keys, and how often he was asked."""

    url: str = ""
    content: bytes = b""
    status: int = 200
    asked: list[str] = field(default_factory=list)
    drips: bool = False
    """Whether the answer never ends."""
    over: threading.Event = field(default_factory=threading.Event)


@pytest.fixture
def source() -> Iterator[Source]:
    kept = Source()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # the name that the library asks for
            kept.asked.append(self.path)
            self.send_response(kept.status)
            self.send_header("Location", "/elsewhere")
            self.end_headers()
            self.wfile.write(kept.content)
            with suppress(OSError):
                while kept.drips and not kept.over.wait(0.02):
                    self.wfile.write(b" ")

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        kept.url = f"http://127.0.0.1:{server.server_port}/keys.json?v=1"
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield kept
        kept.over.set()
        server.shutdown()


class Clock:
    at = 1_000.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def trusting(stores: Stores, tmp_path: Path) -> Callable[..., Stores]:
    """Stores of an installation that trusts the keys of a file."""

    def trust(*keys: dict[str, Any], **named: str) -> Stores:
        path = tmp_path / "keys.json"
        path.write_bytes(written(*keys))
        return replace(stores, outside=Outside(key_set=KeySet(str(path), **named)))

    return trust


def signed(profile: Profile, key: Any, algorithm: str, kid: str | None = None, **claims: Any) -> str:
    whole = {
        "sub": "idp", "profiles": [str(profile.profile_id)], "scope": "read",
        "exp": now() + timedelta(hours=1), **claims,
    }  # fmt: skip
    kept = {name: value for name, value in whole.items() if value is not None}
    return jwt.encode(kept, key, algorithm, headers={"kid": kid} if kid else None)


def test_a_key_of_the_set_lets_in(trusting: Callable[..., Stores], anna: Profile) -> None:
    stores = trusting(public(RSA, "r"), public(EC, "e"))
    for key, algorithm, kid in ((RSA, "RS256", "r"), (EC, "ES256", "e")):
        caller = tokens.caller_of(stores, signed(anna, key, algorithm, kid))
        assert caller.may("read", anna.profile_id)
        assert not caller.may("admin", anna.profile_id)


def test_only_the_key_that_is_named_by_its_own_algorithm(
    trusting: Callable[..., Stores], anna: Profile
) -> None:
    stores = trusting(public(RSA, "r"), public(EC, "e"))
    pem = RSA.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    confused = _by_hand(anna, pem)
    for token in (
        signed(anna, OTHER, "ES256", "e"),
        signed(anna, EC, "ES256", "r"),
        signed(anna, EC, "ES256", "x"),
        signed(anna, EC, "ES256"),
        signed(anna, RSA, "RS512", "r"),
        signed(anna, RSA, "PS256", "r"),
        confused,
        signed(anna, EC, "ES256", "e")[:-4],
        signed(anna, EC, "ES256", "e", exp=now() - timedelta(minutes=2)),
        signed(anna, EC, "ES256", "e", sub=None),
    ):
        with pytest.raises(Unauthenticated):
            tokens.caller_of(stores, token)


def test_without_a_set_nobody_elses_token_holds(stores: Stores, anna: Profile) -> None:
    with pytest.raises(Unauthenticated):
        tokens.caller_of(stores, signed(anna, EC, "ES256", "e"))


def test_the_only_key_need_not_be_named(trusting: Callable[..., Stores], anna: Profile) -> None:
    stores = trusting(public(EC, None))
    tokens.caller_of(stores, signed(anna, EC, "ES256"))


def test_issuer_and_audience_are_looked_at_when_they_are_set(
    trusting: Callable[..., Stores], anna: Profile
) -> None:
    stores = trusting(public(EC, "e"))
    tokens.caller_of(stores, signed(anna, EC, "ES256", "e", iss="https://other", aud="anything"))
    stores = trusting(public(EC, "e"), issuer="https://idp", audience="analytics")
    right = {"iss": "https://idp", "aud": ["analytics", "more"]}
    tokens.caller_of(stores, signed(anna, EC, "ES256", "e", **right))
    for wrong in ({"iss": "https://other"}, {"aud": "other"}, {"iss": None}, {"aud": None}):
        with pytest.raises(Unauthenticated):
            tokens.caller_of(stores, signed(anna, EC, "ES256", "e", **(right | wrong)))
    ours = tokens.mint(
        stores.keys.jwt, subject="us", profiles=[anna.profile_id], scopes=["read"], now=now(), days=1
    )
    tokens.caller_of(stores, ours)


def test_others_tokens_are_revoked_too(trusting: Callable[..., Stores], anna: Profile) -> None:
    stores = trusting(public(EC, "e"))
    # As if it were one of Settings; it is not, and has no list to stand in.
    token_id = "00000000-0000-0000-0000-000000000001"
    for claims in ({"jti": "7"}, {}, {"jti": token_id, "sub": f"token {token_id}"}):
        token = signed(anna, EC, "ES256", "e", **claims)
        tokens.caller_of(stores, token)
        tokens.revoke_any(stores, token, now())
        with pytest.raises(Unauthenticated, match="revoked"):
            tokens.caller_of(stores, token)
    with pytest.raises(InvalidInput):
        tokens.revoke_any(stores, signed(anna, OTHER, "ES256", "e"), now())


def test_a_file_is_read_again_when_it_has_changed(tmp_path: Path, clock: Clock) -> None:
    path = tmp_path / "keys.json"
    keys = KeySets(str(path), clock)
    with pytest.raises(Unavailable):
        keys.key("e", "ES256")
    path.write_bytes(written(public(EC, "e")))
    keys.key("e", "ES256")
    path.write_bytes(written(public(EC, "e"), public(RSA, "new")))
    keys.key("new", "RS256")
    clock.at += 10 * OLDEST
    keys.key("new", "RS256")
    path.write_bytes(b"{")
    keys.key("new", "RS256")
    path.unlink()
    clock.at += OLDEST
    keys.key("new", "RS256")
    clock.at += 1
    with pytest.raises(Unavailable):
        keys.key("new", "RS256")


def test_a_url_is_asked_once_within_its_life(source: Source, clock: Clock) -> None:
    source.content, keys = written(public(EC, "e")), KeySets(source.url, clock)
    for _ in range(3):
        keys.key("e", "ES256")
    assert source.asked == ["/keys.json?v=1"]
    clock.at += LIFE
    keys.key("e", "ES256")
    assert len(source.asked) == 2


def test_an_unknown_key_is_asked_for_once_a_minute(source: Source, clock: Clock) -> None:
    source.content, keys = written(public(EC, "e")), KeySets(source.url, clock)
    keys.key("e", "ES256")
    source.content = written(public(EC, "e"), public(OTHER, "new"))
    for _ in range(3):
        with pytest.raises(Unauthenticated):
            keys.key("new", "ES256")
    assert len(source.asked) == 1
    clock.at += AGAIN
    keys.key("new", "ES256")
    assert len(source.asked) == 2


def test_a_key_that_is_withdrawn_ends_with_the_next_reading(source: Source, clock: Clock) -> None:
    source.content, keys = written(public(EC, "e"), public(RSA, "r")), KeySets(source.url, clock)
    keys.key("e", "ES256")
    source.content = written(public(RSA, "r"))
    clock.at += LIFE
    with pytest.raises(Unauthenticated):
        keys.key("e", "ES256")


@pytest.mark.parametrize(
    "trouble",
    [
        {"status": 500}, {"status": 302}, {"content": b"<html>"}, {"content": b"[]"},
        {"content": b'{"keys": {}}'}, {"content": b'{"keys": []}'}, {"content": b" " * (LARGEST + 1)},
    ],
)  # fmt: skip
def test_what_is_known_goes_on_while_the_source_is_in_trouble(
    source: Source, clock: Clock, trouble: dict[str, Any]
) -> None:
    keys = KeySets(source.url, clock)
    good = source.content = written(public(EC, "e"))
    keys.key("e", "ES256")
    for name, value in trouble.items():
        setattr(source, name, value)
    clock.at += OLDEST
    keys.key("e", "ES256")
    asked = len(source.asked)
    clock.at += 1
    for _ in range(3):
        with pytest.raises(Unavailable):
            keys.key("e", "ES256")
    assert len(source.asked) == asked
    source.status, source.content = 200, good
    clock.at += AGAIN
    keys.key("e", "ES256")
    assert "/elsewhere" not in source.asked


def test_those_who_come_at_once_ask_once(source: Source, clock: Clock) -> None:
    source.content, keys = written(public(EC, "e")), KeySets(source.url, clock)
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda _: keys.key("e", "ES256"), range(12)))
    assert len(source.asked) == 1


def test_an_answer_that_never_ends_is_none(source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_sets, "PATIENCE", 0.3)
    source.content, source.drips = written(public(EC, "e")), True
    with pytest.raises(Broken, match="in time"):
        key_sets.fetch(source.url)


def test_nobody_there(tmp_path: Path) -> None:
    with pytest.raises(Broken):
        key_sets.fetch("http://127.0.0.1:1/keys.json")
    path = tmp_path / "large.json"
    path.touch()
    os.truncate(path, LARGEST + 1)
    with pytest.raises(Unavailable):
        KeySets(str(path)).key("e", "ES256")


def test_keys_that_nobody_should_publish_are_left_out() -> None:
    private = ECAlgorithm.to_jwk(OTHER, as_dict=True)
    small = rsa.generate_private_key(65537, 1024)
    wrong = ec.generate_private_key(ec.SECP384R1())
    found = key_sets.usable(
        written(
            {"kty": "oct", "k": "c2VjcmV0", "kid": "e"},
            {**private, "kid": "private"},
            public(small, "small"),
            public(wrong, "p384"),
            public(OTHER, "enc", use="enc"),
            public(RSA, "mixed", alg="ES256"),
            {"kty": "RSA"},
            {"kty": "EC", "crv": "P-256", "x": 1, "y": None},
            public(EC, "e", use="sig"),
        )
    )
    assert [key.key_id for key in found] == ["e"]


def _by_hand(profile: Profile, pem: bytes) -> str:
    """A token signed by HMAC with the public key, which the library refuses to make."""

    def part(content: bytes) -> bytes:
        return base64.urlsafe_b64encode(content).rstrip(b"=")

    claims = {"sub": "x", "profiles": "*", "scope": "admin", "exp": 9_999_999_999}
    text = part(b'{"alg":"HS256","kid":"r"}') + b"." + part(json.dumps(claims).encode())
    return (text + b"." + part(hmac.new(pem, text, hashlib.sha256).digest())).decode()
