"""Every metric over every surface: what a page shows is what the definition says, as REST and CSV do."""

import json

import pytest

from components.format import Format
from models.clock import now
from services import scope
from services.metrics import METRICS, pricing, report, subscriptions
from services.metrics.encode import plain
from tests.api.test_every_metric import NOWHERE, SHOWN, found
from tests.browser.conftest import Person, World

pytestmark = pytest.mark.browser
PERIOD = {"period": "90d"}
# Where a page shows each metric: on a card of its own, in a list, or in a row of a table.
ON_PAGE = {
    "/performance": {
        "views": "card",
        "uniqueVisitors": "card",
        "inquiries": "card",
        "conversionRate": "card",
        "avgTimeOnProfile": "card",
        "clicks": "list",
        "favorites": "list",
        "shares": "list",
        "botHits": "list",
        "ownerHits": "list",
    },
    "/revenue": {
        "gross": "card",
        "refunds": "card",
        "net": "card",
        "pending": "card",
        "affiliateSales": "card",
        **{metric.key: "card" for module in (subscriptions, pricing) for metric in module.METRICS},
        "bookings": "row",
        "gifts": "row",
        "subscriptions": "row",
        "affiliate": "row",
    },
    "/gifts": {"giftRevenue": "card", "giftCount": "card", "donorCount": "card", "averageGift": "card"},
    "/partners": {"duoBookings": "card", "duoRevenue": "card", "duoShare": "card", "partnerShare": "card"},
    "/costs": {
        "costs": "card",
        "marketing": "card",
        "subscriptionCosts": "card",
        "tools": "card",
        "platformFees": "card",
        "costPerView": "card",
        "costPerInquiry": "card",
    },
    "/safety": {"govVisits": "card"},
    "/pnl": {"grossProfit": "row", "netProfit": "row", "grossMargin": "row", "netMargin": "row"},
}
ON_NO_PAGE = {
    **NOWHERE,
    "sales": "counts payments of all sources; for machines",
}


def test_every_metric_is_on_a_page() -> None:
    shown = [key for metrics in ON_PAGE.values() for key in metrics]
    assert len(shown) == len(set(shown))
    assert set(shown) | ON_NO_PAGE.keys() == METRICS.keys()


def test_page_and_api_show_what_the_metric_says(person: Person, world: World) -> None:
    fmt = Format.of("en-US")
    person.sign_in("alice")
    figures = report(world.stores.database, scope.parse(world.anna, PERIOD, now()), METRICS)
    for path, metrics in ON_PAGE.items():
        person.open(f"{path}?period=90d")
        person.settled()
        for key, place in metrics.items():
            figure = figures[key]
            assert figure.total, f"there is nothing to see of {key}"
            exact = fmt.value(figure.total, figure.metric.unit, figure.currency)
            if place == "card":
                assert person.number(figure.metric.label) == exact, key
            elif place == "list":
                assert f"{figure.metric.label}\n" in person.text("main li"), key
                assert fmt.headline(figure.total, figure.metric.unit, figure.currency) in person.text(
                    "main li"
                )
            else:
                row = person.wait.until(lambda _, label=figure.metric.label: person.run(_ROW, label), key)
                bare = fmt.amount(figure.total, "EUR") if figure.currency and path == "/pnl" else exact
                assert bare in row, (key, row)
            address, where = SHOWN[key]
            _, answer = person.fetch(f"{address.format(world.anna.profile_id)}?period=90d")
            assert found(json.loads(answer), where) == plain(figure.metric, figure.total, "EUR"), key


_ITEM = """
for (const item of document.querySelectorAll("main li")) {
  const lines = item.innerText.split("\\n").map((line) => line.trim()).filter(Boolean);
  if (lines[0] === arguments[0]) return lines;
}
return null;
"""
_ROW = """
for (const row of document.querySelectorAll("main tr")) {
  const cells = [...row.cells].map((cell) => cell.innerText.trim());
  if (cells[0] === arguments[0]) return cells;
}
return null;
"""
