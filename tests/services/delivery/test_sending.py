"""Alerts on their way: signed, tried again until they arrive, written down, sent again when asked."""

import email
import email.policy
import json
import threading
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from models.clock import now
from models.outside import Outside
from models.stores import Stores
from services.alerts import inbox
from services.delivery import channels, queue, signing
from services.delivery import sending as service
from services.delivery.channels import Channel
from services.delivery.queue import PAUSES, Delivery
from services.delivery.sending import send_due
from services.ingest import events
from services.profiles import Profile
from services.retention.addresses import TASK
from tests.judge import MINISTRY, POLICE
from tests.mailbox import MailBox
from tests.receiver import HOOK, PUBLIC, Receiver
from tests.services.alerts.test_raising import told, visit


def add(stores: Stores, profile: Profile, kind: str = "webhook", target: str = HOOK) -> Channel:
    with stores.database.transaction() as tx:
        return channels.add(tx, profile.profile_id, kind, target, now(), stores.outside)


def log(stores: Stores, profile: Profile) -> list[Delivery]:
    with stores.database.transaction() as tx:
        return queue.listing(tx, profile.profile_id)


def channel(stores: Stores, profile: Profile) -> Channel:
    with stores.database.transaction() as tx:
        return channels.listing(tx, profile.profile_id)[0]


def secret(stores: Stores, channel: Channel) -> str:
    assert channel.salt is not None
    return signing.secret_of(stores.keys, channel.salt)


def test_a_webhook_is_signed_as_the_standard_says(sending: Stores, anna: Profile, receiver: Receiver) -> None:
    added = add(sending, anna)
    events.store(sending, [visit(anna)], now())
    assert send_due(sending) == 1
    ((path, headers, body),) = receiver.got
    assert (path, headers["host"], receiver.asked) == ("/hook?a=1", PUBLIC, [PUBLIC])
    verified = Webhook(secret(sending, added)).verify(body, headers)
    assert verified == json.loads(body)
    (message,) = told(sending, anna)
    assert verified["type"] == "gov-alert"
    assert verified["data"] == {**message["data"], "profileName": "Anna"}
    with pytest.raises(WebhookVerificationError):
        Webhook(secret(sending, added)).verify(body + b" ", headers)
    (line,) = log(sending, anna)
    assert (line.status, line.attempts, line.target, line.organization) == (
        "sent", 1, HOOK, "Ministère de l'Intérieur",
    )  # fmt: skip
    assert line.last is not None
    assert (line.last.ok, line.last.answer) == (True, "It answered 200.")
    assert send_due(sending) == 0


def test_another_secret_signs_from_then_on(sending: Stores, anna: Profile, receiver: Receiver) -> None:
    added = add(sending, anna)
    with sending.database.transaction() as tx:
        renewed = channels.renew(tx, anna.profile_id, added.channel_id)
    events.store(sending, [visit(anna)], now())
    send_due(sending)
    ((_, headers, body),) = receiver.got
    assert Webhook(secret(sending, renewed)).verify(body, headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(secret(sending, added)).verify(body, headers)


def test_it_is_tried_again_for_days_with_one_id(sending: Stores, anna: Profile, receiver: Receiver) -> None:
    add(sending, anna)
    start = now()
    events.store(sending, [visit(anna)], start)
    receiver.answers = [500] * (len(PAUSES) - 2) + [301, 204]
    at, tried = start + timedelta(seconds=1), []
    while (waiting := log(sending, anna)[0]).next_at is not None:
        assert send_due(sending, waiting.next_at - timedelta(milliseconds=1)) == 0
        at = waiting.next_at
        tried.append(at)
        assert send_due(sending, at) == 1
    assert len(receiver.got) == len(PAUSES)
    assert len({headers["webhook-id"] for _, headers, _ in receiver.got}) == 1
    assert len({body for _, _, body in receiver.got}) == 1
    pauses = [after - before for before, after in pairwise(tried)]
    assert pauses == sorted(pauses)
    assert timedelta(days=3) < at - start < timedelta(days=4)
    with sending.database.transaction() as tx:
        answers = queue.attempts(tx, anna.profile_id, waiting.delivery_id)
    assert [each.ok for each in answers] == [False] * (len(PAUSES) - 1) + [True]
    assert answers[-2].answer == "It answered 301, a redirect, which is not followed."
    assert waiting.status == "sent"


def test_what_never_arrives_stops_its_channel(sending: Stores, anna: Profile, receiver: Receiver) -> None:
    added = add(sending, anna)
    events.store(sending, [visit(anna)], now())
    receiver.answers = [503] * 2 * len(PAUSES)
    while (due := log(sending, anna)[0].next_at) is not None:
        send_due(sending, due)
    assert log(sending, anna)[0].status == "failed"
    assert channel(sending, anna).problem == "Nothing has arrived for three days."
    events.store(sending, [visit(anna, POLICE)], now())
    assert len(log(sending, anna)) == 1
    receiver.answers = []
    with sending.database.transaction() as tx:
        assert channels.start(tx, anna.profile_id, added.channel_id).problem is None
        queue.replay(tx, anna.profile_id, log(sending, anna)[0].delivery_id, now())
    assert send_due(sending) == 1
    assert log(sending, anna)[0].status == "sent"
    assert len({headers["webhook-id"] for _, headers, _ in receiver.got}) == 1


def test_a_receiver_that_is_gone_is_left_alone(sending: Stores, anna: Profile, receiver: Receiver) -> None:
    add(sending, anna)
    events.store(sending, [visit(anna), visit(anna, POLICE)], now())
    receiver.answers = [410, 410]
    assert send_due(sending) == 2
    assert channel(sending, anna).stopped_at is not None
    assert {line.status for line in log(sending, anna)} == {"failed"}


def test_a_process_that_dies_while_sending_loses_nothing(
    sending: Stores, anna: Profile, receiver: Receiver
) -> None:
    add(sending, anna)
    at = now()
    events.store(sending, [visit(anna)], at)
    assert len(queue.claim(sending.database, at, 10)) == 1  # and dies
    assert queue.claim(sending.database, at, 10) == []
    assert send_due(sending, at + queue.LEASE) == 1
    assert len(receiver.got) == 1


def test_each_alert_goes_to_each_channel_once(
    sending: Stores, anna: Profile, yuki: Profile, receiver: Receiver, mail_box: MailBox
) -> None:
    add(sending, anna)
    add(sending, anna, target=f"{HOOK}&b=2")
    add(sending, anna, "email", "anna@example.com")
    for _ in range(2):
        events.store(sending, [visit(anna), visit(anna), visit(yuki)], now())
    assert send_due(sending) == 3
    assert len(receiver.got) == 2
    assert len(mail_box.mails) == 1


def test_history_is_not_sent(sending: Stores, anna: Profile, receiver: Receiver) -> None:
    add(sending, anna)
    events.store(sending, [visit(anna, timestamp=now() - timedelta(hours=25))], now())
    assert send_due(sending) == 0


def test_what_waits_for_a_channel_that_is_removed_is_given_up(
    sending: Stores, anna: Profile, receiver: Receiver
) -> None:
    added = add(sending, anna)
    events.store(sending, [visit(anna)], now())
    with sending.database.transaction() as tx:
        channels.remove(tx, anna.profile_id, added.channel_id, now())
        assert channels.listing(tx, anna.profile_id) == []
    assert send_due(sending) == 0
    with sending.database.transaction() as tx:
        assert channels.restore(tx, anna.profile_id, added.channel_id) == added
    events.store(sending, [visit(anna, POLICE)], now())
    assert send_due(sending) == 1


def test_a_mail_says_who_came_and_why(sending: Stores, anna: Profile, mail_box: MailBox) -> None:
    add(sending, anna, "email", "Anna@Example.com")
    at = datetime.fromisoformat("2026-11-20T11:00:00+00:00")
    events.store(sending, [visit(anna, timestamp=at)], at)
    assert send_due(sending) == 1
    ((to, text),) = mail_box.mails
    assert to.lower() == "anna@example.com"
    mail = email.message_from_string(text, policy=email.policy.default)
    assert mail["Subject"] == "Government visit to Anna: Ministère de l'Intérieur"
    assert mail["From"] == "alerts@example.com"
    body = mail.get_content()
    for words in (
        "the network of a national government",
        "Ministère de l'Intérieur · AS64500",
        MINISTRY,
        "2026-11-20 12:00 (Europe/Berlin)",
        "98%",
        "- The AS is on the list of ministries.",
    ):
        assert words in body


def test_nobody_gets_a_flood_of_mails(
    sending: Stores, anna: Profile, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "MOST_MAILS", 2)
    add(sending, anna, "email", "anna@example.com")
    add(sending, anna)
    at = now()
    for visitor in range(4):
        events.store(sending, [visit(anna, visitor_id=str(visitor))], at)
    assert sorted(line.kind for line in log(sending, anna)) == ["email"] * 2 + ["webhook"] * 4
    events.store(sending, [visit(anna, visitor_id="later")], at + timedelta(days=1))
    assert [line.kind for line in log(sending, anna)].count("email") == 3


def test_without_a_mail_server_it_waits_and_says_so(sending: Stores, anna: Profile, stores: Stores) -> None:
    add(sending, anna, "email", "anna@example.com")
    events.store(sending, [visit(anna)], now())
    assert send_due(replace(sending, outside=Outside())) == 1
    (line,) = log(sending, anna)
    assert line.last is not None
    assert (line.status, line.last.answer) == ("waiting", "This installation has no mail server any more.")


def test_a_test_goes_to_one_channel(sending: Stores, anna: Profile, receiver: Receiver) -> None:
    added = add(sending, anna)
    add(sending, anna, target=f"{HOOK}&b=2")
    with sending.database.transaction() as tx:
        queue.enqueue_test(tx, anna.profile_id, added.channel_id, now())
    assert send_due(sending) == 1
    ((_, headers, body),) = receiver.got
    assert Webhook(secret(sending, added)).verify(body, headers)["type"] == "test"


def test_the_duty_sends_until_it_is_stopped(sending: Stores, anna: Profile, receiver: Receiver) -> None:
    add(sending, anna)
    events.store(sending, [visit(anna)], now())
    stopping = threading.Event()
    duty = threading.Thread(target=service.run, args=(sending, stopping))
    duty.start()
    while log(sending, anna)[0].status != "sent":
        assert duty.is_alive()
    stopping.set()
    duty.join(10)
    assert not duty.is_alive()


def test_turned_off_nothing_is_sent(
    sending: Stores, stores: Stores, anna: Profile, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(sending, anna)
    events.store(sending, [visit(anna)], now())
    stopping = threading.Event()
    monkeypatch.setattr(service, "POLL", 0.0)
    rounds = []
    monkeypatch.setattr(stopping, "wait", lambda _: (rounds.append(1), len(rounds) > 3 and stopping.set()))
    service.run(stores, stopping)
    assert receiver.got == []
    with stores.database.transaction() as tx:
        assert inbox.unseen(tx, anna.profile_id) == 1


def test_what_is_sent_again_later_names_no_address_any_more(
    sending: Stores, anna: Profile, receiver: Receiver, mail_box: MailBox
) -> None:
    sending = replace(sending, outside=replace(sending.outside, mail=mail_box.server))
    add(sending, anna)
    add(sending, anna, "email", "anna@example.com")
    events.store(sending, [visit(anna)], now())
    later = now() + timedelta(days=91)
    TASK.run(sending, anna.profile_id, later, sending.periods, threading.Event())
    assert send_due(sending, later) == 2
    ((_, _, body),) = receiver.got
    assert json.loads(body)["data"]["ip"] is None
    ((_, mail),) = mail_box.mails
    assert "Address: no longer kept" in mail
    assert MINISTRY not in mail
