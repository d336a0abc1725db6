"""The second step at sign-in: turned on, used, and turned off."""

from datetime import timedelta

import pyotp
import pytest

from models.clock import now
from services import accounts, second_factor
from tests.browser.conftest import PASSWORD, Person, World

pytestmark = pytest.mark.browser
FACTOR, SECRET = "#settings-factor", "#settings-factor .secret"


def test_turned_on_used_and_turned_off_with_the_keyboard_alone_at_sign_in(
    person: Person, world: World
) -> None:
    person.sign_in("alice")
    person.open("/settings/account")
    person.settled()
    person.fill("Your password", "not the password", FACTOR)
    person.click("Turn on", FACTOR)
    person.sees("Your password is another one.", FACTOR)
    person.fill("Your password", PASSWORD, FACTOR)
    person.click("Turn on", FACTOR)
    person.sees("Scan this with an authenticator app", FACTOR)
    assert person.run(_DRAWN) is True
    assert person.findings() == []
    phone = pyotp.TOTP(person.text(f"{FACTOR} .copy-text").replace(" ", ""))
    person.fill("Code", "000", FACTOR)
    person.click("Confirm", FACTOR)
    person.sees("This code does not fit.", FACTOR)
    # The step before, so that the phone's next code is a new one.
    person.fill("Code", phone.at(now() - timedelta(seconds=30)), FACTOR)
    person.click("Confirm", FACTOR)
    person.sees("The second step is on.")
    codes = person.text(f"{SECRET} .copy-text").split()
    assert len(codes) == 10
    assert person.findings() == []
    person.open("/settings/account")
    person.settled()
    person.sees("10 recovery codes left", FACTOR)
    assert codes[0] not in person.text()

    person.driver.delete_all_cookies()
    person.open("/settings/account")
    person.sign_in("alice")
    person.sees("Second step", "h1")
    assert "/sign-in/code?next=" in person.driver.current_url
    assert person.findings() == []
    assert person.fetch(f"/api/pnl/{world.anna.profile_id}")[0] == 401
    person.driver.switch_to.active_element.send_keys("not a code\n")
    person.sees("This code does not hold.")
    person.driver.switch_to.active_element.send_keys(codes[0] + "\n")
    person.settled()
    person.sees("9 recovery codes left", FACTOR)

    person.click("New recovery codes", FACTOR)
    person.fill("Code", codes[1], f"{FACTOR} details[open]")
    person.click("Make new codes", FACTOR)
    person.sees("Your recovery codes", SECRET)
    renewed = person.text(f"{SECRET} .copy-text").split()
    assert not set(renewed) & set(codes)
    person.open("/settings/account")
    person.settled()
    person.run("document.querySelectorAll('#settings-factor details')[1].open = true")
    within = f"{FACTOR} details[open]"
    person.fill("Your password", PASSWORD, within)
    person.fill("Code", renewed[0], within)
    person.click("Turn off", f"{within} .settings-form")
    person.sees("The second step is off.")
    person.sees("Turn on", FACTOR)
    with world.stores.database.transaction() as tx:
        alice = accounts.find(tx, "alice@example.com")
        assert second_factor.status(tx, alice.account_id) is None
    # The browser tells of the two refusals that were asked for.
    assert [each for each in person.complaints() if "401" not in each] == []


def test_a_forgotten_password_on_a_phone(person: Person, world: World) -> None:
    person.narrow()
    person.open("/sign-in")
    person.click("Password forgotten?")
    person.sees("manage.py accounts passwd EMAIL")
    assert person.run("return document.documentElement.scrollWidth") == 390
    assert person.findings() == []


_DRAWN = (
    "const image = document.querySelector('.factor-qr'); return image.complete && image.naturalWidth > 100"
)
