"""Public keys of others, by which their tokens are recognised: a JWKS (RFC 7517) in a file or behind a URL.

A file is read again when it has changed. What a URL answers holds for LIFE, and is asked for once more when a
token names a key that is not there, at most once in AGAIN. While the source is away or says nonsense, the
keys that are known go on, for OLDEST at most.
"""

import json
import logging
import socket
import ssl
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import lru_cache
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from threading import Event, Lock, Timer
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt import PyJWK
from jwt.exceptions import PyJWTError

from models.errors import Unauthenticated, Unavailable

ALGORITHMS = ("RS256", "ES256")
LIFE, AGAIN, OLDEST = 300.0, 60.0, 86_400.0
"""Seconds."""
PATIENCE = 5.0
"""Seconds for the way to a URL, and for the whole of its answer."""
LARGEST = 256 * 1024
_MOST_KEYS, _SHORTEST_RSA = 100, 2048
_UNKNOWN = "The token does not hold here."
_log = logging.getLogger(__name__)


class Broken(Exception):
    """The source is away, or what it says is no set of keys."""


class KeySets:
    """The keys of one source, kept for all requests of this process."""

    def __init__(self, source: str, clock: Callable[[], float] = time.monotonic):
        self._source, self._clock = source, clock
        self._keys: Sequence[PyJWK] = ()
        self._read_at = self._tried_at = float("-inf")
        self._stamp: object = None
        self._holds = False
        self._one_at_a_time = Lock()

    def key(self, kid: str | None, algorithm: str) -> PyJWK:
        """The key that a token names, or the only one for one that names none. Raises Unauthenticated when
        there is no such key, and Unavailable while no keys are known."""
        found = self._find(kid, algorithm)
        if self._is_due():
            self._refresh(wait=found is None or self._is_old())
            found = self._find(kid, algorithm)
        if found is None and "://" in self._source and self._clock() - self._tried_at >= AGAIN:
            self._refresh(wait=True)
            found = self._find(kid, algorithm)
        if self._is_old():
            raise Unavailable("The keys of whoever signed this token can't be had. Try again later.", 60)
        if found is None:
            raise Unauthenticated(_UNKNOWN)
        return found

    def _find(self, kid: str | None, algorithm: str) -> PyJWK | None:
        keys = [each for each in self._keys if kid is None or each.key_id == kid]
        fitting = [each for each in keys if each.algorithm_name == algorithm]
        # Which of several is meant must be said, and be said of one.
        return fitting[0] if len(fitting) == 1 and (kid is not None or len(keys) == 1) else None

    def _is_due(self) -> bool:
        at = self._clock()
        again = at - self._tried_at >= AGAIN
        if "://" in self._source:
            return again and at - self._read_at >= LIFE
        if (stamp := _stamp_of(self._source)) != self._stamp:
            return True
        if stamp is not None and self._holds:
            self._read_at = at
            return False
        return again

    def _is_old(self) -> bool:
        return self._clock() - self._read_at > OLDEST

    def _refresh(self, wait: bool) -> None:
        """Asks the source; what is known stays when that fails. While somebody else asks, it waits for what
        they find, or goes on with what is known."""
        seen = self._tried_at
        if not self._one_at_a_time.acquire(blocking=wait):
            return
        try:
            if self._tried_at == seen:
                self._read()
        finally:
            self._one_at_a_time.release()

    def _read(self) -> None:
        self._holds = False
        try:
            if "://" in self._source:
                self._keys = usable(fetch(self._source))
            else:
                self._stamp = _stamp_of(self._source)
                self._keys = usable(_content(self._source))
            self._read_at, self._holds = self._clock(), True
        except Broken as error:
            _log.warning("The keys of PLATFORM_ANALYTICS_JWKS were not read: %s", error)
        finally:
            # At the end: whoever comes meanwhile waits instead of taking it for tried.
            self._tried_at = self._clock()


@lru_cache(maxsize=8)
def of(source: str) -> KeySets:
    """The keys of this source, the same for everybody in this process."""
    return KeySets(source)


def usable(content: bytes) -> Sequence[PyJWK]:
    """The public keys for RS256 and ES256 in a JWKS; others are left out, and so are symmetric and private
    ones, which nobody publishes on purpose. Raises Broken when it is none, or has no such key."""
    try:
        keys = json.loads(content)["keys"]
        listed = [each for each in keys if isinstance(each, dict)] if isinstance(keys, list) else []
    except (ValueError, KeyError, TypeError, RecursionError):
        raise Broken("it is no JSON with a list `keys`") from None
    if len(listed) > _MOST_KEYS:
        raise Broken(f"there are more than {_MOST_KEYS} keys")
    found = [key for each in listed if (key := _usable(each)) is not None]
    if not found:
        raise Broken("there is no public key for RS256 or ES256")
    return found


def fetch(url: str) -> bytes:
    """What the URL answers: the one place that asks for keys. No redirect is followed, no more than LARGEST
    is read, and it takes no longer than PATIENCE. Raises Broken."""
    parts = urlsplit(url)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    host, encrypted, late = parts.hostname or "", parts.scheme == "https", Event()
    port = parts.port or (443 if encrypted else 80)
    try:
        plain = socket.create_connection((host, port), PATIENCE)
    except (OSError, UnicodeError) as error:
        raise Broken(f"it can't be reached ({type(error).__name__})") from None
    line = plain.dup()  # of which the other end hears, whatever is wrapped around it
    watch = Timer(PATIENCE, _hang_up, [line, late])
    watch.daemon = True
    watch.start()
    connection = HTTPConnection(host, port)
    try:
        context = ssl.create_default_context() if encrypted else None
        connection.sock = context.wrap_socket(plain, server_hostname=host) if context else plain
        connection.request("GET", path, headers={"Accept": "application/json", "Connection": "close"})
        answer = connection.getresponse()
        if answer.status != 200:
            raise Broken(f"it answered {answer.status}")
        content = answer.read(LARGEST + 1)
    except (OSError, HTTPException, ValueError) as error:
        if late.is_set():
            raise Broken("it did not answer in time") from None
        raise Broken(f"the connection broke ({type(error).__name__})") from None
    finally:
        watch.cancel()
        connection.close()
        plain.close()
        line.close()
    if late.is_set():  # what was read until then looks like an end
        raise Broken("it did not answer in time")
    if len(content) > LARGEST:
        raise Broken(f"it is larger than {LARGEST} bytes")
    return content


def _usable(each: dict[str, Any]) -> PyJWK | None:
    if each.get("kty") not in ("RSA", "EC") or "d" in each or each.get("use", "sig") != "sig":
        return None
    if not isinstance(each.get("kid", ""), str) or "verify" not in (each.get("key_ops") or ["verify"]):
        return None
    try:
        key = PyJWK(each)
    except (PyJWTError, TypeError, ValueError, AttributeError):
        return None
    if key.algorithm_name not in ALGORITHMS:
        return None
    is_short = isinstance(key.key, RSAPublicKey) and key.key.key_size < _SHORTEST_RSA
    return None if is_short else key


def _content(path: str) -> bytes:
    try:
        with Path(path).open("rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as error:
        raise Broken(f"the file can't be read ({error.strerror})") from None
    if len(content) > LARGEST:
        raise Broken(f"it is larger than {LARGEST} bytes")
    return content


def _stamp_of(path: str) -> object:
    """Another one after each change of the file."""
    try:
        found = Path(path).stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _hang_up(line: socket.socket, late: Event) -> None:
    late.set()  # first: whoever reads hears of the end at once
    with suppress(OSError):  # it may have ended by itself
        line.shutdown(socket.SHUT_RDWR)
