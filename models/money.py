"""Money: a Decimal that never forgets its currency."""

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from functools import lru_cache

from babel.numbers import get_currency_precision, list_currencies

from models.errors import InvalidInput

LARGEST = Decimal(10) ** 12
"""Amounts stay below a million million; more is a typing error, and sums stay exact in numeric(28, 4)."""

# Where CLDR counts what is still in use in shops, and ISO 4217 what banks book: statements have the latter.
_ISO_UNITS = dict.fromkeys(
    ("AFN", "ALL", "IRR", "KPW", "LAK", "LBP", "MGA", "MMK", "RSD", "SLL", "SOS", "SYP", "YER"), 2
) | {"IQD": 3}

_NOT_MONEY = frozenset({"XXX", "XTS"})


@lru_cache(maxsize=1)
def currencies() -> frozenset[str]:
    """The ISO 4217 codes that the product accepts, historic ones (DEM) included for old statements."""
    return frozenset(code for code in list_currencies() if len(code) == 3) - _NOT_MONEY


@lru_cache(maxsize=512)
def minor_units(currency: str) -> int:
    """The decimals of `currency` by ISO 4217: 2 for EUR, 0 for JPY, 3 for KWD; by CLDR for historic ones."""
    return _ISO_UNITS.get(currency, int(get_currency_precision(currency)))


def check_currency(code: str, pointer: str = "/currency") -> str:
    """`code` in capitals; InvalidInput at `pointer` when there is no such currency."""
    upper = code.strip().upper()
    if upper not in currencies():
        raise InvalidInput.at(pointer, f"There is no currency {code!r}; give an ISO 4217 code such as EUR.")
    return upper


def rounded(amount: Decimal, currency: str) -> Decimal:
    """`amount` rounded half-even to the minor unit of `currency`."""
    return amount.quantize(Decimal(1).scaleb(-minor_units(currency)), rounding=ROUND_HALF_EVEN)


@dataclass(frozen=True)
class Money:
    """An exact amount of one currency. Adding or comparing two currencies raises TypeError."""

    amount: Decimal
    currency: str

    @classmethod
    def of(cls, amount: Decimal, currency: str, pointer: str = "/amount") -> "Money":
        """Checked input: a finite number within LARGEST, with no more decimals than `currency` has.

        Raises InvalidInput at `pointer` otherwise: input is never rounded silently.
        """
        places = minor_units(currency)
        if not amount.is_finite() or abs(amount) >= LARGEST:
            raise InvalidInput.at(pointer, "The amount must be a number below 1,000,000,000,000.")
        exact = rounded(amount, currency)
        if exact != amount:
            plural = "decimal" if places == 1 else "decimals"
            raise InvalidInput.at(
                pointer, f"{currency} has {places or 'no'} {plural}; {amount} can't be an amount of it."
            )
        return cls(exact, currency)

    def __add__(self, other: "Money") -> "Money":
        return Money(self.amount + self._same(other), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.amount - self._same(other), self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.amount, self.currency)

    def __lt__(self, other: "Money") -> bool:
        return self.amount < self._same(other)

    def _same(self, other: "Money") -> Decimal:
        if other.currency != self.currency:
            raise TypeError(f"{self.currency} and {other.currency} can't be put together without a rate")
        return other.amount
