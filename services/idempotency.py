"""Repeated POSTs: the same Idempotency-Key meets the answer of the first."""

import hashlib
from datetime import datetime
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import insert, select

from models.database import Transaction
from models.errors import InvalidInput
from models.schema import idempotency_keys

K = idempotency_keys.c
LONGEST_KEY = 200


def earlier(tx: Transaction, profile_id: UUID, key: str, body: BaseModel) -> UUID | None:
    """What the first request with this key made; None when this is the first.

    Raises InvalidInput when the key came with another body. The caller holds the profile's lock.
    """
    if not 1 <= len(key) <= LONGEST_KEY:
        raise InvalidInput.at("Idempotency-Key", f"An Idempotency-Key has 1 to {LONGEST_KEY} characters.")
    row = tx.first(select(idempotency_keys).where(K.profile_id == profile_id, K.key == key))
    if row is None:
        return None
    if row["body_hash"] != _hash(body):
        raise InvalidInput.at(
            "Idempotency-Key", "This Idempotency-Key came with another body before.", "idempotency-key-reused"
        )
    made: UUID = row["resource_id"]
    return made


def remember(tx: Transaction, profile_id: UUID, key: str, body: BaseModel, made: UUID, at: datetime) -> None:
    """Keeps what the request with this key made."""
    values = {"profile_id": profile_id, "key": key, "body_hash": _hash(body), "resource_id": made}
    tx.run(insert(idempotency_keys).values(**values, created_at=at))


def _hash(body: BaseModel) -> str:
    return hashlib.sha256(body.model_dump_json().encode()).hexdigest()
