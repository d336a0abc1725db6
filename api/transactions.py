"""Money earned, from platforms, scripts and by hand."""

from flask import Response, jsonify
from flask_openapi3 import APIBlueprint, Tag

from api.schemas import Recorded
from models.clock import now
from services.access import EVENTS_WRITE
from services.ingest import transactions
from services.ingest.inputs import Transaction
from services.ingest.transactions import Fate
from services.live.outbox import committing
from session import caller, stores

blueprint = APIBlueprint(
    "transactions", __name__, url_prefix="/transactions", abp_tags=[Tag(name="Transactions")]
)


@blueprint.post("", responses={200: Recorded, 201: Recorded})
def record(body: Transaction) -> tuple[Response, int]:
    """Records a transaction (201), or moves a known one forward (200): pending, completed, refunded.

    What would move it back is stale and changes nothing; `outcome` says what happened.
    """
    profile = caller().profile(stores().database, body.profile_id, EVENTS_WRITE)
    with committing(stores()) as tx:
        outcome = transactions.record(tx, profile, [body], now(), pointer="", traced=not caller().is_platform)
    fate = outcome.fates[0]
    answer = {"id": str(outcome.ids[0]), "profileId": str(profile.profile_id), "outcome": fate}
    return jsonify(answer), 201 if fate is Fate.CREATED else 200
