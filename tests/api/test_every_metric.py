"""Where REST shows each metric. A metric that is nowhere fails here.

`SHOWN` has, by metric: the address, and the place of the figure in its answer. The pages and files can
be walked by the same table.
"""

import csv
import io
from typing import Any

import pytest

from models.clock import now
from models.stores import Stores
from services import scope
from services.metrics import METRICS, pricing, report, subscriptions
from services.metrics.encode import plain
from services.profiles import Profile
from tests.api.conftest import Ask

OVERVIEW = "/api/profile-analytics/{}/overview"
GIFTS = "/api/gift-analytics/{}/summary"
REVENUE = "/api/revenue/{}/summary"
COSTS = "/api/costs/{}/summary"
PNL = "/api/pnl/{}"
DUO = "/api/duo-referrals/{}"
SHOWN: dict[str, tuple[str, tuple[str, ...]]] = {
    **{
        key: (OVERVIEW, (key,))
        for key in (
            "views",
            "uniqueVisitors",
            "inquiries",
            "conversionRate",
            "avgTimeOnProfile",
            "clicks",
            "favorites",
            "shares",
            "botHits",
            "ownerHits",
            "govVisits",
        )
    },
    "giftRevenue": (GIFTS, ("revenue",)),
    "giftCount": (GIFTS, ("giftCount",)),
    "donorCount": (GIFTS, ("donorCount",)),
    "averageGift": (GIFTS, ("averageGift",)),
    **{
        key: (REVENUE, (key,))
        for key in ("gross", "refunds", "net", "pending", "sales", "partnerShare", "affiliateSales")
    },
    **{key: (REVENUE, ("bySource", key)) for key in ("bookings", "gifts", "subscriptions", "affiliate")},
    **{key: (DUO, (key,)) for key in ("duoBookings", "duoRevenue", "duoShare")},
    **{key: (REVENUE, ("subscribers", name)) for name, key in subscriptions.NAMES.items()},
    **{metric.key: (REVENUE, ("pricing", metric.key)) for metric in pricing.METRICS},
    "costs": (COSTS, ("total",)),
    "marketing": (COSTS, ("byCategory", "marketing")),
    "subscriptionCosts": (COSTS, ("byCategory", "subscriptions")),
    "tools": (COSTS, ("byCategory", "tools")),
    "platformFees": (COSTS, ("byCategory", "platform_fees")),
    "costPerView": (COSTS, ("costPerView",)),
    "costPerInquiry": (COSTS, ("costPerInquiry",)),
    **{key: (PNL, (key,)) for key in ("grossProfit", "netProfit", "grossMargin", "netMargin")},
}
NOWHERE = {
    "visibleTime": "what avgTimeOnProfile is computed from",
    "timedViews": "what avgTimeOnProfile is computed from",
}


def test_every_metric_is_somewhere() -> None:
    assert SHOWN.keys() | NOWHERE.keys() == METRICS.keys()
    assert not SHOWN.keys() & NOWHERE.keys()


@pytest.mark.usefixtures("a_month")
def test_rest_shows_what_the_metric_says(stores: Stores, get: Ask, anna: Profile) -> None:
    for period in ({"period": "30d"}, {"period": "24h"}, {"period": "12m", "compare": "year"}):
        figures = report(stores.database, scope.parse(anna, period, now()), METRICS)
        answers: dict[str, Any] = {}
        for key, (address, place) in SHOWN.items():
            body = answers.setdefault(address, get(address.format(anna.profile_id), **period).json)
            figure = figures[key]
            assert found(body, place) == plain(figure.metric, figure.total, "EUR"), (key, period)
            if address != PNL:
                before = found(body["comparison"], place)
                assert before == plain(figure.metric, figure.before, "EUR"), (key, period)


@pytest.mark.usefixtures("a_month")
def test_files_show_what_the_metric_says(stores: Stores, get: Ask, anna: Profile) -> None:
    figures = report(stores.database, scope.parse(anna, {"period": "30d"}, now()), METRICS)
    for key, (address, _) in SHOWN.items():
        noun = address if address in (PNL, DUO) else address.rsplit("/", 1)[0]
        file = get(f"{noun.format(anna.profile_id)}/export", period="30d", format="csv")
        (row,) = [row for row in csv.DictReader(io.StringIO(file.text)) if row["line"] == key]
        figure = figures[key]
        total = plain(figure.metric, figure.total, "EUR")
        assert row["total"] == ("" if total is None else str(total)), key
        cells = list(row.values())[3 : 3 + len(figures.buckets)]
        points = [plain(figure.metric, value, "EUR") for value in figure.points]
        assert cells == ["" if value is None else str(value) for value in points], key


@pytest.mark.usefixtures("a_month")
def test_no_figure_of_the_month_is_empty(get: Ask, anna: Profile) -> None:
    for key, (address, place) in SHOWN.items():
        shown = found(get(address.format(anna.profile_id)).json, place)
        assert shown not in (None, 0, "0.00"), f"nothing would show a wrong {key}"


def found(body: Any, place: tuple[str, ...]) -> Any:
    """The figure at this place of an answer."""
    for name in place:
        body = body[name]
    return body
