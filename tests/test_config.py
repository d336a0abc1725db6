"""The settings of what goes outside and of what is kept: refused when they make no sense."""

from datetime import timedelta
from pathlib import Path

import pytest

from config import load
from models.errors import CannotStart
from models.outside import KeySet, MailServer, Outside
from models.retention import Periods

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


def test_how_long_things_are_kept() -> None:
    assert load({}).periods == Periods()
    given = {"ADDRESS": "1", "RAW": "31", "JOB": "7", "REQUEST": "3"}
    read = load({f"PLATFORM_ANALYTICS_RETENTION_{name}_DAYS": days for name, days in given.items()}).periods
    assert read == Periods(*(timedelta(days=days) for days in (1, 31, 7, 3)))


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("PLATFORM_ANALYTICS_SMTP_FROM", "", "address that mail comes from"),
        ("PLATFORM_ANALYTICS_SMTP_FROM", "a@example.com\nBcc: b@example.com", "address that mail comes from"),
        ("PLATFORM_ANALYTICS_SMTP_SECURITY", "maybe", "starttls, tls or none"),
        ("PLATFORM_ANALYTICS_SMTP_PORT", "0", "whole number"),
        ("PLATFORM_ANALYTICS_WEBHOOKS_ALLOW_HTTP", "perhaps", "true or false"),
        (
            "PLATFORM_ANALYTICS_RETENTION_ADDRESS_DAYS",
            "91",
            "promised that no address is kept for more than 90",
        ),
        ("PLATFORM_ANALYTICS_RETENTION_ADDRESS_DAYS", "0", "whole number from 1 to 90"),
        ("PLATFORM_ANALYTICS_RETENTION_RAW_DAYS", "30", "whole number from 31"),
        ("PLATFORM_ANALYTICS_RETENTION_JOB_DAYS", "a year", "whole number from 1"),
        ("PLATFORM_ANALYTICS_RETENTION_REQUEST_DAYS", "-1", "whole number from 1"),
    ],
)
def test_what_makes_no_sense_is_named(name: str, value: str, why: str) -> None:
    with pytest.raises(CannotStart, match=why):
        load({**HOST, name: value})


def test_the_address_that_people_open() -> None:
    assert (
        load({"PLATFORM_ANALYTICS_PUBLIC_URL": "https://a.example/x/"}).outside.public_url
        == "https://a.example/x"
    )
    for wrong in (
        "a.example",
        "ftp://a.example",
        "https://",
        "https://u@a.example",
        "https://a.example?x",
        "https://a .b",
    ):
        with pytest.raises(CannotStart, match="PUBLIC_URL must be the address"):
            load({"PLATFORM_ANALYTICS_PUBLIC_URL": wrong})


def test_whose_tokens_hold() -> None:
    named = {"PLATFORM_ANALYTICS_JWT_ISSUER": "https://idp", "PLATFORM_ANALYTICS_JWT_AUDIENCE": "us"}
    for source in (
        "https://idp.example/keys",
        "http://127.0.0.1:8000/keys",
        "http://[::1]/keys",
        "/etc/keys.json",
    ):
        found = load({"PLATFORM_ANALYTICS_JWKS": source, **named}).outside.key_set
        assert found == KeySet(source, "https://idp", "us")
    wrong = (
        "http://idp.example/keys",
        "http://127.0.0.1.evil.example/k",
        "ftp://a/k",
        "https://",
        "keys.json",
        "https://u:p@a/k",
    )
    for source in wrong:
        with pytest.raises(CannotStart, match="PLATFORM_ANALYTICS_JWKS must"):
            load({"PLATFORM_ANALYTICS_JWKS": source})
    with pytest.raises(CannotStart, match="set that too"):
        load(named)
