"""Sends what is due, and goes on until it has arrived: a duty of the worker."""

import logging
import threading
import time
from datetime import datetime, timedelta

from models.clock import now
from models.errors import AppError
from models.stores import Stores
from services import profiles
from services.delivery import channels, mail, queue, signing
from services.delivery.channels import WEBHOOK, Channel
from services.delivery.content import Content, content_of
from services.delivery.network import Unreachable, post
from services.delivery.queue import Attempt, Due

POLL = 2.0
AT_ONCE = 8
_LOOK = 0.2
_GONE = 410
_log = logging.getLogger(__name__)
_NO_SERVER = "This installation has no mail server any more."


def run(stores: Stores, stopping: threading.Event) -> None:
    """Sends what is due until told to stop. Where detection is turned off, nothing is sent."""
    while not stopping.is_set():
        if not stores.detection or not send_due(stores, stopping=stopping):
            stopping.wait(POLL)


def send_due(stores: Stores, at: datetime | None = None, stopping: threading.Event | None = None) -> int:
    """Tries what is due by now (or `at`) once, AT_ONCE of it; returns how many that was. It does not wait
    for those who are slow once it is to stop: what they were sending is sent by the next worker."""
    due = queue.claim(stores.database, at or now(), AT_ONCE)
    threads = [
        threading.Thread(target=_attempt, args=(stores, each, at), name="delivery", daemon=True)
        for each in due
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        while thread.is_alive() and not (stopping and stopping.is_set()):
            thread.join(_LOOK)
    return len(due)


def _attempt(stores: Stores, due: Due, at: datetime | None) -> None:
    try:
        _send(stores, due, at)
    except Exception:
        # It is sent again when its lease ends.
        _log.exception("The delivery %s could not be tried", due.delivery_id)


def _send(stores: Stores, due: Due, at: datetime | None) -> None:
    with stores.database.transaction() as tx:
        channel = channels.find(tx, due.profile_id, due.channel_id, removed=True)
        content = content_of(tx, profiles.get(tx, due.profile_id), due.alert_id, due.created_at)
    began, moment = time.monotonic(), at or now()
    ok = final = False
    if content is None:
        answer, final = "The alert is gone.", True
    else:
        try:
            ok, answer, final = _over(stores, channel, content, due, moment)
        except AppError as error:
            answer = str(error)
    spent = round((time.monotonic() - began) * 1000)
    attempt = Attempt(moment + timedelta(milliseconds=spent), ok, answer, spent, final)
    with stores.database.transaction() as tx:
        queue.note(tx, due, attempt)
        if final and content is not None:
            channels.stop(tx, channel, "The receiver says that it is gone for good.", attempt.at)
        elif _is_last(due, ok) and not channels.arrived_since(tx, channel, due.created_at):
            channels.stop(tx, channel, "Nothing has arrived for three days.", attempt.at)


def _is_last(due: Due, ok: bool) -> bool:
    """Whether an alert, for all attempts, has not arrived."""
    return not ok and due.alert_id is not None and due.number >= len(queue.PAUSES)


def _over(
    stores: Stores, channel: Channel, content: Content, due: Due, at: datetime
) -> tuple[bool, str, bool]:
    """Whether it arrived, what came of it in a sentence, and whether to leave it at that."""
    if channel.kind != WEBHOOK:
        server = stores.outside.mail
        if server is None:
            raise Unreachable(_NO_SERVER)
        return (
            True,
            mail.send(server, content.as_mail(server.sender, channel.target, due.delivery_id, at)),
            False,
        )
    assert channel.salt is not None
    body, message_id = content.as_json(), f"msg_{due.delivery_id.hex}"
    signed = signing.headers(signing.secret_of(stores.keys, channel.salt), message_id, at, body)
    status = post(
        channel.target,
        {
            "Content-Type": "application/json",
            "User-Agent": "platform-analytics",
            "Connection": "close",
            **signed,
        },
        body,
    )
    if 300 <= status < 400:
        return False, f"It answered {status}, a redirect, which is not followed.", False
    return 200 <= status < 300, f"It answered {status}.", status == _GONE
