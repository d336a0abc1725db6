"""Networks that a profile has muted: those that are no government's, or not worth an alert to it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import RowMapping, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from models.database import Transaction
from models.errors import NotFound
from models.schema import gov_alerts, muted_networks
from services import audit
from services.alerts import inbox
from services.alerts.inbox import A, Alert, M


@dataclass(frozen=True)
class Muted:
    """A muted network: an organisation in an AS."""

    network_id: UUID
    organization: str | None
    asn: str | None
    muted_at: datetime


def mute(tx: Transaction, profile_id: UUID, alert_id: UUID, at: datetime) -> Muted:
    """No alert any more for the network of this one; those there are count as seen. Raises NotFound."""
    tx.lock_profile(profile_id)
    alert = inbox.find(tx, profile_id, alert_id)
    row = {
        "profile_id": profile_id,
        "network_id": alert.network_id,
        "organization": alert.organization,
        "asn": alert.asn,
        "muted_at": at,
    }
    if tx.run(insert(muted_networks).values(row).on_conflict_do_nothing()):
        own = (A.profile_id == profile_id, A.network_id == alert.network_id, A.seen_at.is_(None))
        tx.run(update(gov_alerts).where(*own).values(seen_at=at))
        audit.note(tx, profile_id, "network-muted", at, _called(alert))
    return find(tx, profile_id, alert.network_id)


def unmute(tx: Transaction, profile_id: UUID, network_id: UUID) -> Muted:
    """Alerts for this network again; what was unseen when it was muted is so again. Raises NotFound."""
    tx.lock_profile(profile_id)
    muted = find(tx, profile_id, network_id)
    tx.run(delete(muted_networks).where(M.profile_id == profile_id, M.network_id == network_id))
    inbox.forget(tx, profile_id, muted.muted_at, A.network_id == network_id)
    audit.note(tx, profile_id, "network-unmuted", None, _called(muted))
    return muted


def listing(tx: Transaction, profile_id: UUID) -> list[Muted]:
    """The muted networks of the profile, the last one first."""
    own = select(muted_networks).where(M.profile_id == profile_id)
    return [_muted(row) for row in tx.rows(own.order_by(M.muted_at.desc(), M.network_id))]


def find(tx: Transaction, profile_id: UUID, network_id: UUID) -> Muted:
    """One muted network; raises NotFound."""
    row = tx.first(select(muted_networks).where(M.profile_id == profile_id, M.network_id == network_id))
    if row is None:
        raise NotFound("This network is not muted.")
    return _muted(row)


def _called(network: Alert | Muted) -> str:
    return " ".join(filter(None, (network.organization, network.asn))) or "without a name"


def _muted(row: RowMapping) -> Muted:
    return Muted(row["network_id"], row["organization"], row["asn"], row["muted_at"])
