"""The engagement figures of today: the definitions that the pages show, run again."""

from datetime import datetime
from uuid import UUID

from models.ids import new_id
from models.period import Comparison, Granularity, Period
from models.stores import Stores
from services import metrics, profiles
from services.live.message import ENGAGEMENT_UPDATE, Message
from services.live.presence import active
from services.metrics.encode import plain
from services.scope import Scope

FIGURES = ("views", "uniqueVisitors", "inquiries", "conversionRate", "favorites", "shares")
"""The metrics that a message of this kind holds, by their keys."""


def engagement(stores: Stores, profile_id: UUID, at: datetime) -> Message:
    """The figures of the profile's day so far, and its visitors of the last minutes.

    Raises NotFound without such a profile, and Unavailable.
    """
    profile = profiles.find(stores.database, profile_id)
    day = profile.local_date(at)
    period = Period.of_days(day, day, profile.time_zone)
    report = metrics.report(
        stores.database, Scope(profile, period, Granularity.DAY, Comparison.NONE, at), FIGURES
    )
    last5, last30 = active(stores, profile_id, at)
    figures = {key: plain(report[key].metric, report[key].total, profile.currency) for key in FIGURES}
    data = {
        **figures,
        "date": day.isoformat(),
        "activeVisitors": {"last5Minutes": last5, "last30Minutes": last30},
    }
    return Message(profile_id, ENGAGEMENT_UPDATE, new_id(), data)
