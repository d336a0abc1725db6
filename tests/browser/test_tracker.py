"""The tracker on a site of another origin, in a real browser, against the served product."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from dash.testing.browser import Browser
from sqlalchemy import select

from components.settings.tracker import snippet
from models.clock import now
from models.schema import profile_events
from models.stores import Stores
from services import profiles
from services.profiles import Profile
from tests.browser.conftest import Person, World

pytestmark = pytest.mark.browser
AGENT = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
)
PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Anna</title><link rel="icon" href="data:,">
{snippet}{snippet}</head>
<body>
<h1>Anna</h1>
<a href="/gifts?token=secret#top">Gifts</a>
<button data-track="gift-catalog"><b>Catalog</b></button>
<button data-track-event="favorite">Like</button>
<form onsubmit="return false"><input name="words" required>
<button data-track-event="inquiry" data-track="form">Ask</button></form>
</body></html>
"""


class Site:
    """The provider's own site, and what the product has stored of it."""

    def __init__(self, port: int, stores: Stores, profile: Profile):
        self.origin = f"http://localhost:{port}"
        self.stores, self.profile = stores, profile

    def events(self, kind: str = "view") -> list[Any]:
        """The events of this kind that are stored, in the order of their time."""
        of_it = (profile_events.c.profile_id == self.profile.profile_id) & (
            profile_events.c.event_type == kind
        )
        with self.stores.database.transaction() as tx:
            return list(tx.rows(select(profile_events).where(of_it).order_by(profile_events.c.timestamp)))


@pytest.fixture
def site(empty: World) -> Iterator[Site]:
    """A site on `localhost`, of a profile that takes visits of it alone."""
    with empty.stores.database.transaction() as tx:
        profile = profiles.add(
            tx, name="Anna", time_zone="UTC", currency="EUR", at=now(), own_hosts=["localhost"]
        )
    page = PAGE.format(snippet=snippet(profile.public_key, empty.url)).encode()
    with served(page) as port:
        yield Site(port, empty.stores, profile)


@contextmanager
def served(page: bytes) -> Iterator[int]:
    """The port of a server that answers every address with the page."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(page)))
            self.end_headers()
            self.wfile.write(page)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def visitor(dash_br: Browser, site: Site) -> Iterator[Person]:
    """Somebody whose browser does not say that it is driven by a program: it would be a robot."""
    somebody = Person(dash_br, site.origin)
    somebody.driver.execute_cdp_cmd("Network.setUserAgentOverride", {"userAgent": AGENT})
    yield somebody
    somebody.driver.get("about:blank")


def arrive(visitor: Person, site: Site, number: int, kind: str = "view") -> list[Any]:
    """Waits until so many events are stored, and returns them."""
    visitor.wait.until(lambda _: len(site.events(kind)) >= number, f"there are not {number} of {kind}")
    found = site.events(kind)
    assert len(found) == number
    return found


def follow(visitor: Person, referrer: str, url: str) -> None:
    """Arrives there from a page that tells its whole address."""
    link = {"url": url, "referrer": referrer, "referrerPolicy": "unsafeUrl"}
    visitor.driver.execute_cdp_cmd("Page.navigate", link)


def timed(visitor: Person, site: Site, index: int = 0) -> float:
    """Waits for the visible seconds of the view at `index`, and returns them."""
    visitor.wait.until(
        lambda _: len(site.events()) > index and site.events()[index]["visible_ms"] is not None,
        "no visible time arrives",
    )
    return float(site.events()[index]["visible_ms"]) / 1000


def test_a_view_with_its_source_and_then_its_seconds(visitor: Person, site: Site) -> None:
    follow(visitor, "https://www.instagram.com/anna", f"{site.origin}/?secret=1&utm_campaign=May")
    (view,) = arrive(visitor, site, 1)
    assert view["referrer_source"] == "Instagram"
    assert view["url"] == f"{site.origin}/?utm_campaign=May"
    assert (view["utm_campaign"], view["device"], view["is_bot"]) == ("May", "desktop", False)
    assert view["visible_ms"] is None
    assert visitor.run("return document.cookie") == ""
    assert visitor.run("return localStorage.length + sessionStorage.length") == 0
    assert visitor.driver.get_cookies() == []
    visitor.driver.execute_async_script("setTimeout(arguments[0], 300)")
    visitor.driver.get("about:blank")
    assert timed(visitor, site) >= 0.3
    assert visitor.complaints() == []


def test_a_link_within_the_site_is_no_source_and_its_query_stays_there(visitor: Person, site: Site) -> None:
    visitor.open("/?session=secret")
    arrive(visitor, site, 1)
    visitor.click("Gifts")
    first, second = arrive(visitor, site, 2)
    timed(visitor, site)
    assert (first["referrer_source"], second["referrer_source"]) == ("Direct", None)
    assert [view["url"] for view in (first, second)] == [f"{site.origin}/", f"{site.origin}/gifts"]
    assert second["referrer"] == f"{site.origin}/"
    visitor.driver.back()
    assert arrive(visitor, site, 3)[2]["url"] == f"{site.origin}/"


def test_seconds_arrive_when_the_tab_is_hidden_and_when_it_is_closed(visitor: Person, site: Site) -> None:
    """What passes while it is hidden is not counted: the rest takes no longer than it was in front."""
    visitor.open("/")
    arrive(visitor, site, 1)
    driver, own = visitor.driver, visitor.driver.current_window_handle
    driver.switch_to.new_window("tab")
    other = driver.current_window_handle
    hidden = timed(visitor, site)
    driver.execute_async_script("setTimeout(arguments[0], 1500)")
    again = now()
    driver.switch_to.window(own)
    visitor.wait.until(lambda _: visitor.run("return document.visibilityState") == "visible")
    driver.execute_async_script("setTimeout(arguments[0], 300)")
    driver.close()
    driver.switch_to.window(other)
    visitor.wait.until(lambda _: timed(visitor, site) >= hidden + 0.3, "the last seconds do not arrive")
    assert timed(visitor, site) - hidden <= (now() - again).total_seconds()
    assert len(site.events()) == 1


def test_a_tab_that_is_opened_behind_counts_when_it_is_looked_at(visitor: Person, site: Site) -> None:
    visitor.driver.get("about:blank")
    own = visitor.driver.current_window_handle
    target = {"url": f"{site.origin}/", "background": True}
    behind = visitor.driver.execute_cdp_cmd("Target.createTarget", target)["targetId"]
    visitor.wait.until(lambda _: page_of(visitor, behind).get("title") == "Anna")
    assert site.events() == []
    looked_at = now()
    visitor.driver.switch_to.window(behind)
    (view,) = arrive(visitor, site, 1)
    assert view["timestamp"] >= looked_at - timedelta(milliseconds=1)
    visitor.driver.close()
    visitor.driver.switch_to.window(own)


def page_of(visitor: Person, target: str) -> dict[str, Any]:
    """What the browser knows of a tab that is not in front."""
    info: dict[str, Any] = visitor.driver.execute_cdp_cmd("Target.getTargetInfo", {"targetId": target})
    return dict(info["targetInfo"])


def test_a_single_page_site(visitor: Person, site: Site) -> None:
    visitor.open("/")
    arrive(visitor, site, 1)
    visitor.run("history.replaceState({}, '', '/?sorted=1'); history.pushState({}, '', '/gifts#rose')")
    arrive(visitor, site, 2)
    visitor.driver.back()
    first, second, third = arrive(visitor, site, 3)
    addresses = [view["url"] for view in (first, second, third)]
    assert addresses == [f"{site.origin}/", f"{site.origin}/gifts", f"{site.origin}/"]
    assert [view["referrer_source"] for view in (second, third)] == [None, None]
    assert [view["referrer"] for view in (second, third)] == [f"{site.origin}/", f"{site.origin}/gifts"]
    timed(visitor, site, 1)
    visitor.driver.get("about:blank")
    timed(visitor, site, 2)
    assert visitor.complaints() == []


def test_what_is_clicked(visitor: Person, site: Site) -> None:
    follow(visitor, "https://t.co/x", f"{site.origin}/?utm_source=letter")
    visitor.sees("Anna", "h1")
    visitor.run("history.pushState({}, '', '/shop')")
    visitor.run("document.querySelector('b').click()")
    visitor.click("Ask")
    visitor.click("Like")
    arrive(visitor, site, 1, "favorite")
    visitor.driver.find_element("name", "words").send_keys("Hello\n")
    (click,) = arrive(visitor, site, 1, "click")
    (inquiry,) = arrive(visitor, site, 1, "inquiry")
    assert [click["target"], inquiry["target"]] == ["gift-catalog", "form"]
    assert [click["referrer_source"], inquiry["referrer_source"]] == ["letter", "letter"]
    assert (inquiry["referrer"], inquiry["url"]) == (
        "https://t.co/x",
        f"{site.origin}/shop?utm_source=letter",
    )


@pytest.mark.parametrize("wish", ["globalPrivacyControl = true", 'doNotTrack = "1"'])
def test_who_asks_not_to_be_tracked_sends_nothing(visitor: Person, site: Site, wish: str) -> None:
    name, _, value = wish.partition(" = ")
    source = f"Object.defineProperty(navigator, '{name}', {{get: () => {value}, configurable: true}})"
    added = visitor.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": source})
    visitor.open("/")
    visitor.sees("Anna", "h1")
    visitor.click("Like")
    sent = "return performance.getEntriesByType('resource').map((one) => new URL(one.name).pathname)"
    assert visitor.run(sent) == ["/track.js"]
    visitor.driver.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", added)
    visitor.open("/again")
    (view,) = arrive(visitor, site, 1)
    assert view["url"] == f"{site.origin}/again"


def test_another_site_with_the_same_key_is_refused(visitor: Person, site: Site) -> None:
    elsewhere = site.origin.replace("localhost", "127.0.0.1")
    visitor.driver.get(f"{elsewhere}/")
    visitor.wait.until(lambda _: any("403" in line for line in visitor.complaints()))
    assert site.events() == []
