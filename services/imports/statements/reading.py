"""Records of a CSV file -> rows, with everything about the file decided beforehand."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache

from models.errors import InvalidInput
from models.money import Money, currencies
from services.imports.rejected import Rejected
from services.imports.statements.amounts import FIGURES_LIMIT, currency_sign, is_blank, number, take_apart
from services.imports.statements.currencies import SHARED, narrow
from services.imports.statements.dates import Moment, clock, parse, zone
from services.imports.statements.records import Record
from services.imports.statements.row import Row, Skipped, Status, shown
from services.imports.statements.vocabulary import begins_with, is_balance, plain, says, words

_ORDER_NUMBER = re.compile(
    r"(?i)\b(?:order|bestellung|commande|pedido|ordine|zamówienie)\s*(?:#|no\.?|nr\.?|n°)\s*([A-Z0-9-]{4,40})"
)
_BLANK_AMOUNT = (None, "", "")


@dataclass(frozen=True)
class Plan:
    """All that reading needs: `roles` ours -> index, `dates` further date columns, `currency` for rows that
    name none, `hints` which currency a shared sign means, `unflagged` the direction of amounts without a
    mark, `debit_sign` and `credit_sign` what the figures of those columns are multiplied by."""

    roles: dict[str, int]
    dates: tuple[int, ...]
    width: int
    header: tuple[str, ...]
    decimal: str
    order: str
    currency: str | None
    fallback: str | None = None
    sign: int = 1
    fee_sign: int = 1
    unflagged: str = ""
    uses_flags: bool = False
    debit_sign: int = -1
    credit_sign: int = 1
    serials: bool = False
    zone_name: str = ""


def rows(records: Iterable[Record], plan: Plan) -> Iterator[Row | Rejected]:
    """The rows of a file in its order; lines that only carry on a description join the row before them."""
    read = reader(plan)
    waiting: Row | None = None
    for record in records:
        item = read(record)
        if item is None:
            continue
        if isinstance(item, str):
            if waiting is None:
                yield Skipped(record.line, "It stands before the first transaction.", shown(record.text))
            else:
                waiting = replace(waiting, description=f"{waiting.description} {item}".strip())
            continue
        if waiting is not None:
            yield waiting
            waiting = None
        if isinstance(item, Row):
            waiting = item
        else:
            yield item
    if waiting is not None:
        yield waiting


def reader(plan: Plan) -> Callable[[Record], Row | Rejected | str | None]:
    """The function that reads one record: a row, a line that is none, the rest of the description of the row
    before, or None for an empty line."""
    roles = plan.roles
    at = {name: roles.get(name, -1) for name in (
        "date", "time", "zone", "at", "amount", "debit", "credit", "direction", "fee", "net", "currency",
        "description", "reference", "refers_to", "counterparty",
        "status", "kind", "refunded", "country", "category",
    )}  # fmt: skip
    date_index, amount_index, currency_index = at["date"], at["amount"], at["currency"]
    width, order, serials = plan.width, plan.order, plan.serials
    has_time = at["time"] >= 0 or at["at"] >= 0
    header_cells = [plain(c) for c in plan.header]
    named_zone = zone(plan.zone_name) if plan.zone_name else None
    optional = [
        (n, at[n]) for n in ("reference", "refers_to", "counterparty", "country", "category") if at[n] >= 0
    ]

    @lru_cache(maxsize=50_000)
    def amount_of(text: str) -> tuple[Decimal | None, str, str]:
        """(signed value, currency in the cell, debit or credit mark); ValueError says what is wrong."""
        written = take_apart(text)
        if written is None:
            raise ValueError(f"The amount {shown(text)[:60]!r} can't be read.")
        if sum(c.isdigit() for c in written.figures) > FIGURES_LIMIT:
            raise ValueError("The amount must be a number below 1,000,000,000,000.")
        value = number(written.figures, plan.decimal)
        if value is None:
            raise ValueError(
                f"The amount {shown(text)[:60]!r} can't be read with {plan.decimal!r} as decimal mark."
            )
        return value * written.sign, currency_sign(written.money) if written.money else "", written.flag

    def value_of(cells: list[str], index: int) -> Decimal | None:
        """The figure of another column, or None when it is blank or not one."""
        if index < 0 or index >= len(cells) or is_blank(cells[index].strip()):
            return None
        try:
            return amount_of(cells[index].strip())[0]
        except ValueError:
            return None

    @lru_cache(maxsize=2_000)
    def currency_of(text: str) -> str:
        sign = currency_sign(text)
        if sign in SHARED:
            return narrow(sign, plan.fallback, (plan.currency or "",))
        if sign not in currencies():
            raise ValueError(f"There is no currency {shown(text)[:20]!r}.")
        return sign

    @lru_cache(maxsize=50_000)
    def checked(amount: Decimal, currency: str) -> Decimal:
        try:
            return Money.of(amount, currency).amount
        except InvalidInput as problem:
            raise ValueError(str(problem)) from None

    @lru_cache(maxsize=1_000)
    def state(text: str) -> Status:
        if says("returned", text):
            return "refunded"
        if says("failed", text):
            return "failed"
        return "pending" if says("pending", text) else "completed"

    @lru_cache(maxsize=1_000)
    def direction(text: str) -> str:
        spoken = plain(text) or text.strip()
        for meaning in ("debit", "credit", "neutral"):
            if spoken in words(meaning):
                return meaning
        return ""

    def moment_of(cells: list[str]) -> Moment | None:
        text = cells[date_index].strip() if date_index < len(cells) else ""
        moment = parse(text, order, serials)
        if moment is None and (is_blank(text) or says("pending", text)):
            for index in plan.dates:
                if index < len(cells) and (moment := parse(cells[index].strip(), order, serials)) is not None:
                    break
        return moment

    def timed(moment: Moment, cells: list[str]) -> Moment:
        if at["at"] >= 0 and at["at"] < len(cells):
            other = parse(cells[at["at"]].strip(), order, serials)
            if other is not None and other.clock is not None:
                moment = Moment(moment.day, other.clock, other.zone)
        elif at["time"] >= 0 and at["time"] < len(cells):
            read = clock(cells[at["time"]].strip())
            if read is not None:
                moment = Moment(moment.day, *read)
        if moment.clock is not None and moment.zone is None:
            found = zone(cells[at["zone"]].strip()) if 0 <= at["zone"] < len(cells) else named_zone
            if found is not None:
                moment = Moment(moment.day, moment.clock, found)
        return moment

    def signed_amount(cells: list[str]) -> tuple[Decimal | None, str, str]:
        if amount_index < 0:
            return paired(cells)
        text = cells[amount_index].strip() if amount_index < len(cells) else ""
        if is_blank(text):
            return _BLANK_AMOUNT
        value, money, flag = amount_of(text)
        if plan.uses_flags and value is not None:
            if at["direction"] >= 0 and not flag:
                flag = direction(cells[at["direction"]]) if at["direction"] < len(cells) else ""
            flag = flag or plan.unflagged
            if flag == "debit":
                value = -value
        elif flag == "debit" and value is not None:
            value = -abs(value)
        return value, money, flag

    def paired(cells: list[str]) -> tuple[Decimal | None, str, str]:
        total: Decimal | None = None
        money = ""
        for index, side in ((at["debit"], plan.debit_sign), (at["credit"], plan.credit_sign)):
            text = cells[index].strip() if 0 <= index < len(cells) else ""
            if is_blank(text):
                continue
            value, written, _ = amount_of(text)
            if value is None:
                continue
            money = money or written
            total = value * side if total is None else total + value * side
        return total, money, ""

    def not_a_row(
        record: Record, cells: list[str], dated: bool, amount: Decimal | None
    ) -> Rejected | str | None:
        held = [c.strip() for c in cells if c.strip()]
        if not held:
            return None
        if [plain(c) for c in cells] == header_cells:
            return Skipped(record.line, "The header stands here again.", shown(record.text))
        if any(is_balance(c) for c in held):
            return Skipped(record.line, "It is a balance, not a transaction.", shown(record.text))
        if not dated and (any(plain(c) in words("total") for c in held) or begins_with("total", held[0])):
            return Skipped(record.line, "It is a total, not a transaction.", shown(record.text))
        if not dated and amount is None:
            index = at["description"]
            if len(held) <= 2 and 0 <= index < len(cells) and cells[index].strip() and not cells[0].strip():
                return " ".join(held)
            if len(held) == 1 or len(held) * 2 < width or width == 0:
                return Skipped(
                    record.line, "It is no transaction: it has neither date nor amount.", shown(record.text)
                )
        text = cells[date_index].strip() if date_index < len(cells) else ""
        if not dated and len(cells) < width and not any(c.isdigit() for c in text):
            return Skipped(
                record.line, "It is no transaction: it has no date and lacks columns.", shown(record.text)
            )
        reason = f"The date {shown(text)[:40]!r} can't be read." if text else "It has no date."
        return Rejected(record.line, reason, shown(record.text))

    def read(record: Record) -> Row | Rejected | str | None:
        cells = record.cells
        if "\x00" in record.text:
            return Rejected(record.line, "The line holds a NUL byte.", shown(record.text))
        if len(cells) > width > 0 and any(c.strip() for c in cells[width:]):
            cells = rejoined(cells)
        moment = moment_of(cells)
        problem = ""
        try:
            amount, money, flag = signed_amount(cells)
        except ValueError as error:
            (amount, money, flag), problem = _BLANK_AMOUNT, str(error)
        description = cells[at["description"]].strip() if 0 <= at["description"] < len(cells) else ""
        status: Status = "completed"
        if 0 <= at["status"] < len(cells):
            status = state(cells[at["status"]])
        if moment is None:
            text = cells[date_index].strip() if date_index < len(cells) else ""
            waits = amount is not None and (says("pending", text) if text else status == "pending")
            if not waits:
                return not_a_row(record, cells, False, amount)
            status = "pending"
        elif description and is_balance(description):
            return Skipped(record.line, "It is a balance, not a transaction.", shown(record.text))
        if problem:
            if any(is_balance(c) for c in cells):
                return Skipped(record.line, "It is a balance, not a transaction.", shown(record.text))
            return Rejected(record.line, problem, shown(record.text))
        if flag == "neutral":
            return Skipped(
                record.line, "The file counts it neither as money in nor as money out.", shown(record.text)
            )
        if amount is None and sum(1 for c in cells if c.strip()) < min(3, width):
            return Skipped(record.line, "It has no amount.", shown(record.text))
        try:
            currency = plan.currency
            named = cells[currency_index].strip() if 0 <= currency_index < len(cells) else ""
            if named and not is_blank(named):
                currency = currency_of(named)
            elif money and (money not in SHARED or currency is None):
                currency = currency_of(money)
            if currency is None:
                return Rejected(record.line, "It names no currency.", shown(record.text))
            if amount is not None:
                amount = checked(amount * plan.sign if plan.sign < 0 else amount, currency)
        except ValueError as error:
            return Rejected(record.line, str(error), shown(record.text))
        if moment is not None and (has_time or moment.clock is not None):
            moment = timed(moment, cells)
        kind = cells[at["kind"]].strip() if 0 <= at["kind"] < len(cells) else ""
        texts = {n: cells[i].strip() or None for n, i in optional if i < len(cells)}
        refund = says("refund", kind) if kind else bool(
            description and amount is not None and amount < 0 and begins_with("refund", description)
        )  # fmt: skip
        if (
            at["reference"] < 0
            and description
            and (refund or (kind and amount and amount > 0 and says("sale", kind)))
        ):
            number_found = _ORDER_NUMBER.search(description)
            if number_found:
                texts.setdefault("refers_to" if refund else "reference", number_found[1])
        if refund and status == "refunded":
            status = "completed"
        fee = value_of(cells, at["fee"])
        returned = value_of(cells, at["refunded"])
        return Row(
            line=record.line,
            date=None if moment is None else moment.day,
            at=None if moment is None else moment.at,
            amount=amount,
            currency=currency,
            fee=None if fee is None else fee * plan.fee_sign,
            status=status,
            is_refund=refund,
            refunded=None if returned is None else abs(returned),
            description=description,
            kind=kind or None,
            **texts,
        )

    def rejoined(cells: list[str]) -> list[str]:
        """Cells of a row that has too many, put back where a description held the delimiter unquoted."""
        index = at["description"]
        extra = len(cells) - width
        if index < 0 or moment_of(cells) is None:
            return cells
        joined = [
            *cells[:index],
            ", ".join(c.strip() for c in cells[index : index + extra + 1]),
            *cells[index + extra + 1 :],
        ]
        try:
            signed_amount(cells)
        except ValueError:
            return joined
        return joined if at["description"] < max(amount_index, at["debit"], at["credit"]) else cells

    return read
