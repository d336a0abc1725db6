"""Codes of an authenticator app, and what stands in for them."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from sqlalchemy import select

from models.clock import now
from models.database import Transaction
from models.errors import Conflict, InvalidInput, TooManyRequests, Unauthenticated
from models.keys import Keys
from models.schema import recovery_codes, second_factors
from models.stores import Stores
from services import accounts, second_factor
from services.accounts import Account
from services.second_factor import Enrolment, Unreadable

PASSWORD = "correct horse battery"
HERE = "192.0.2.1"
AT = datetime(2026, 11, 24, 12, 0, 7, tzinfo=UTC)
STEP = timedelta(seconds=30)


@pytest.fixture
def alice(stores: Stores) -> Account:
    with stores.database.transaction() as tx:
        return accounts.add(tx, "alice@example.org", PASSWORD, now())


@pytest.fixture
def begun(stores: Stores, alice: Account) -> Enrolment:
    return second_factor.begin(stores, alice.account_id, PASSWORD, HERE)


@pytest.fixture
def on(stores: Stores, alice: Account, begun: Enrolment) -> tuple[Account, list[str]]:
    """Turned on two steps ago, so that the codes around AT are still good."""
    before = AT - 2 * STEP
    return second_factor.enable(stores, alice.account_id, code_of(begun, before), HERE, before)


def code_of(enrolment: Enrolment, at: datetime) -> str:
    """What a phone shows."""
    return pyotp.parse_uri(enrolment.uri).at(at)


def wrong_at(enrolment: Enrolment, at: datetime) -> str:
    near = {code_of(enrolment, at + drift * STEP) for drift in range(-3, 4)}
    return next(each for each in ("000000", "111111", "222222", "333333") if each not in near)


def status(stores: Stores, account: Account) -> second_factor.Status | None:
    with stores.database.transaction() as tx:
        return second_factor.status(tx, account.account_id)


def test_it_is_on_after_a_right_code_alone(stores: Stores, alice: Account, begun: Enrolment) -> None:
    assert begun.key in begun.uri
    assert "alice%40example.org" in begun.uri
    assert status(stores, alice) is None
    with pytest.raises(InvalidInput, match="does not fit"):
        second_factor.enable(stores, alice.account_id, wrong_at(begun, AT), HERE, AT)
    assert status(stores, alice) is None
    changed, codes = second_factor.enable(stores, alice.account_id, code_of(begun, AT), HERE, AT)
    assert changed.epoch == alice.epoch + 1
    assert len(set(codes)) == 10
    assert status(stores, alice) == second_factor.Status(AT, 10)
    with pytest.raises(Conflict):
        second_factor.enable(stores, alice.account_id, code_of(begun, AT + STEP), HERE, AT + STEP)
    with pytest.raises(Conflict, match="on already"):
        second_factor.begin(stores, alice.account_id, PASSWORD, HERE)


def test_it_is_begun_by_who_knows_the_password(stores: Stores, alice: Account) -> None:
    with pytest.raises(InvalidInput, match="Your password") as refused:
        second_factor.begin(stores, alice.account_id, "a guess", HERE)
    assert refused.value.problems[0].pointer == "password"


@pytest.mark.parametrize(("drift", "holds"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_clock_may_differ_by_one_step(
    stores: Stores, begun: Enrolment, on: tuple[Account, list[str]], drift: int, holds: bool
) -> None:
    at = AT + 10 * STEP
    code = code_of(begun, at + drift * STEP)
    if holds:
        second_factor.verify(stores, on[0], f" {code[:3]} {code[3:]} ", HERE, at)
    else:
        with pytest.raises(Unauthenticated):
            second_factor.verify(stores, on[0], code, HERE, at)


def test_a_code_holds_once_and_none_before_it_after_that(
    stores: Stores, begun: Enrolment, on: tuple[Account, list[str]]
) -> None:
    second_factor.verify(stores, on[0], code_of(begun, AT), HERE, AT)
    for drift in (0, -1):
        with pytest.raises(Unauthenticated):
            second_factor.verify(stores, on[0], code_of(begun, AT + drift * STEP), HERE, AT)
    second_factor.verify(stores, on[0], code_of(begun, AT + STEP), HERE, AT)


def test_the_code_that_turned_it_on_does_not_sign_in(
    stores: Stores, alice: Account, begun: Enrolment
) -> None:
    changed, _ = second_factor.enable(stores, alice.account_id, code_of(begun, AT), HERE, AT)
    with pytest.raises(Unauthenticated):
        second_factor.verify(stores, changed, code_of(begun, AT), HERE, AT)


def test_of_two_who_give_the_same_code_at_once_one_is_let_in(
    stores: Stores, begun: Enrolment, on: tuple[Account, list[str]]
) -> None:
    for code in (code_of(begun, AT), on[1][0]):

        def give(_: int, code: str = code) -> bool:
            try:
                second_factor.verify(stores, on[0], code, HERE, AT)
            except Unauthenticated:
                return False
            return True

        with ThreadPoolExecutor(4) as pool:
            assert sorted(pool.map(give, range(4))) == [False, False, False, True]


def test_a_recovery_code_holds_once_however_it_is_written(
    stores: Stores, on: tuple[Account, list[str]]
) -> None:
    account, codes = on
    second_factor.verify(stores, account, f" {codes[0].upper().replace('-', ' ')}", HERE, AT)
    left = status(stores, account)
    assert left is not None
    assert left.codes_left == 9
    with pytest.raises(Unauthenticated):
        second_factor.verify(stores, account, codes[0], HERE, AT)


def test_new_recovery_codes_end_the_old_ones(stores: Stores, on: tuple[Account, list[str]]) -> None:
    account, codes = on
    with pytest.raises(InvalidInput):
        second_factor.renew_codes(stores, account.account_id, "abcdef-ghjkmn", HERE, AT)
    renewed = second_factor.renew_codes(stores, account.account_id, codes[0], HERE, AT)
    assert not set(renewed) & set(codes)
    with pytest.raises(Unauthenticated):
        second_factor.verify(stores, account, codes[1], HERE, AT)
    second_factor.verify(stores, account, renewed[0], HERE, AT)


def test_another_accounts_codes_do_not_hold(stores: Stores, on: tuple[Account, list[str]]) -> None:
    with stores.database.transaction() as tx:
        bob = accounts.add(tx, "bob@example.org", PASSWORD, now())
    enrolment = second_factor.begin(stores, bob.account_id, PASSWORD, HERE)
    second_factor.enable(stores, bob.account_id, code_of(enrolment, AT), HERE, AT)
    with pytest.raises(Unauthenticated):
        second_factor.verify(stores, bob, on[1][0], HERE, AT)


@pytest.mark.parametrize("code", ["", " ", "x", "12345", "1234567", "１２３４５６", "\x00" * 6, "0" * 5000])
def test_what_can_be_no_code(stores: Stores, on: tuple[Account, list[str]], code: str) -> None:
    with pytest.raises(Unauthenticated):
        second_factor.verify(stores, on[0], code, HERE, AT)


def test_guesses_are_limited_by_account_wherever_they_come_from(
    stores: Stores, begun: Enrolment, on: tuple[Account, list[str]]
) -> None:
    for guess in range(5):
        with pytest.raises(Unauthenticated):
            second_factor.verify(stores, on[0], wrong_at(begun, AT), f"192.0.2.{guess}", AT)
    with pytest.raises(TooManyRequests):
        second_factor.verify(stores, on[0], code_of(begun, AT), "192.0.2.99", AT)


def test_it_is_turned_off_with_both(stores: Stores, begun: Enrolment, on: tuple[Account, list[str]]) -> None:
    account, codes = on
    for password, code, pointer in (("a guess", codes[0], "password"), (PASSWORD, "123", "code")):
        with pytest.raises(InvalidInput) as refused:
            second_factor.disable(stores, account.account_id, password, code, HERE, AT)
        assert refused.value.problems[0].pointer == pointer
    assert status(stores, account) is not None
    off = second_factor.disable(stores, account.account_id, PASSWORD, codes[0], HERE, AT)
    assert off.epoch == account.epoch + 1
    assert status(stores, account) is None
    with stores.database.transaction() as tx:
        assert tx.rows(select(recovery_codes)) == []


def test_the_operator_turns_it_off(stores: Stores, on: tuple[Account, list[str]]) -> None:
    with stores.database.transaction() as tx:
        assert second_factor.reset(tx, on[0].account_id).epoch == on[0].epoch + 1
    assert status(stores, on[0]) is None


def test_a_copy_of_the_database_makes_no_codes(
    stores: Stores, tmp_path_factory: pytest.TempPathFactory, begun: Enrolment, on: tuple[Account, list[str]]
) -> None:
    with stores.database.transaction() as tx:
        stored = b" ".join(_bytes(tx))
    for secret in (begun.key, *on[1]):
        assert secret.encode() not in stored
        assert secret.replace("-", "").encode() not in stored
    elsewhere = Stores(stores.database, stores.redis, Keys(tmp_path_factory.mktemp("elsewhere")))
    with pytest.raises(Unreadable, match="reset-second-factor"):
        second_factor.verify(elsewhere, on[0], code_of(begun, AT), HERE, AT)
    with pytest.raises(Unauthenticated):
        second_factor.verify(elsewhere, on[0], on[1][0], HERE, AT)


def _bytes(tx: Transaction) -> list[bytes]:
    secrets = [bytes(row["secret"]) for row in tx.rows(select(second_factors))]
    return secrets + [bytes(row["code_hash"]) for row in tx.rows(select(recovery_codes))]
