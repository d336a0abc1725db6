"""A client that keeps what it sends until it is acknowledged, and writes down every answer."""

import time
from typing import Any
from uuid import UUID

import requests

from tests.soak.journal import Journal

BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0"
_TIMEOUT = 40.0
_LONGEST_PAUSE = 2.0


class Client:
    """Speaks to one installation; `until` is when it gives up (on the monotonic clock), None: never yet."""

    def __init__(self, url: str, journal: Journal, token: str | None = None):
        self.url, self.journal = url, journal
        self.session = requests.Session()
        self.session.headers["User-Agent"] = BROWSER
        if token:
            self.session.headers["Authorization"] = f"Bearer {token}"
        self.until: float | None = None

    def ask(self, method: str, path: str, **more: Any) -> requests.Response | None:
        """One try; None when no answer came."""
        begun = time.monotonic()
        what = f"{method} {path.partition('?')[0]}"
        try:
            answer = self.session.request(method, self.url + path, timeout=_TIMEOUT, **more)
        except requests.RequestException as error:
            # A kept connection may be one to a process that was killed long ago.
            self.journal.broken(what, error, begun)
            return None
        retry = answer.headers.get("Retry-After")
        self.journal.answered(what, answer.status_code, _code(answer), retry, begun)
        return answer

    def insist(
        self, method: str, path: str, good: tuple[int, ...] = (200, 201, 204), **more: Any
    ) -> requests.Response | None:
        """The same again and again until it is taken; None when that was not to be."""
        while True:
            answer = self.ask(method, path, **more)
            if answer is not None and answer.status_code in good:
                return answer
            if answer is not None and answer.status_code != 503:
                self.journal.note(f"{method} {path}: {answer.status_code} {answer.text[:300]}")
                return None
            if self.until is not None and time.monotonic() > self.until:
                return None
            wanted = float(answer.headers.get("Retry-After", 1)) if answer is not None else 0.3
            time.sleep(min(wanted, _LONGEST_PAUSE))


def query(profile_id: UUID) -> str:
    """The part of an address that asks for the last seven days of a profile."""
    return f"?profile={profile_id}&period=7d"


def _code(answer: requests.Response) -> str:
    if "json" not in answer.headers.get("Content-Type", "") or answer.status_code < 400:
        return ""
    return str(answer.json().get("code", ""))
