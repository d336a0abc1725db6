"""Receivers on this machine, which stand for those on the internet."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from models.outside import Outside
from models.stores import Stores
from tests.judge import judging
from tests.mailbox import MailBox, taking_mail
from tests.receiver import Receiver, receiving


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver of webhooks behind every address that is connected to."""
    with receiving() as kept:
        yield kept


@pytest.fixture
def mail_box() -> Iterator[MailBox]:
    """A mail server on this machine."""
    with taking_mail() as box:
        yield box


@pytest.fixture
def sending(stores: Stores, mail_box: MailBox) -> Stores:
    """Stores of an installation that detects, mails, and lets webhooks go unencrypted."""
    return replace(judging(stores), outside=Outside(mail_box.server, allow_http=True))
