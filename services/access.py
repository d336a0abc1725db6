"""Who asks, and what they may: the one place where a profile is matched with its caller."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from models.database import Database
from models.errors import Forbidden, NotFound
from services import profiles
from services.profiles import Profile

READ, COSTS_WRITE, EVENTS_WRITE, ADMIN = "read", "costs:write", "events:write", "admin"
SCOPES = (READ, COSTS_WRITE, EVENTS_WRITE, ADMIN)
_OF_ROLE = {"owner": frozenset(SCOPES), "viewer": frozenset({READ})}


@dataclass(frozen=True)
class Caller:
    """Someone who asks: a signed-in account, or the holder of a token.

    `scopes` says what the caller may do with each profile; `everything`, when it is not None, what a
    platform service may do with any profile.
    """

    subject: str
    scopes: Mapping[UUID, frozenset[str]] = field(default_factory=dict)
    everything: frozenset[str] | None = None
    account_id: UUID | None = None
    email: str | None = None
    token: str | None = None
    """A digest of the token it came with."""
    is_operator: bool = False
    """Whether it may see how the installation does."""

    @property
    def limited_as(self) -> str:
        """What its requests are counted by: each token for itself, an account however it comes."""
        return self.token or self.subject

    @classmethod
    def of_roles(
        cls, account_id: UUID, email: str, roles: Mapping[UUID, str], is_operator: bool = False
    ) -> "Caller":
        """A signed-in account with its role on each profile."""
        scopes = {profile_id: _OF_ROLE[role] for profile_id, role in roles.items()}
        return cls(str(account_id), scopes, account_id=account_id, email=email, is_operator=is_operator)

    def may(self, scope: str, profile_id: UUID) -> bool:
        """Whether the caller may do this with the profile."""
        if self.everything is not None:
            return scope in self.everything
        return scope in self.scopes.get(profile_id, frozenset())

    def profile(self, database: Database, profile_id: UUID, scope: str = READ) -> Profile:
        """The profile, when it is the caller's and the caller may do `scope` with it.

        Raises NotFound when it is not the caller's, the same as when there is none, and Forbidden
        when it is but the scope is missing.
        """
        self.require(profile_id, scope)
        return profiles.find(database, profile_id)

    def require(self, profile_id: UUID, scope: str) -> None:
        """The same check without reading the profile."""
        if self.everything is None and profile_id not in self.scopes:
            raise NotFound("There is no such profile.")
        if not self.may(scope, profile_id):
            raise Forbidden(f"This needs the scope {scope}, which you don't have.")

    def require_anywhere(self, scope: str) -> None:
        """That the caller may do this with any profile at all. Raises Forbidden when it may not."""
        if not any(scope in scopes for scopes in (self.everything or (), *self.scopes.values())):
            raise Forbidden(f"This needs the scope {scope}, which you don't have.")

    def profiles(self, database: Database) -> list[Profile]:
        """The caller's profiles, by name."""
        if self.everything is not None:
            return profiles.every(database)
        return profiles.these(database, self.scopes.keys())

    @property
    def called(self) -> str:
        """What members of the profile know whoever asks by: the account's address, or the token's subject."""
        return self.email or self.subject

    @property
    def is_platform(self) -> bool:
        """Whether it speaks for others: what it says of an event's address and user agent is believed."""
        return self.everything is not None
