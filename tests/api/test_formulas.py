"""No file of ours makes a spreadsheet calculate: every export of a profile whose texts begin as formulas."""

import csv
import io

from flask.testing import FlaskClient
from flask_openapi3 import OpenAPI

from models.clock import now
from models.stores import Stores
from services import audit, costs
from services.ingest import events, transactions
from services.ingest.inputs import Cost, Event, Transaction
from services.profiles import Profile
from tests.api.conftest import Headers
from tests.judge import judging

CALCULATES = ("=", "+", "-", "@", "\t", "\r")
TEXTS = ('=HYPERLINK("http://evil.example","x")', "+1+1", "-2+3", "@SUM(1)", "\t=1", "\r=1")
NO_FILE_OF_ROWS = {"api.profiles.export"}
"""An archive, whose files tests/services/rights/ asks."""


def test_every_export(
    app: OpenAPI, client: FlaskClient, stores: Stores, alice: Headers, anna: Profile
) -> None:
    fill(stores, anna)
    below = (rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/api/"))
    routes = [r for r in below if r.rule.endswith("/export") and r.endpoint not in NO_FILE_OF_ROWS]
    assert len(routes) >= 11
    quoted = set()
    for rule in routes:
        address = rule.rule.replace("<uuid:profileId>", str(anna.profile_id))
        answer = client.get(f"{address}?period=30d", headers=alice)
        assert (answer.status_code, answer.mimetype) == (200, "text/csv"), rule.rule
        for row in csv.reader(io.StringIO(answer.text, newline="")):
            for cell in row:
                assert not cell.startswith(CALCULATES) or is_number(cell), (rule.rule, cell)
                if cell.startswith("'"):
                    quoted.add(rule.endpoint)
    assert {"api.costs.export_entries", "api.revenue.export_movements", "api.audit.export"} <= quoted


def is_number(cell: str) -> bool:
    try:
        return bool(str(float(cell)))
    except ValueError:
        return False


def fill(stores: Stores, anna: Profile) -> None:
    """A cost, a sale, a visit and an entry of the trail for each text."""
    at, own = now(), {"profile_id": anna.profile_id}
    day = anna.local_date(at)
    with stores.database.transaction() as tx:
        for many, text in enumerate(TEXTS):
            spent = {"category": "marketing", "description": text, "channel": text.strip(), "amount": "5"}
            costs.add(tx, anna, Cost(**own, date=day, **spent), at)
            kept = text.strip()
            gift = {"donorId": kept, "category": kept, "itemName": kept}
            shared = {"partnerId": kept, "split": {"profile": "0.6", "partner": "0.4"}}
            transactions.record(
                tx,
                anna,
                [
                    Transaction(**own, date=at, type="gift", amount="3", **gift),
                    Transaction(**own, date=at, type="booking", amount="9", **shared),
                ],
                at,
            )
            audit.record(tx, anna.profile_id, "cost-removed", text, at, f"{text} {many}")
    events.store(
        judging(stores), [Event(**own, event_type="view", visitor_id=text.strip()) for text in TEXTS], at
    )
