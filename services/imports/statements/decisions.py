"""Deciding how one CSV file is read: columns, currency, decimal mark, date order, signs and fees."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from models.errors import InvalidInput
from models.money import minor_units
from services.imports.statements import currencies, dialect
from services.imports.statements.amounts import currency_sign, decimal_mark, is_blank, money_in, take_apart
from services.imports.statements.column import Column
from services.imports.statements.columns import Columns, find
from services.imports.statements.dates import ORDERS, decide_order, parse
from services.imports.statements.layout import Layout, Overrides
from services.imports.statements.reading import Plan
from services.imports.statements.records import Record, records
from services.imports.statements.text import Encoding, lines_of
from services.imports.statements.vocabulary import is_balance, plain, says, words

SAMPLE_LINES = 1_500
"""Lines that the decisions are made from; a question that they leave open is put to the whole file."""


@dataclass
class Reading:
    """Deciding how one CSV file is read."""

    path: Path
    told: Overrides
    encoding: Encoding
    dialect: dialect.Dialect
    currency: str | None
    fallback: str | None
    lines: Sequence[str]
    parted: int | None = None
    """The column where a decimal comma that is also the delimiter parted the amounts."""

    def _whole(self, cells: list[str]) -> list[str]:
        at = self.parted
        if at is None or len(cells) < at + 2:
            return cells
        return [*cells[:at], f"{cells[at]},{cells[at + 1]}", *cells[at + 2 :]]

    def data(self) -> Iterator[Record]:
        """The records below the header, from the file."""
        lines = lines_of(self.path, self.encoding.codec)
        after = self.dialect.data_after
        found = records(islice(lines, after, None), self.dialect.delimiter, self.dialect.unwrap, after + 1)
        if self.parted is None:
            return found
        return (Record(r.line, r.text, self._whole(r.cells)) for r in found)

    def decide(self) -> tuple[Plan, Layout]:
        """The plan for reading and the layout to show; InvalidInput asks for what can't be found out."""
        after = self.dialect.data_after
        header = self.dialect.header
        names = [c.strip() for c in header.cells] if header else None
        cut = self.lines[after:] if len(self.lines) < SAMPLE_LINES else self.lines[after:-1]
        sample = [r.cells for r in records(cut, self.dialect.delimiter, self.dialect.unwrap)]
        self.parted = _parted_amount(names, sample, self.dialect.delimiter)
        sample = [self._whole(cells) for cells in sample]
        typed = [cells for cells in sample if _is_transaction(cells)]
        usual = Counter(len(c) for c in typed).most_common(1)
        width = max(len(names or ()), usual[0][0] if usual else 0)
        typed = [c for c in typed if len(c) <= width] or typed
        if not typed:
            typed = [c for c in sample if len(c) <= width and sum(map(bool, c)) > 1]
        columns = find(names, typed, self.told.mapping)
        table = [
            Column(i, n, tuple(r[i].strip() if i < len(r) else "" for r in typed))
            for i, n in enumerate(columns.names)
        ]
        notes = [self.encoding.note, *columns.notes] if self.encoding.note else list(columns.notes)
        currency = self.currency or self._currency(columns, table, sample, notes)
        decimal = self.told.decimal or self._decimal(columns, table, currency)
        order = self.told.date_order or self._order(columns, sample, currency, notes)
        plan = Plan(
            roles=columns.roles,
            dates=columns.dates,
            width=len(columns.names),
            header=tuple(header.cells) if header else (),
            decimal=decimal,
            order=order,
            currency=currency,
            fallback=self.fallback,
            serials=_all_serials(table[columns.roles["date"]]),
            zone_name=_zone_in(columns.name(columns.roles["date"])),
        )
        plan = self._signs(plan, columns, table, notes)
        plan = self._fees(plan, columns, table, notes)
        layout = Layout(
            encoding=self.encoding.name,
            delimiter=self.dialect.delimiter,
            header_line=header.line if header else None,
            mapping={ours: columns.name(i) for ours, i in columns.roles.items()},
            decimal=decimal,
            date_order=order,
            currency=currency,
            fee_sign=plan.fee_sign,
            fees_are_rows=self._fees_are_rows(plan, typed),
            notes=tuple(notes),
        )
        return plan, layout

    # Decimal mark and date order ------------------------------------------------------------------

    def _decimal(self, columns: Columns, table: Sequence[Column], currency: str | None) -> str:
        wanted = [columns.roles[r] for r in ("amount", "debit", "credit") if r in columns.roles]
        more = [columns.roles[r] for r in ("balance", "fee", "net") if r in columns.roles]
        for group in (wanted, more):
            mark = decimal_mark(c for i in group for c in table[i].held)
            if mark.mark:
                return mark.mark
        mark = decimal_mark(c for i in wanted for c in table[i].held)
        if not mark.unsure:
            return "."
        later = decimal_mark(r.cells[i] for r in self.data() for i in wanted if i < len(r.cells))
        if later.mark:
            return later.mark
        # Three digits behind the only mark: thousands, as few currencies have three decimals.
        held = [c for i in wanted for c in table[i].held]
        three = currency is not None and minor_units(currency) == 3
        point = any("." in c for c in held)
        return ("." if point else ",") if three else ("," if point else ".")

    def _order(
        self, columns: Columns, sample: Sequence[Sequence[str]], currency: str | None, notes: list[str]
    ) -> str:
        indices = [columns.roles["date"], *columns.dates]
        for index in indices:
            cells = [c[index].strip() for c in sample if index < len(c)]
            decided = decide_order(cells)
            if index == columns.roles["date"] and not any(map(parse, cells)) and not decided.order:
                continue
            if decided.order:
                if decided.why:
                    notes.append(decided.why)
                return decided.order
        main = columns.roles["date"]
        later = decide_order(r.cells[main].strip() for r in self.data() if main < len(r.cells))
        if later.order:
            return later.order
        shown = next((c[main].strip() for c in sample if main < len(c) and c[main].strip()), "")
        guess = _usual_order(columns.languages, currency, shown)
        if guess:
            notes.append(
                f"Dates such as {shown} are read as {guess}, as is usual where this file comes from."
            )
            return guess
        raise InvalidInput.at(
            "date_order",
            f"Is {shown!r} day/month or month/day? Every date of the file could be either; "
            f"give the date order ({', '.join(ORDERS)}).",
        )

    # Currency --------------------------------------------------------------------------------------

    def _currency(
        self, columns: Columns, table: Sequence[Column], sample: Sequence[Sequence[str]], notes: list[str]
    ) -> str | None:
        """The currency of rows that name none; None when all rows name theirs."""
        index = columns.roles.get("currency")
        if index is not None and table[index].held:
            codes = {currency_sign(c) for c in table[index].held}
            if len(codes) == 1:
                code = codes.pop()
                return currencies.narrow(code, self.fallback, ())
            return None
        money = [columns.roles[r] for r in ("amount", "debit", "credit", "balance") if r in columns.roles]
        named = [code for i in money if (code := currencies.in_heading(columns.names[i]))]
        named += [c for c in map(currencies.in_heading, columns.names) if c and not named]
        signs = [s for i in money for c in table[i].held if (s := money_in(c))]
        hints = self._hints(columns, sample)
        if any(map(_has_cents, (c for i in money for c in table[i].held))):
            hints = [h for h in hints if h.sure or minor_units(h.code)]
        for code in [*named[:1], *(signs[:1] if len(set(signs)) == 1 else [])]:
            if code not in currencies.SHARED:
                return code
            chosen = currencies.narrow(code, self.fallback, [g.code for g in hints])
            notes.append(f"The sign {code} is taken to be {chosen}.")
            return chosen
        if signs and len(set(signs)) > 1:
            return None
        sure = next((hint for hint in hints if hint.sure), None)
        if sure is not None:
            return sure.code
        if hints:
            notes.append(hints[0].why)
            return hints[0].code
        if self.fallback:
            notes.append(f"The file names no currency, so its amounts are taken to be {self.fallback}.")
            return self.fallback
        guess = currencies.by_language(columns.languages, likely=True)
        if guess is None:
            raise InvalidInput.at("currency", "The file does not say its currency; give one, such as EUR.")
        notes.append(guess.why)
        return guess.code

    def _hints(self, columns: Columns, sample: Sequence[Sequence[str]]) -> list[currencies.Guess]:
        wording = [*self.dialect.preamble, " ".join(columns.names), *(" ".join(c) for c in sample[:300])]
        own = [i for i, n in enumerate(columns.names) if plain(n) in _OWN_ACCOUNT]
        accounts = [c[i] for c in sample[:20] for i in own if i < len(c)]
        guesses = (
            currencies.in_preamble(self.dialect.preamble),
            currencies.by_account(accounts),
            currencies.by_file_name(self.path.stem),
            currencies.by_language(columns.languages),
            currencies.by_wording(wording),
        )
        return [g for g in guesses if g is not None]

    # Signs and fees ----------------------------------------------------------------------------------

    def _signs(self, plan: Plan, columns: Columns, table: Sequence[Column], notes: list[str]) -> Plan:
        if self.told.sign == "inverted":
            plan = replace(plan, sign=-1)
        if "amount" not in plan.roles:
            return replace(
                plan,
                debit_sign=1 if _mostly_negative(table, plan.roles.get("debit")) else -1,
                credit_sign=-1 if _mostly_negative(table, plan.roles.get("credit")) else 1,
            )
        amount = table[plan.roles["amount"]]
        column = table[plan.roles["direction"]] if "direction" in plan.roles else None
        if amount.negative:
            return plan if self.told.sign else self._card(plan, amount, table, notes)
        spoken = {plain(c) or c for c in column.held} if column else set()
        sides = {side for side in ("debit", "credit") if spoken & words(side)} | (amount.flags - {""})
        marked = (column is not None and column.fill < 1) if spoken else "" in amount.flags
        if not sides or self.told.sign == "normal":
            return plan if self.told.sign else self._card(plan, amount, table, notes)
        if marked and len(sides) == 1:
            side = "debit" if sides == {"credit"} else "credit"
            if side == "debit":
                notes.append(
                    "Charges are positive in this file, so they count as negative amounts; "
                    "rows marked as credits are positive."
                )
            return replace(plan, uses_flags=True, unflagged=side)
        return replace(plan, uses_flags=True)

    def _card(self, plan: Plan, amount: Column, table: Sequence[Column], notes: list[str]) -> Plan:
        """A credit card where charges are positive shows by its payments, which are negative."""
        index = plan.roles.get("description")
        if index is None or not amount.negative or {"fee", "net", "status"} & plan.roles.keys():
            return plan
        pairs = [(t, c) for t, c in zip(table[index].cells, amount.cells, strict=True) if not is_blank(c)]
        payments = [c for t, c in pairs if says("payment", t)]
        minus = sum(map(_is_negative, payments))
        if payments and minus == len(payments) and (amount.negative - minus) * 2 < len(pairs) - minus:
            notes.append("Charges are positive in this file, so they count as negative amounts.")
            return replace(plan, sign=-1)
        return plan

    def _fees(self, plan: Plan, columns: Columns, table: Sequence[Column], notes: list[str]) -> Plan:
        index = plan.roles.get("fee")
        if index is None:
            return plan
        return replace(plan, fee_sign=-1 if _mostly_negative(table, index) else 1)

    def _fees_are_rows(self, plan: Plan, typed: Sequence[Sequence[str]]) -> bool:
        if "fee" not in plan.roles or "reference" not in plan.roles:
            return False
        fees: dict[str, set[str]] = {}
        fee, reference, amount = plan.roles["fee"], plan.roles["reference"], plan.roles.get("amount", -1)
        if amount < 0:
            return False
        for cells in typed:
            if len(cells) > max(fee, reference, amount):
                fees.setdefault(cells[reference].strip(), set()).add(cells[fee].strip())
        charges = {
            (c[reference].strip(), c[amount].strip().lstrip("-"))
            for c in typed
            if len(c) > max(reference, amount)
        }
        return any(
            (number, value) in charges and any(d in value for d in "123456789")
            for number, values in fees.items()
            for value in values
        )


_WHOLE = re.compile(r"[-+−]?\d{1,3}(?:[.' ]?\d{3})*")
_CENTS = re.compile(r"\d\d")
_OWN_ACCOUNT = frozenset(
    {
        "account", "account number", "iban", "auftragskonto", "iban auftragskonto", "konto", "konto iban",
        "rekening", "iban bban", "rekeningnummer", "compte", "cuenta", "conto", "rachunek", "numer rachunku",
    }
)  # fmt: skip


def _parted_amount(
    names: Sequence[str] | None, sample: Sequence[Sequence[str]], delimiter: str
) -> int | None:
    """The column whose amounts, written with an unquoted decimal comma, fall apart into two cells."""
    wide = [c for c in sample if names and len(c) == len(names) + 1 and dialect.is_data(c)]
    if delimiter != "," or not names or not wide or len(wide) < 0.9 * sum(map(dialect.is_data, sample)):
        return None
    for at in range(len(names)):
        if all(_WHOLE.fullmatch(c[at].strip()) and _CENTS.fullmatch(c[at + 1].strip()) for c in wide):
            return at
    return None


def _is_transaction(cells: Sequence[str]) -> bool:
    return dialect.is_data(cells) and not any(is_balance(c) for c in cells if c)


def _is_negative(cell: str) -> bool:
    written = take_apart(cell)
    return written is not None and written.sign < 0


def _mostly_negative(table: Sequence[Column], index: int | None) -> bool:
    """Whether the figures of a column, zeros aside, carry a minus."""
    if index is None:
        return False
    figures = [c for c in table[index].held if any(digit in c for digit in "123456789")]
    return sum(map(_is_negative, figures)) * 2 > len(figures)


def _all_serials(column: Column) -> bool:
    return bool(column.held) and column.dates < 0.5 and column.serials >= 0.9


def _has_cents(cell: str) -> bool:
    return re.search(r"\d[.,](?!00)\d\d\b", cell) is not None


def _zone_in(heading: str) -> str:
    spoken = plain(heading).split()
    return "UTC" if "utc" in spoken or "gmt" in spoken else ""


def _usual_order(languages: tuple[str, ...], currency: str | None, shown: str) -> str:
    """The order of a country where only one is in use; '' where both are."""
    if languages and set(languages) <= {"ja", "zh", "zht", "ko", "hu", "lt"}:
        return "ymd" if len(shown.replace("/", "-").replace(".", "-").split("-")[-1]) <= 2 else "mdy"
    if languages and "en" not in languages:
        return "dmy"
    if currency == "USD" and "/" in shown:
        return "mdy"
    if currency in ("CAD", "PHP", "USD", None):
        return ""
    return "dmy"
