"""A statement of a bank or payment service: how it is laid out, and its rows as a stream."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from models.errors import InvalidInput
from models.money import check_currency, minor_units
from services.imports.rejected import Rejected
from services.imports.statements import currencies, dialect, foreign, ofx, text
from services.imports.statements.amounts import currency_sign, decimal_mark, is_blank, money_in
from services.imports.statements.columns import Column, Columns, find
from services.imports.statements.dates import ORDERS, decide_order, parse
from services.imports.statements.layout import Layout, Overrides
from services.imports.statements.reading import Plan, rows
from services.imports.statements.records import Record, records
from services.imports.statements.row import Row
from services.imports.statements.vocabulary import begins_with, is_balance, plain, words

_SAMPLE_LINES = 1_500
_SAMPLE_CHARACTERS = 1_000_000


@dataclass(frozen=True)
class Statement:
    """A file understood. Iterating reads it from the start, in the order of the file and without holding it
    in memory; it can be iterated again."""

    path: Path
    layout: Layout
    _open: Callable[[], Iterator[Row | Rejected]]

    def __iter__(self) -> Iterator[Row | Rejected]:
        return self._open()


def read(path: Path, overrides: Overrides = Overrides(), fallback_currency: str | None = None) -> Statement:  # noqa: B008
    """The statement in `path`; `fallback_currency` is used when nothing in the file tells its own.

    Raises InvalidInput, saying what it is or what it needs to know, when the file is no statement or can't
    be understood alone; its problem's pointer is the field of Overrides or the name of ours to give.
    """
    head = _head(path)
    if overrides.encoding is None and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        sentence = foreign.what_it_is(head)
        if sentence:
            raise InvalidInput(f"{path.name} can't be imported. {sentence}")
    encoding = text.Encoding.of(overrides.encoding) if overrides.encoding else text.detect(path)
    if not encoding.codec.startswith(("utf-16", "utf-32")) and foreign.is_binary(head):
        raise InvalidInput(f"{path.name} is not a text file; export CSV or OFX and import that.")
    currency = check_currency(overrides.currency, "currency") if overrides.currency else None
    fallback = check_currency(fallback_currency, "currency") if fallback_currency else None
    if ofx.is_ofx(head.decode(encoding.codec, errors="replace")):
        return _ofx(path, overrides, encoding, currency, fallback)
    return _csv(path, overrides, encoding, currency, fallback)


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            head = file.read(65_536)
    except FileNotFoundError:
        raise InvalidInput(f"There is no file {path}.") from None
    except IsADirectoryError:
        raise InvalidInput(f"{path} is a directory, not a file.") from None
    except OSError as error:
        raise InvalidInput(f"{path} can't be read: {error.strerror}.") from None
    if not head.strip():
        raise InvalidInput(f"{path.name} is empty.")
    if len(head) == 65_536 and b"\n" not in head and b"\r" not in head:
        raise InvalidInput(f"{path.name} has no line ends, so it is not a CSV or OFX file.")
    return head


def _lines(path: Path, codec: str) -> Iterator[str]:
    with path.open(encoding=codec, errors="replace", newline=None) as file:
        yield from file


def _ofx(
    path: Path, overrides: Overrides, encoding: text.Encoding, currency: str | None, fallback: str | None
) -> Statement:
    found = ofx.default_currency(_lines(path, encoding.codec))
    layout = Layout(
        encoding=encoding.name,
        delimiter="OFX",
        header_line=None,
        mapping=dict(ofx.MAPPING),
        decimal=overrides.decimal or ".",
        date_order="ymd",
        currency=currency or found or fallback,
        notes=(encoding.note,) if encoding.note else (),
    )
    if layout.currency is None:
        raise InvalidInput.at("currency", f"{path.name} does not say its currency; give it.")
    sign = -1 if overrides.sign == "inverted" else 1

    def opened() -> Iterator[Row | Rejected]:
        return ofx.rows(_lines(path, encoding.codec), layout.currency or "", currency, sign)

    return Statement(path, layout, opened)


def _csv(
    path: Path, overrides: Overrides, encoding: text.Encoding, currency: str | None, fallback: str | None
) -> Statement:
    lines: list[str] = []
    size = 0
    for line in islice(_lines(path, encoding.codec), _SAMPLE_LINES):
        lines.append(line)
        size += len(line)
        if size > _SAMPLE_CHARACTERS:
            break
    try:
        found = _dialect(lines, overrides)
        reading = _Reading(path, overrides, encoding, found, currency, fallback, lines)
        plan, layout = reading.decide()
    except InvalidInput as problem:
        raise InvalidInput(f"{path.name}: {problem}", problem.problems) from None

    def opened() -> Iterator[Row | Rejected]:
        return rows(reading.data(), plan)

    return Statement(path, layout, opened)


def _dialect(lines: Sequence[str], overrides: Overrides) -> dialect.Dialect:
    names = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "pipe": "|", "space": " "}
    delimiter = names.get(overrides.delimiter or "", overrides.delimiter)
    if delimiter is not None and len(delimiter) != 1:
        raise InvalidInput.at("delimiter", "The delimiter must be one character, such as ; or tab.")
    found = dialect.detect(lines, delimiter, overrides.header_line or None)
    if overrides.header_line == 0:
        found = replace(found, header=None, data_after=dialect.lead_in(lines, found))
    return found


@dataclass
class _Reading:
    """Deciding how one CSV file is read."""

    path: Path
    told: Overrides
    encoding: text.Encoding
    dialect: dialect.Dialect
    currency: str | None
    fallback: str | None
    lines: Sequence[str]

    def data(self) -> Iterator[Record]:
        """The records below the header, from the file."""
        lines = _lines(self.path, self.encoding.codec)
        after = self.dialect.data_after
        return records(islice(lines, after, None), self.dialect.delimiter, self.dialect.unwrap, after + 1)

    def decide(self) -> tuple[Plan, Layout]:
        """The plan for reading and the layout to show; InvalidInput asks for what can't be found out."""
        after = self.dialect.data_after
        header = self.dialect.header
        names = [c.strip() for c in header.cells] if header else None
        cut = self.lines[after:] if len(self.lines) < _SAMPLE_LINES else self.lines[after:-1]
        sample = [r.cells for r in records(cut, self.dialect.delimiter, self.dialect.unwrap)]
        typed = [cells for cells in sample if _is_transaction(cells)]
        columns = find(names, typed or sample, self.told.mapping)
        table = [Column(i, n, tuple(r[i].strip() if i < len(r) else "" for r in typed)) for i, n in enumerate(columns.names)]
        notes = [self.encoding.note, *columns.notes] if self.encoding.note else list(columns.notes)
        decimal = self.told.decimal or self._decimal(columns, table)
        currency = self.currency or self._currency(columns, table, sample, notes)
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

    def _decimal(self, columns: Columns, table: Sequence[Column]) -> str:
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
        code = self.currency or ""
        three = bool(code) and minor_units(code) == 3
        point = any("." in c for c in held)
        return ("." if point else ",") if three else ("," if point else ".")

    def _order(self, columns: Columns, sample: Sequence[Sequence[str]], currency: str | None, notes: list[str]) -> str:
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
        guess = _usual_order(columns.language, currency, shown)
        if guess:
            notes.append(f"Dates such as {shown} are read as {guess}, as is usual where this file comes from.")
            return guess
        raise InvalidInput.at(
            "date_order",
            f"Is {shown!r} day/month or month/day? Every date of the file could be either; give the date order "
            f"({', '.join(ORDERS)}).",
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
        for code in [*named[:1], *(signs[:1] if len(set(signs)) == 1 else [])]:
            if code not in currencies.SHARED:
                return code
            chosen = currencies.narrow(code, self.fallback, [g.code for g in hints])
            notes.append(f"The sign {code} is taken to be {chosen}.")
            return chosen
        if signs and len(set(signs)) > 1:
            return None
        for guess in hints:
            if guess.sure:
                return guess.code
        if hints:
            notes.append(hints[0].why)
            return hints[0].code
        if self.fallback:
            notes.append(f"The file names no currency, so its amounts are taken to be {self.fallback}.")
            return self.fallback
        guess = currencies.by_language(columns.language, likely=True)
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
            currencies.by_language(columns.language),
            currencies.by_wording(wording),
        )
        return [g for g in guesses if g is not None]

    # Signs and fees ----------------------------------------------------------------------------------

    def _signs(self, plan: Plan, columns: Columns, table: Sequence[Column], notes: list[str]) -> Plan:
        if self.told.sign == "inverted":
            plan = replace(plan, sign=-1)
        debit = plan.roles.get("debit")
        if "amount" not in plan.roles:
            signed = debit is not None and table[debit].negative * 2 > len(
                [c for c in table[debit].held if any(d in c for d in "123456789")]
            )
            return replace(plan, pair_signed=signed)
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
                notes.append("Charges are positive in this file, so they count as negative amounts; marked rows are credits.")
            return replace(plan, uses_flags=True, unflagged=side)
        return replace(plan, uses_flags=True)

    def _card(self, plan: Plan, amount: Column, table: Sequence[Column], notes: list[str]) -> Plan:
        """A credit card where charges are positive shows by its payments, which are negative."""
        index = plan.roles.get("description")
        if index is None or not amount.negative:
            return plan
        pairs = [(t, c) for t, c in zip(table[index].cells, amount.cells, strict=True) if not is_blank(c)]
        payments = [c for t, c in pairs if begins_with("payment", t) and _is_card_payment(t)]
        minus = sum("-" in c or "(" in c for c in payments)
        if payments and minus == len(payments) and (amount.negative - minus) * 2 < len(pairs) - len(payments):
            notes.append("Charges are positive in this file, so they count as negative amounts.")
            return replace(plan, sign=-1)
        return plan

    def _fees(self, plan: Plan, columns: Columns, table: Sequence[Column], notes: list[str]) -> Plan:
        index = plan.roles.get("fee")
        if index is None:
            return plan
        fee = table[index]
        nonzero = [c for c in fee.held if any(d in c for d in "123456789")]
        negative = sum("-" in c or "(" in c for c in nonzero)
        return replace(plan, fee_sign=-1 if negative * 2 > len(nonzero) else 1)

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
        charges = {(c[reference].strip(), c[amount].strip().lstrip("-")) for c in typed if len(c) > max(reference, amount)}
        return any(
            (number, value) in charges and any(d in value for d in "123456789")
            for number, values in fees.items()
            for value in values
        )


_OWN_ACCOUNT = frozenset(
    {"account", "auftragskonto", "konto", "iban auftragskonto", "rekening", "iban bban", "rekeningnummer", "compte", "cuenta",
     "conto", "rachunek", "account number", "iban", "numer rachunku", "konto iban"}
)  # fmt: skip


def _is_transaction(cells: Sequence[str]) -> bool:
    return dialect.is_data(cells) and not any(is_balance(c) for c in cells if c)


def _is_card_payment(description: str) -> bool:
    spoken = plain(description)
    return "thank" in spoken or "received" in spoken or "autopay" in spoken or spoken in words("payment")


def _all_serials(column: Column) -> bool:
    return bool(column.held) and column.dates < 0.5 and column.serials >= 0.9


def _zone_in(heading: str) -> str:
    spoken = plain(heading).split()
    return "UTC" if "utc" in spoken or "gmt" in spoken else ""


def _usual_order(language: str, currency: str | None, shown: str) -> str:
    """The order of a country where only one is in use; '' where both are."""
    if language in ("ja", "zh", "zht", "ko", "hu", "lt"):
        return "ymd" if len(shown.replace("/", "-").replace(".", "-").split("-")[-1]) <= 2 else "mdy"
    if language not in ("en", ""):
        return "dmy"
    if currency == "USD" and "/" in shown:
        return "mdy"
    if currency in ("CAD", "PHP", "USD", None):
        return ""
    return "dmy"
