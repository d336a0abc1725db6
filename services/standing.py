"""Whether somebody who was let in a while ago may stay: for connections that outlive their sign-in."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from models.schema import profiles
from models.stores import Stores
from services import accounts, tokens
from services.access import Caller
from services.tokens import Held

Key = tuple[object, ...]


@dataclass(frozen=True)
class Standing:
    """Who somebody is, and by what: a session (`epoch` of its account), or a token that is `held`."""

    caller: Caller
    epoch: int | None = None
    held: Held | None = None

    @property
    def key(self) -> Key:
        """Equal for those who stand and fall together."""
        return self.caller.account_id, self.epoch, self.caller.token

    @property
    def until(self) -> datetime | None:
        """When it ends by itself (aware UTC)."""
        return self.held.until if self.held else None

    @property
    def session(self) -> tuple[UUID, int] | None:
        """The account and epoch of a session."""
        if self.caller.account_id is None or self.epoch is None:
            return None
        return self.caller.account_id, self.epoch


def of_token(stores: Stores, token: str) -> Standing:
    """The holder of a token. Raises Unauthenticated when it is not ours, damaged, expired or revoked."""
    held = tokens.held(stores, token)
    return Standing(held.caller, held=held)


def renewed(stores: Stores, standings: Collection[Standing], at: datetime) -> dict[Key, Caller]:
    """Who they are now, by their keys, without those who hold no more. Asks as often,
    however many they are; raises Unavailable."""
    sessions = {each.session for each in standings if each.session}
    callers = accounts.callers_of(stores.database, sessions) if sessions else {}
    held = {each.held for each in standings if each.held}
    holding = tokens.holding(stores.database, held) if held else set()

    def now_is(standing: Standing) -> Caller | None:
        if standing.session:
            return callers.get(standing.session)
        ended = standing.until is not None and standing.until <= at
        revoked = standing.held is not None and standing.held not in holding
        return None if ended or revoked else standing.caller

    return {each.key: caller for each in standings if (caller := now_is(each))}


def gone(stores: Stores, profile_ids: Collection[UUID]) -> set[UUID]:
    """Those of these profiles that are no more. Raises Unavailable."""
    if not profile_ids:
        return set()
    with stores.database.transaction() as tx:
        own = profiles.c.profile_id
        there = tx.rows(select(own).where(own.in_(profile_ids)))
    return set(profile_ids) - {row["profile_id"] for row in there}
