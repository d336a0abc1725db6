"""The product as a person meets it: served by gunicorn, opened in Chromium."""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import redis
from dash.testing.browser import Browser
from selenium.common.exceptions import StaleElementReferenceException, WebDriverException
from selenium.webdriver.common.keys import Keys as Key
from selenium.webdriver.support.expected_conditions import staleness_of
from selenium.webdriver.support.wait import WebDriverWait

from models.clock import now
from models.database import Database
from models.embedded import Endpoints
from models.keys import Keys
from models.stores import Stores
from services import accounts, costs, profiles, rates
from services.ingest import events, transactions
from services.ingest.inputs import Cost, Event, Transaction
from services.profiles import Profile
from tests.conftest import copy_of
from tests.judge import MINISTRY, judging
from tests.served import Served

ROOT = Path(__file__).parents[2]
AXE = (ROOT / "tests" / "data" / "axe" / "axe.min.js").read_text(encoding="utf-8")
PASSWORD = "a long password"
PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1"
)


@dataclass(frozen=True)
class World:
    """A served product: Alice owns Anna's profile and Bob may look at it; Charlie has one of his own."""

    url: str
    stores: Stores
    anna: Profile
    other: Profile
    served: Served


@pytest.fixture(scope="module")
def empty(endpoints: Endpoints, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A served product without accounts."""
    with copy_of(endpoints, template) as database_url:
        folder = tmp_path_factory.mktemp("data")
        assert endpoints.redis_url is not None
        client = redis.Redis.from_url(endpoints.redis_url, decode_responses=True)
        client.flushall()
        stores = Stores(Database(database_url), client, Keys(folder / "keys"))
        nobody = Profile(uuid4(), "Nobody", "UTC", "USD")
        served = Served(
            database_url, endpoints.redis_url, folder, PLATFORM_ANALYTICS_WEBHOOKS_ALLOW_HTTP="true"
        )
        with served as url:
            yield World(url, stores, nobody, nobody, served)
        stores.close()


@pytest.fixture(scope="module")
def worker(empty: World) -> Iterator[None]:
    """The background process beside the served product."""
    process = subprocess.Popen([sys.executable, "worker.py"], cwd=ROOT, env=empty.served.environ)
    try:
        yield
    finally:
        process.terminate()
        process.wait(30)


@pytest.fixture(scope="module")
def world(empty: World) -> World:
    """The same, with three accounts, two profiles and half a year of history."""
    with empty.stores.database.transaction() as tx:
        anna = profiles.add(tx, name="Anna", time_zone="Europe/Berlin", currency="EUR", at=now())
        other = profiles.add(tx, name="Carl", time_zone="Asia/Kolkata", currency="JPY", at=now())
        for name, profile, role in (
            ("alice", anna, "owner"), ("bob", anna, "viewer"), ("charlie", other, "owner"),
        ):  # fmt: skip
            account = accounts.add(tx, f"{name}@example.com", PASSWORD, now())
            accounts.grant(tx, account.account_id, profile.profile_id, role, now())
    _history(judging(empty.stores), anna)
    return World(empty.url, empty.stores, anna, other, empty.served)


def _history(stores: Stores, profile: Profile) -> None:
    who, today = {"profile_id": profile.profile_id}, profile.local_date(now())
    rates.load_shipped(stores.database, today - timedelta(days=400))
    moments = [now() - timedelta(days=day, minutes=7) for day in range(180)]
    referrers = ("https://www.instagram.com/", "https://google.de/", None)
    looked = [
        Event(
            **who,
            event_type="view",
            timestamp=at,
            visitor_id=f"v{index % 40}-{many}",
            duration_seconds=30 + many,
            referrer=referrers[many % 3],
            country="DE",
            user_agent=PHONE,
        )
        for index, at in enumerate(moments)
        for many in range(1 + index % 4)
    ]
    asked = [Event(**who, event_type="inquiry", timestamp=at, visitor_id="v1") for at in moments[::5]]
    clicked = [
        Event(**who, event_type=kind, timestamp=at, visitor_id="v2", target="gift-catalog")
        for kind, step in (("click", 4), ("favorite", 7), ("share", 11))
        for at in moments[::step]
    ]
    apart = [Event(**who, event_type="view", timestamp=at, user_agent="Googlebot/2.1") for at in moments[::6]]
    apart += [Event(**who, event_type="view", timestamp=at, is_owner=True) for at in moments[::9]]
    officials = [Event(**who, event_type="view", timestamp=at, ip=MINISTRY) for at in moments[3:60:20]]
    events.store(stores, looked + asked + clicked + apart + officials, now())
    earned = [
        Transaction(
            **who,
            transaction_type=("booking", "gift", "subscription", "affiliate")[index % 4],
            amount=f"{40 + index}.50",
            transaction_date=at,
            counterparty_id=f"p{index % 9}",
            category=("roses", "books")[index % 2],
            currency="USD" if index == 60 else "EUR",
            **_shared(index),
        )
        for index, at in enumerate(moments[::2])
    ]
    refunded = {"status": "refunded", "refunded_amount": "50", "refunded_at": moments[8]}
    given_back = Transaction(
        **who, transaction_type="booking", amount="200", transaction_date=moments[9], **refunded
    )
    no_rate = Transaction(
        **who, transaction_type="gift", amount="10", currency="XAF", transaction_date=moments[1]
    )
    waiting = Transaction(
        **who, transaction_type="booking", amount="75", status="pending", transaction_date=moments[2]
    )
    categories = ("marketing", "subscriptions", "tools", "platform_fees")
    spent = [
        Cost(
            **who,
            category=categories[number % 4],
            description=f"{categories[number % 4].title()} {number}",
            amount=f"{10 + number}.25",
            expense_date=today - timedelta(days=9 * number),
            channel=None if number % 4 else "Instagram",
        )
        for number in range(12)
    ]
    with stores.database.transaction() as tx:
        transactions.record(tx, profile, [*earned, given_back, no_rate, waiting], now())
        costs.record(tx, profile, spent, now())


def _shared(index: int) -> dict[str, Any]:
    """Every third booking is shared, 24 days after the one before; Elif has not been there for 80 days."""
    partner = {0: "noa", 4: "elif" if index >= 40 else None}.get(index % 12)
    return {"partner_id": partner, "split": {"profile": "0.6", "partner": "0.4"}} if partner else {}


class Person:
    """Somebody at a browser. Waits for what is to be seen, never for a time."""

    def __init__(self, browser: Browser, url: str):
        self.driver, self.url = browser.driver, url
        self.driver.implicitly_wait(0)
        self.wait = WebDriverWait(
            self.driver, 20, 0.1, ignored_exceptions=[StaleElementReferenceException, WebDriverException]
        )

    def open(self, path: str) -> None:
        self.driver.get(self.url + path)

    def sign_in(self, name: str, password: str = PASSWORD) -> None:
        """Fills in the form and waits for the answer; where it leads is for the test to see."""
        if "/sign-in" not in self.driver.current_url:
            self.open("/sign-in")
        self.driver.find_element("name", "email").send_keys(f"{name}@example.com")
        self.driver.find_element("name", "password").send_keys(password)
        form = self.driver.find_element("css selector", "form")
        form.find_element("css selector", "button[type=submit]").click()
        self.wait.until(staleness_of(form))

    def sees(self, text: str, within: str = "body") -> None:
        """Waits until the text is to be seen there."""
        self.wait.until(lambda _: text in self.text(within), f"{text!r} does not appear in {within}")

    def misses(self, text: str, within: str = "body") -> None:
        """Waits until the text is gone from there."""
        self.wait.until(lambda _: text not in self.text(within), f"{text!r} stays in {within}")

    def text(self, within: str = "body") -> str:
        return "\n".join(each.text for each in self.driver.find_elements("css selector", within))

    def click(self, text: str, within: str = "body") -> None:
        """Clicks the link, button or menu that is called `text`."""
        self.wait.until(lambda _: self.run(_CLICK, within, text), f"nothing to click is called {text!r}")

    def undo(self, told: str) -> None:
        """Clicks the undo of the toast that tells this."""
        self.wait.until(lambda _: self.run(_UNDO, told), f"there is no undo for {told!r}")

    def act(self, **asked: str) -> None:
        """Asks for what no button asks for."""
        self.run("dash_clientside.set_props('act', {data: arguments[0]})", asked)

    def fill(self, label: str, value: str, within: str = "body") -> None:
        """Types into the field with this label."""
        field = self.wait.until(lambda _: self.run(_FIELD, within, label), f"no field is called {label!r}")
        self.run("arguments[0].select()", field)
        field.send_keys(value + "\t")
        # What was typed reaches the page with its next timers; a script could click before them.
        self.driver.execute_async_script(_NEXT_FRAME)

    def enter(self, label: str, within: str = "body") -> None:
        """Presses Enter in the field with this label."""
        field = self.wait.until(lambda _: self.run(_FIELD, within, label), f"no field is called {label!r}")
        field.send_keys(Key.ENTER)

    def choose(self, label: str, option: str, within: str = "body") -> None:
        """Picks the option of the select with this label."""
        field = self.wait.until(lambda _: self.run(_FIELD, within, label), f"no field is called {label!r}")
        self.run("arguments[0].scrollIntoView({block: 'center'})", field)
        field.click()
        self.wait.until(lambda _: self.run(_OPTION, option), f"there is no option {option!r}")

    def number(self, label: str) -> str:
        """The exact value of the figure with this label, as it is written for the reader."""
        found: str = self.wait.until(lambda _: self.run(_NUMBER, label), f"no figure is called {label!r}")
        return found

    def settled(self) -> None:
        """Waits until every box of the page has been filled."""
        self.wait.until(lambda _: self.run(_SETTLED), "the page does not come to rest")

    def run(self, script: str, *arguments: object) -> Any:
        """What the script returns, of whatever kind."""
        return self.driver.execute_script(script, *arguments)

    def fetch(
        self, path: str, method: str = "GET", body: object = None, token: str | None = None
    ) -> tuple[int, str]:
        """What the product answers to a request of this page, with its cookie or with a token."""
        status, text = self.driver.execute_async_script(
            _FETCH, path, method, json.dumps(body) if body else None, token
        )
        return status, text

    def complaints(self) -> list[str]:
        """What the browser's console complains about."""
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def findings(self) -> list[str]:
        """What axe-core finds of serious or critical in the page."""
        self.run(AXE)
        found: list[dict[str, Any]] = self.driver.execute_async_script(_RUN_AXE)
        return [f"{one['id']}: {one['help']}" for one in found if one["impact"] in ("serious", "critical")]

    def narrow(self, width: int = 390) -> None:
        """A phone."""
        metrics = {"width": width, "height": 844, "deviceScaleFactor": 1, "mobile": True}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)


@pytest.fixture
def person(dash_br: Browser, world: World) -> Person:
    """Somebody who has opened nothing yet."""
    return Person(dash_br, world.url)


_NEXT_FRAME = "requestAnimationFrame(() => setTimeout(arguments[0]))"
_CLICK = """
const [within, name] = arguments;
const text = (one) => one.innerText.trim();
const names = (one) => [one.getAttribute("aria-label"), one.title, text(one), text(one).split("\\n")[0]];
for (const part of document.querySelectorAll(within))
  for (const one of part.querySelectorAll("a, button, summary"))
    if (names(one).includes(name) && one.getClientRects().length) {
      one.click(); return true;
    }
return false;
"""
_UNDO = """
for (const button of document.querySelectorAll("button"))
  if (button.innerText.trim() === "Undo" && button.closest("[role=alert]").innerText.includes(arguments[0])) {
    button.click(); return true;
  }
return false;
"""
_RUN_AXE = "axe.run().then((found) => arguments[0](found.violations))"
_FIELD = """
const [within, name] = arguments;
for (const part of document.querySelectorAll(within))
  for (const label of part.querySelectorAll("label"))
    if (label.innerText.trim() === name) return document.getElementById(label.htmlFor);
return null;
"""
_OPTION = """
for (const option of document.querySelectorAll("[role=option]"))
  if (option.innerText.trim() === arguments[0] && option.getClientRects().length) {
    option.click(); return true;
  }
return false;
"""
_NUMBER = """
for (const label of document.querySelectorAll("h2"))
  if (label.innerText.trim() === arguments[0]) {
    const number = label.parentElement.querySelector("[title]:not(h2)");
    if (number) return number.title;
  }
return null;
"""
_SETTLED = """
const boxes = [...document.querySelectorAll("main .box")];
return boxes.length > 0 && !document.querySelector("[data-dash-is-loading], .skeleton, [aria-busy=true]");
"""
_FETCH = """
const [path, method, body, token, done] = arguments;
const headers = body ? {"Content-Type": "application/json"} : {};
if (token) headers.Authorization = `Bearer ${token}`;
fetch(path, {method, body, headers})
  .then(async (answer) => done([answer.status, await answer.text()]), (error) => done([0, String(error)]));
"""
