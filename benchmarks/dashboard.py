"""Somebody at the dashboard, in a process of its own: signs in, loads pages, takes files, tries an import."""

import base64
import gzip
import json
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from http.cookiejar import CookieJar
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, Request, build_opener

_DATA = Path(__file__).parent.parent / "tests" / "data"
_PAGES = ("/", "/performance", "/revenue", "/gifts", "/pnl", "/costs")
_YEARS = "from=1997-01-01&to=1998-06-30"
_PREVIEWED = 10_000
"""Lines of the file that an import is tried with."""


def use(pipe: Connection, port: int, email: str, password: str, profile: str) -> None:
    """Uses the dashboard until anything comes through the pipe; answers how often it did what, and how long
    that took on average in milliseconds."""
    user = _User(port, email, password, profile)
    done: Counter[str] = Counter()
    took: dict[str, float] = defaultdict(float)
    while not pipe.poll():
        for name, act in user.acts().items():
            begun = time.monotonic()
            act()
            done[name] += 1
            took[name] += time.monotonic() - begun
    pipe.recv()
    pipe.send({name: (times, took[name] / times * 1000) for name, times in done.items()})


class _User:
    def __init__(self, port: int, email: str, password: str, profile: str):
        self.address, self.email, self.password = f"http://127.0.0.1:{port}", email, password
        self.profile = profile
        lines = gzip.decompress((_DATA / "cdnow_purchases.csv.gz").read_bytes()).splitlines(keepends=True)
        self.file = base64.b64encode(b"".join(lines[:_PREVIEWED])).decode()
        self.browser: OpenerDirector = build_opener()

    def acts(self) -> dict[str, Callable[[], object]]:
        return {"sign-in": self.sign_in, "page": self.pages, "export": self.export, "preview": self.preview}

    def sign_in(self) -> None:
        self.browser = build_opener(HTTPCookieProcessor(CookieJar()))
        form = urlencode({"email": self.email, "password": self.password}).encode()
        self._ask("/sign-in", form)

    def pages(self) -> None:
        """Each page with what its callbacks ask for."""
        layouts = json.loads(self._ask("/_dash-dependencies"))
        for path in _PAGES:
            self._ask(f"{path}?profile={self.profile}&{_YEARS}")
        for callback in layouts:
            ids = [each["id"] for each in callback["inputs"]]
            if ids == ["query"] and not callback.get("clientside_function"):
                self._call(callback, {("query", "data"): f"?profile={self.profile}&{_YEARS}"}, ids[0])

    def export(self) -> None:
        self._ask(f"/api/gift-analytics/{self.profile}/donors/export?{_YEARS}")

    def preview(self) -> None:
        layouts = json.loads(self._ask("/_dash-dependencies"))
        (callback,) = (each for each in layouts if each["output"] == "import-transactions-preview.children")
        known = {
            ("import-transactions-file", "contents"): f"data:text/csv;base64,{self.file}",
            ("import-transactions-file", "filename"): "purchases.csv",
            ("query", "data"): f"?profile={self.profile}",
        }
        self._call(callback, known, "import-transactions-file")

    def _call(self, callback: dict[str, Any], known: dict[tuple[str, str], Any], by: str) -> None:
        def given(part: dict[str, Any]) -> Any:
            if part["id"].startswith("{"):
                return []  # fields of which the page has none yet
            return {**part, "value": known.get((part["id"], part["property"]))}

        # "a.children", or of several "..a.children...b.data..".
        places = [place.rpartition(".") for place in callback["output"].strip(".").split("...")]
        outputs = [{"id": name, "property": prop} for name, _, prop in places]
        body = {
            "output": callback["output"],
            "outputs": outputs if callback["output"].startswith("..") else outputs[0],
            "inputs": [given(part) for part in callback["inputs"]],
            "state": [given(part) for part in callback["state"]],
            "changedPropIds": [f"{by}.{next(p['property'] for p in callback['inputs'] if p['id'] == by)}"],
        }
        self._ask("/_dash-update-component", json.dumps(body).encode(), {"Content-Type": "application/json"})

    def _ask(self, path: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> bytes:
        request = Request(f"{self.address}{path}", body, {"Origin": self.address, **(headers or {})})
        with self.browser.open(request, timeout=60) as answer:
            content: bytes = answer.read()
            return content
