"""Whether somebody who was let in a while ago may stay: for connections that outlive their sign-in."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from models.stores import Stores
from services import accounts, tokens
from services.access import Caller

Key = tuple[object, ...]


@dataclass(frozen=True)
class Standing:
    """Who somebody is, and by what: a session (`epoch` of its account), or a token, which ends at `until`
    (aware UTC) and is `listed` by its profile and id where it can be revoked."""

    caller: Caller
    epoch: int | None = None
    until: datetime | None = None
    listed: tuple[UUID, UUID] | None = None

    @property
    def key(self) -> Key:
        """Equal for those who stand and fall together."""
        return self.caller.account_id, self.epoch, self.caller.token

    @property
    def session(self) -> tuple[UUID, int] | None:
        """The account and epoch of a session."""
        if self.caller.account_id is None or self.epoch is None:
            return None
        return self.caller.account_id, self.epoch


def of_token(stores: Stores, token: str) -> Standing:
    """The holder of a token. Raises Unauthenticated when it is not ours, damaged, expired or revoked."""
    caller = tokens.caller_of(stores.database, stores.keys.jwt, token)
    _, token_id = tokens.decoded(stores.keys.jwt, token)
    listed = None if token_id is None else (next(iter(caller.scopes)), token_id)
    return Standing(caller, until=tokens.expires_at(token), listed=listed)


def renewed(stores: Stores, standings: Collection[Standing], at: datetime) -> dict[Key, Caller]:
    """Who they are now, by their keys, without those who hold no more. Asks twice, however many they are;
    raises Unavailable."""
    sessions = {each.session for each in standings if each.session}
    callers = accounts.callers_of(stores.database, sessions) if sessions else {}
    listed = {each.listed for each in standings if each.listed}
    unrevoked = tokens.unrevoked(stores.database, listed) if listed else set()

    def now_is(standing: Standing) -> Caller | None:
        if standing.session:
            return callers.get(standing.session)
        ended = standing.until is not None and standing.until <= at
        revoked = standing.listed is not None and standing.listed[1] not in unrevoked
        return None if ended or revoked else standing.caller

    return {each.key: caller for each in standings if (caller := now_is(each))}
