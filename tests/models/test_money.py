from decimal import Decimal

import pytest

from models.errors import InvalidInput
from models.money import LARGEST, Money, check_currency, currencies, minor_units, rounded


@pytest.mark.parametrize(("currency", "decimals"), [("EUR", 2), ("JPY", 0), ("KWD", 3), ("DEM", 2)])
def test_minor_units(currency: str, decimals: int) -> None:
    assert minor_units(currency) == decimals


@pytest.mark.parametrize(
    ("amount", "currency", "result"),
    [
        ("0.125", "EUR", "0.12"),
        ("0.135", "EUR", "0.14"),
        ("-0.125", "EUR", "-0.12"),
        ("0.1250001", "EUR", "0.13"),
        ("2.5", "JPY", "2"),
        ("3.5", "JPY", "4"),
        ("0.0005", "KWD", "0.000"),
    ],
)
def test_halves_are_rounded_to_the_even_neighbour(amount: str, currency: str, result: str) -> None:
    assert str(rounded(Decimal(amount), currency)) == result


@pytest.mark.parametrize(
    ("amount", "currency", "says"),
    [
        ("1.001", "EUR", "EUR has 2 decimals; 1.001 can't be an amount of it."),
        ("1.5", "JPY", "JPY has no decimals"),
        ("0.0001", "KWD", "KWD has 3 decimals"),
        ("1e-400", "EUR", "EUR has 2 decimals"),
        ("NaN", "EUR", "below 1,000,000,000,000"),
        ("Infinity", "EUR", "below 1,000,000,000,000"),
        ("9" * 30, "EUR", "below 1,000,000,000,000"),
        ("-1e12", "EUR", "below 1,000,000,000,000"),
        ("1e999999", "EUR", "below 1,000,000,000,000"),
    ],
)
def test_amounts_that_can_not_be_are_never_rounded(amount: str, currency: str, says: str) -> None:
    with pytest.raises(InvalidInput, match=says) as refused:
        Money.of(Decimal(amount), currency, "/x")
    assert refused.value.problems[0].pointer == "/x"


def test_amounts_that_can_be() -> None:
    assert Money.of(Decimal("1.500"), "EUR") == Money(Decimal("1.50"), "EUR")
    assert str(Money.of(Decimal("1e2"), "EUR").amount) == "100.00"
    assert Money.of(LARGEST - Decimal("0.01"), "EUR").amount < LARGEST


def test_two_currencies_are_never_put_together() -> None:
    euro, dollar = Money(Decimal(1), "EUR"), Money(Decimal(1), "USD")
    for mixed in (lambda: euro + dollar, lambda: euro - dollar, lambda: euro < dollar):
        with pytest.raises(TypeError, match="without a rate"):
            mixed()
    assert euro + euro - -euro == Money(Decimal(3), "EUR")
    assert euro != dollar


def test_currencies_are_those_of_iso_4217() -> None:
    assert check_currency(" eur ") == "EUR"
    for nonsense in ("XXX", "XTS", "", "EU", "€", "EURO", "eur\x00", "123"):
        with pytest.raises(InvalidInput, match="There is no currency"):
            check_currency(nonsense)
    assert {"USD", "DEM", "KWD"} <= currencies()
