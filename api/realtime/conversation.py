"""What one client and the server say to each other: DESIGN's events, each answered or refused."""

import json
import logging
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from wsproto.events import BytesMessage, CloseConnection, Message, Ping, TextMessage

from api.realtime import frames
from api.realtime.subscription import Subscription
from api.realtime.wire import Wire
from models.errors import AppError, TooManyRequests, Unauthenticated
from models.feed import order
from services import standing
from services.access import READ, Caller
from services.standing import Standing

if TYPE_CHECKING:
    from api.realtime.sockets import Sockets

TOO_BIG, ABUSE, INTERNAL, RESTART = 1009, 1008, 1011, 1012
SIGNED_OUT, FORBIDDEN, SILENT = 4401, 4403, 4408

_Model = TypeVar("_Model", bound=BaseModel)
_log = logging.getLogger(__name__)
_WORDS = {
    "event": "`event` says what you want: authenticate, subscribe or unsubscribe.",
    "data": "`data` is an object.",
    "token": "`token` is a token (a JWT), as text.",
    "profileId": "`profileId` is the id of a profile, a UUID.",
    "since": "`since` is the id of a message, such as 1774972800123-0.",
}
"""What is said of a field that is missing or can't be that."""


class _Fields(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Said(_Fields):
    """What any message of a client has."""

    event: str
    data: dict[str, Any] = Field(default_factory=dict)


class _Authenticate(_Fields):
    token: str


class _Unsubscribe(_Fields):
    profileId: UUID  # noqa: N815  # as on the wire


class _Subscribe(_Unsubscribe):
    since: str | None = None

    @field_validator("since")
    @classmethod
    def _position(cls, since: str | None) -> str | None:
        if since is not None:
            order(since)
        return since


class Refused(AppError):
    """What a client said can't be taken; `code` says why."""

    def __init__(self, code: str, detail: str):
        super().__init__(detail)
        self.code = code


class Conversation:
    """One client, from its handshake to its end."""

    LARGEST = 4096
    """Bytes of a message of the client."""
    MOST, WITHIN = 30, 10.0
    """Its messages in so many seconds."""
    MOST_REFUSED = 20
    """Its messages that may be refused in a minute."""
    MOST_SUBSCRIPTIONS = 50

    def __init__(self, sockets: "Sockets", wire: Wire, known: Standing | None):
        self.sockets, self.wire, self.standing = sockets, wire, known
        self.stores, self.listener = sockets.stores, sockets.listener
        self.began = self.pinged_at = self.alive_at = time.monotonic()
        self._said_from = self._refused_from = self.began
        self._said = self._refused = 0
        self._message = ""
        self._subscriptions: dict[UUID, Subscription] = {}
        self._told_live = True

    def run(self) -> None:
        """Until the connection is over; raises nothing."""
        try:
            if self.standing is not None:
                self._greet()
            for event in self.wire.received():
                self.alive_at = time.monotonic()
                if isinstance(event, CloseConnection):
                    self.wire.close(event.code, "")
                    break
                if self.wire.closing_since is not None:
                    continue
                if isinstance(event, Ping) and self._within():
                    self.wire.put(frames.pong(bytes(event.payload)))
                elif isinstance(event, Message):
                    self._receive(event)
                self.wire.flush()
        except Exception:
            _log.exception("A live connection failed")
            self.wire.close(INTERNAL, "An error of ours; it was logged.")
        finally:
            for subscription in list(self._subscriptions.values()):
                subscription.end()
            self._subscriptions.clear()
            self.wire.abort()

    def send(self, frame: bytes, source: Subscription, before: str) -> None:
        """Queues a frame, to be sent with others."""
        self.wire.put(frame, source, before)
        self.touch()

    def touch(self) -> None:
        """Something is queued."""
        self.sockets.touch(self.wire)

    def tell_state(self, live: bool) -> None:
        """Tells once that what happens is told later, or live again."""
        if live != self._told_live:
            self._told_live = live
            self.wire.put(frames.control("live" if live else "waiting"))
            self.touch()

    def lag(self, subscription: Subscription, since: str) -> None:
        """Ends a subscription that the client was too slow for."""
        profile_id = subscription.profile_id
        subscription.end()
        if self._subscriptions.get(profile_id) is subscription:
            del self._subscriptions[profile_id]
        self.wire.put(frames.control("lagged", profileId=str(profile_id), since=since))

    def retry(self) -> None:
        """Begins the subscriptions that Redis was away for, or too slow."""
        for subscription in list(self._subscriptions.values()):
            subscription.retry()

    def end(self, code: int, reason: AppError | str) -> None:
        """Says why, and closes."""
        if isinstance(reason, AppError):
            self._complain(reason)
        self.wire.close(code, str(reason))

    def stands(self, caller: Caller | None) -> None:
        """Takes what became of the client's standing: None when it holds no more."""
        if caller is None:
            words = "Your sign-in or token holds no more; sign in again, or get a new token."
            self.end(SIGNED_OUT, Unauthenticated(words))
        elif any(not caller.may(READ, profile_id) for profile_id in self._subscriptions):
            self.end(FORBIDDEN, Refused("not-found", "A profile that you watch is not yours any more."))
        elif self.standing is not None:
            self.standing = replace(self.standing, caller=caller)

    @property
    def watched(self) -> set[UUID]:
        """The profiles that the client watches."""
        return set(self._subscriptions)

    def leave(self, profile_id: UUID) -> None:
        """Tells nothing of the profile any more, and says so."""
        if subscription := self._subscriptions.pop(profile_id, None):
            subscription.end()
        self.wire.put(frames.control("unsubscribed", profileId=str(profile_id)))
        self.touch()

    def _receive(self, event: Message[Any]) -> None:
        """Gathers the parts of a message, then takes it."""
        if not isinstance(event, TextMessage):
            if isinstance(event, BytesMessage) and event.message_finished:
                self._refuse(Refused("invalid-message", "Send text, with one JSON object in a message."))
            return
        self._message += event.data
        if len(self._message.encode()) > self.LARGEST:
            self._message = ""
            self.end(TOO_BIG, Refused("too-large", f"A message has {self.LARGEST} bytes at most."))
        elif event.message_finished:
            message, self._message = self._message, ""
            if self._within():
                self._take(message)

    def _within(self) -> bool:
        """Counts a message; whether it may be taken."""
        at = time.monotonic()
        if at - self._said_from > self.WITHIN:
            self._said_from, self._said = at, 0
        self._said += 1
        if self._said <= self.MOST:
            return True
        wait = max(1, round(self._said_from + self.WITHIN - at))
        self._refuse(TooManyRequests(f"Too many messages. Wait {wait} s, then go on.", wait))
        return False

    def _take(self, message: str) -> None:
        profile = None
        try:
            said = _parsed(message)
            profile = said.data.get("profileId")
            if said.event == "authenticate":
                self._authenticate(_checked(_Authenticate, said.data))
            elif said.event == "subscribe":
                self._subscribe(_checked(_Subscribe, said.data))
            elif said.event == "unsubscribe":
                self._unsubscribe(_checked(_Unsubscribe, said.data))
            else:
                raise Refused(
                    "unknown-event",
                    f"There is no event {said.event[:40]!r}; send authenticate, subscribe or unsubscribe.",
                )
        except AppError as error:
            self._refuse(error, profile if isinstance(profile, str) else None)

    def _authenticate(self, asked: _Authenticate) -> None:
        known = standing.of_token(self.stores, asked.token)
        known.caller.require_anywhere(READ)
        first = self.standing is None
        self.standing = known
        self.stands(known.caller)
        if first:
            self.sockets.signed_in(self)
        self._greet()

    def _greet(self) -> None:
        until = self.standing.until if self.standing else None
        told = until.isoformat().replace("+00:00", "Z") if until else None
        self.wire.put(frames.control("authenticated", expiresAt=told))
        self.wire.flush()

    def _subscribe(self, asked: _Subscribe) -> None:
        if self.standing is None:
            raise Unauthenticated("Sign in first: send authenticate with a token.")
        self.standing.caller.profile(self.stores.database, asked.profileId)
        before = self._subscriptions.pop(asked.profileId, None)
        if before is None and len(self._subscriptions) >= self.MOST_SUBSCRIPTIONS:
            raise Refused(
                "too-many-subscriptions", f"A connection watches {self.MOST_SUBSCRIPTIONS} profiles at most."
            )
        subscription = Subscription(self, asked.profileId, asked.since)
        self._subscriptions[asked.profileId] = subscription
        self.listener.watch(asked.profileId, subscription)
        if before is not None:
            before.end()
        subscription.start()

    def _unsubscribe(self, asked: _Unsubscribe) -> None:
        self.leave(asked.profileId)

    def _refuse(self, error: AppError, profile: str | None = None) -> None:
        at = time.monotonic()
        if at - self._refused_from > 60:
            self._refused_from, self._refused = at, 0
        self._refused += 1
        self._complain(error, profile)
        if self._refused > self.MOST_REFUSED:
            self.wire.close(ABUSE, "Too many messages that had to be refused.")

    def _complain(self, error: AppError, profile: str | None = None) -> None:
        about = {"profileId": profile} if profile else {}
        self.wire.put(frames.control("error", code=error.code, detail=str(error), **about))


def _parsed(message: str) -> _Said:
    try:
        said = json.loads(message)
    except (ValueError, RecursionError):
        raise Refused("invalid-message", "This is no JSON.") from None
    if not isinstance(said, dict):
        raise Refused("invalid-message", "Send one JSON object in a message.")
    return _checked(_Said, said)


def _checked(model: type[_Model], data: Any) -> _Model:
    try:
        return model.model_validate(data)
    except ValidationError as error:
        (first, *_) = error.errors(include_url=False, include_context=False, include_input=False)
        # Text that is none (half of a surrogate pair) has no place.
        field = str(first["loc"][0]) if first["loc"] else "?"
        unknown = f"There is no field {field[:40]!r} in this message."
        raise Refused("invalid-input", _WORDS.get(field, unknown)) from None
