"""The settings of what goes outside: read together, and refused when they make no sense."""

from pathlib import Path

import pytest

from config import load
from models.errors import CannotStart
from models.outside import MailServer, Outside

HOST = {"PLATFORM_ANALYTICS_SMTP_HOST": "mail.example.com", "PLATFORM_ANALYTICS_SMTP_FROM": "a@example.com"}


def test_nothing_goes_outside_by_itself() -> None:
    assert load({}).outside == Outside(None, allow_http=False)


def test_a_mail_server(tmp_path: Path) -> None:
    secret = tmp_path / "password"
    secret.write_text("hush\n")
    user = {"PLATFORM_ANALYTICS_SMTP_USER": "anna", "PLATFORM_ANALYTICS_SMTP_PASSWORD_FILE": str(secret)}
    mail = load({**HOST, **user}).outside.mail
    assert mail == MailServer("mail.example.com", 587, "starttls", "a@example.com", "anna", "hush")
    assert "hush" not in repr(mail)
    over_tls = load({**HOST, "PLATFORM_ANALYTICS_SMTP_SECURITY": "tls"}).outside.mail
    assert over_tls is not None
    assert over_tls.port == 465


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("PLATFORM_ANALYTICS_SMTP_FROM", "", "address that mail comes from"),
        ("PLATFORM_ANALYTICS_SMTP_FROM", "a@example.com\nBcc: b@example.com", "address that mail comes from"),
        ("PLATFORM_ANALYTICS_SMTP_SECURITY", "maybe", "starttls, tls or none"),
        ("PLATFORM_ANALYTICS_SMTP_PORT", "0", "whole number"),
        ("PLATFORM_ANALYTICS_WEBHOOKS_ALLOW_HTTP", "perhaps", "true or false"),
    ],
)
def test_what_makes_no_sense_is_named(name: str, value: str, why: str) -> None:
    with pytest.raises(CannotStart, match=why):
        load({**HOST, name: value})
