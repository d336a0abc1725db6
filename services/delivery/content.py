"""What is sent: an alert as a webhook has it and as people read it, or a test."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from typing import Any
from uuid import UUID

from sqlalchemy import select

from models.database import Transaction
from models.schema import gov_alerts
from services.live.message import GOV_ALERT, gov_alert, instant
from services.profiles import Profile

TEST = "test"
_KINDS = {
    "military": "the military",
    "law_enforcement": "law enforcement",
    "judiciary": "a court",
    "legislature": "a parliament",
    "intergov": "an international body",
    "national_civil": "a national government",
    "regional_local": "a regional or local government",
}


@dataclass(frozen=True)
class Content:
    """The message for one profile: `alert` are the columns of gov_alerts, None for a test."""

    profile: Profile
    alert: Mapping[str, Any] | None
    created_at: datetime

    def as_json(self) -> bytes:
        """The body of a webhook: type, timestamp, and the data of the live message of the same name."""
        if self.alert is None:
            kind, data = TEST, {"text": "This is a test: alerts will come to this address."}
        else:
            kind, data = GOV_ALERT, dict(gov_alert(self.alert).data)
        told = {
            "type": kind,
            "timestamp": instant(self.created_at),
            "data": {"profileId": str(self.profile.profile_id), "profileName": self.profile.name, **data},
        }
        return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()

    def as_mail(self, sender: str, to: str, delivery_id: UUID, at: datetime) -> EmailMessage:
        """The same as a mail of plain text, in the profile's zone."""
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Date"] = sender, to, format_datetime(at)
        mail["Message-ID"] = make_msgid(
            str(delivery_id), sender.rpartition("@")[2].strip("> ") or "localhost"
        )
        mail["Auto-Submitted"] = "auto-generated"
        mail["Subject"], text = self._words()
        mail.set_content(text)
        return mail

    def _words(self) -> tuple[str, str]:
        name = " ".join(self.profile.name.split())
        if self.alert is None:
            return f"Test: alerts of {name}", f"This is a test: alerts of {name} will come to this address.\n"
        alert = self.alert
        who = _KINDS.get(alert["kind"] or "", "a government")
        network = alert["organization"] or alert["asn"] or "a network without a name"
        moment = alert["event_timestamp"].astimezone(self.profile.tz)
        lines = [
            f"Somebody looked at {name} from the network of {who}.",
            "",
            f"Network: {' · '.join(filter(None, (alert['organization'], alert['asn']))) or network}",
            f"Country: {alert['country'] or 'unknown'}",
            f"Address: {alert['ip'] or 'no longer kept'}",
            f"Time: {moment:%Y-%m-%d %H:%M} ({self.profile.time_zone})",
            f"Certainty: {alert['confidence']:.0%}",
            "",
            *(f"- {reason}" for reason in alert["reasons"]),
            "",
            "The visitor was not blocked. Acknowledge the alert, or mute this network, on the page Safety.",
            "",
        ]
        return f"Government visit to {name}: {' '.join(network.split())[:100]}", "\n".join(lines)


def content_of(
    tx: Transaction, profile: Profile, alert_id: UUID | None, created_at: datetime
) -> Content | None:
    """What to send; None when the alert is gone."""
    if alert_id is None:
        return Content(profile, None, created_at)
    own = select(gov_alerts).where(gov_alerts.c.profile_id == profile.profile_id, gov_alerts.c.id == alert_id)
    row = tx.first(own)
    return Content(profile, dict(row), created_at) if row else None
