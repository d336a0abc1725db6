"""All live connections of this process, and what is done for them together: one listener, one sender, one
look at the clock, one question about who may stay."""

import logging
import time
from collections.abc import Callable
from datetime import datetime
from threading import Event, Thread

from api.realtime import frames
from api.realtime.conversation import (
    RESTART,
    SIGNED_OUT,
    SILENT,
    Conversation,
)
from api.realtime.wire import Wire
from models.clock import now
from models.errors import AppError, Unauthenticated, Unavailable
from models.stores import Stores
from services import standing
from services.live.listener import Listener

_log = logging.getLogger(__name__)


class Sockets:
    """The live connections of one process. Times are in seconds."""

    MOST_STRANGERS = 500
    """Connections that have not signed in, at once."""
    SIGN_IN_WITHIN = 10.0
    PING_EVERY = 25.0
    SEND_WITHIN = 20.0
    """For which a client may take nothing of what is sent to it."""
    CLOSE_WITHIN = 1.0
    CHECK_EVERY = 30.0
    """Between two questions about who may stay."""
    TICK = 1.0

    def __init__(self, stores: Stores):
        self.stores = stores
        self.listener = Listener(stores, frames.of_entry, self._rest)
        self._conversations: set[Conversation] = set()
        self._strangers: set[Conversation] = set()
        self._touched: list[Wire] = []
        self._something = Event()
        self._started = self._closing = False

    def admit(self, is_stranger: bool) -> None:
        """Raises Unavailable when nobody else may connect now, or nobody that is not signed in yet."""
        if self._closing:
            raise Unavailable("The server restarts; connect again.", 1)
        if is_stranger and len(self._strangers) >= self.MOST_STRANGERS:
            raise Unavailable("Too many connections have not signed in yet; connect again.", 5)

    def serve(self, conversation: Conversation) -> None:
        """Holds the conversation until its end."""
        self._start()
        self._conversations.add(conversation)
        if conversation.standing is None:
            self._strangers.add(conversation)
        try:
            conversation.run()
        finally:
            self._conversations.discard(conversation)
            self._strangers.discard(conversation)

    def signed_in(self, conversation: Conversation) -> None:
        """The stranger is none any more."""
        self._strangers.discard(conversation)

    def touch(self, wire: Wire) -> None:
        """Has what is queued there sent, together with what else comes now."""
        self._touched.append(wire)
        self._something.set()

    def close_when(self, ending: Callable[[], bool]) -> None:
        """Closes all connections once `ending` says so; asks from another thread until then."""

        def watch() -> None:
            while not ending():
                time.sleep(0.1)
            self.close()

        Thread(target=watch, name="ending", daemon=True).start()

    def close(self) -> None:
        """Tells every client to connect again, to whoever serves then."""
        self._closing = True
        for conversation in list(self._conversations):
            conversation.end(RESTART, "The server restarts; connect again.")
        self.listener.close()

    def _start(self) -> None:
        if not self._started:
            self._started = True
            for work in (self._send, self._tick, self._check):
                Thread(target=work, name=work.__name__, daemon=True).start()

    def _flush(self) -> None:
        touched, self._touched = self._touched, []
        for wire in dict.fromkeys(touched):
            wire.flush()

    def _rest(self) -> None:
        """Sends in the middle of much that is heard, and lets others have their turn."""
        self._flush()
        time.sleep(0)

    def _send(self) -> None:
        """The one sender: its turn comes when the listener has heard all that there was."""
        while True:
            self._something.wait()
            self._something.clear()
            try:
                self._flush()
            except Exception:
                _log.exception("What happens could not be sent to a live connection")

    def _tick(self) -> None:
        while True:
            time.sleep(self.TICK)
            try:
                self.listener.tidy()
            except Exception:
                _log.exception("The listener could not be tidied up")
            self._look_after_all(time.monotonic(), now())

    def _look_after_all(self, at: float, instant: datetime) -> None:
        for conversation in list(self._conversations):
            try:
                self._look_after(conversation, at)
                if self.listener.is_live:
                    conversation.retry()
                known = conversation.standing
                if known is not None and known.until is not None and known.until <= instant:
                    conversation.stands(None)
            except Exception:
                _log.exception("A live connection could not be looked after")

    def _look_after(self, conversation: Conversation, at: float) -> None:
        wire = conversation.wire
        if wire.closing_since is not None:
            if at - wire.closing_since > self.CLOSE_WITHIN:
                wire.abort()
        elif wire.stuck_since is not None and at - wire.stuck_since > self.SEND_WITHIN:
            wire.cut()
        elif conversation.standing is None and at - conversation.began > self.SIGN_IN_WITHIN:
            words = f"Sign in within {self.SIGN_IN_WITHIN:.0f} seconds: send authenticate with a token."
            conversation.end(SIGNED_OUT, Unauthenticated(words))
        elif at - conversation.pinged_at > self.PING_EVERY:
            if conversation.alive_at < conversation.pinged_at:
                conversation.end(SILENT, "There was no answer to a ping.")
            else:
                conversation.pinged_at = at
                wire.put(frames.ping())
                wire.flush()

    def _check(self) -> None:
        """Asks whether those who signed in may stay and what they watch is still there, for all at once."""
        while True:
            time.sleep(self.CHECK_EVERY)
            try:
                asked = {each: each.standing for each in self._conversations if each.standing is not None}
                holding = standing.renewed(self.stores, asked.values(), now())
                for conversation, known in asked.items():
                    # Meanwhile it may have signed in anew.
                    if conversation.standing is known:
                        conversation.stands(holding.get(known.key))
                self._leave_deleted()
            except AppError:
                _log.warning("Who is signed in can't be checked; live connections stay open until then")
            except Exception:
                _log.exception("Who is signed in could not be checked")

    def _leave_deleted(self) -> None:
        """Whoever may watch every profile watches none that is no more."""
        watching = {each: each.watched for each in list(self._conversations)}
        gone = standing.gone(self.stores, set().union(*watching.values()))
        for conversation, watched in watching.items():
            for profile_id in watched & gone:
                conversation.leave(profile_id)
