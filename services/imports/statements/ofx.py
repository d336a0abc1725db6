"""OFX and QFX, of version 1 (SGML, values without end tags) and 2 (XML), read alike as a stream of tags."""

import html
import re
from collections.abc import Iterable, Iterator
from decimal import Decimal, InvalidOperation

from models.errors import InvalidInput
from models.money import Money, currencies
from services.imports.rejected import Rejected
from services.imports.statements.amounts import decimal_evidence, number
from services.imports.statements.dates import parse, zone
from services.imports.statements.row import Row, shown

MAPPING = {
    "date": "DTPOSTED", "amount": "TRNAMT", "currency": "CURDEF", "reference": "FITID", "description": "MEMO",
    "counterparty": "NAME", "kind": "TRNTYPE", "refers_to": "CORRECTFITID",
}  # fmt: skip
_TAG = re.compile(r"<\s*(/?)([A-Za-z0-9_.:]+)[^<>]*>([^<]*)")
_WHEN = re.compile(r"(\d{8})(\d{6})?(?:\.\d+)?\s*(?:\[([^\]]*)\])?")
_LONGEST = 20_000


def is_ofx(head: str) -> bool:
    """Whether a file that begins with `head` is OFX."""
    start = head.lstrip("\ufeff \r\n\t")[:4000].upper()
    return start.startswith(("OFXHEADER", "<OFX>", "<?OFX")) or "<OFX>" in start


def _tags(lines: Iterable[str]) -> Iterator[tuple[int, str, bool, str]]:
    """(line, tag in capitals, whether it ends, value) of a file; a value may run over a line end."""
    waiting: list[str] = []
    first = 1
    opened = closed = size = 0
    for number_, line in enumerate(lines, 1):
        if not waiting:
            first = number_
            opened = closed = size = 0
        waiting.append(line)
        opened, closed, size = opened + line.count("<"), closed + line.count(">"), size + len(line)
        # A tag or value is complete once the next one begins, or when a value's line has ended.
        if line.rstrip().endswith(">") or (opened and opened == closed):
            yield from _found("".join(waiting), first)
            waiting.clear()
        elif size > _LONGEST:
            waiting.clear()
    yield from _found("".join(waiting), first)


def _found(text: str, first: int) -> Iterator[tuple[int, str, bool, str]]:
    at, seen = first, 0
    for found in _TAG.finditer(text):
        at, seen = at + text.count("\n", seen, found.start()), found.start()
        yield at, found[2].upper(), bool(found[1]), html.unescape(found[3]).strip()


def default_currency(lines: Iterable[str]) -> str | None:
    """The first currency that the file sets for its statements; None without one."""
    for _, tag, _, value in _tags(lines):
        if tag == "CURDEF" and value.upper() in currencies():
            return value.upper()
    return None


def rows(
    lines: Iterable[str], currency: str, told: str | None = None, sign: int = 1
) -> Iterator[Row | Rejected]:
    """The transactions of all statements in the file; `told` overrides their currency."""
    current = currency
    fields: dict[str, str] | None = None
    start, amounts_in = 0, ""
    for line, tag, ends, value in _tags(lines):
        if tag == "CURDEF" and not ends and value:
            current = value.upper()
        elif tag == "STMTTRN":
            if fields:
                yield _row(start, fields, told or current, sign)
            fields = None if ends else {}
            start = line
        elif fields is not None and not ends:
            if tag in ("CURRENCY", "ORIGCURRENCY"):
                amounts_in = tag
            # ORIGCURRENCY tells what a converted amount was before; only CURRENCY says what TRNAMT is in.
            key = f"{amounts_in}.{tag}" if tag == "CURSYM" else tag
            if value:
                fields.setdefault(key, value)
        elif fields is not None and ends and tag == "BANKTRANLIST":
            if fields:
                yield _row(start, fields, told or current, sign)
            fields = None
    if fields:
        yield _row(start, fields, told or current, sign)


def _row(line: int, fields: dict[str, str], currency: str, sign: int) -> Row | Rejected:
    text = shown(" ".join(f"<{tag}>{value}" for tag, value in fields.items()))
    when = _WHEN.match(fields.get("DTPOSTED", "").strip())
    moment = parse(when[1] + (when[2] or "")) if when else None
    if when is None or moment is None:
        return Rejected(line, f"The date {shown(fields.get('DTPOSTED', ''))[:40]!r} can't be read.", text)
    amount = _amount(fields.get("TRNAMT", ""))
    if amount is None:
        return Rejected(line, f"The amount {shown(fields.get('TRNAMT', ''))[:40]!r} can't be read.", text)
    code = fields.get("CURRENCY.CURSYM", currency).upper()
    if code not in currencies():
        return Rejected(line, f"There is no currency {shown(code)[:20]!r}.", text)
    try:
        amount = Money.of(amount * sign, code).amount
    except InvalidInput as problem:
        return Rejected(line, str(problem), text)
    named = zone((when[3] or "").split(":")[0]) if when[3] else None
    at = moment.at if when[2] else None
    name, memo = fields.get("NAME", ""), fields.get("MEMO", "")
    return Row(
        line=line,
        date=moment.day,
        at=at.replace(tzinfo=named) if at and named else at,
        amount=amount,
        currency=code,
        reference=fields.get("FITID"),
        refers_to=fields.get("CORRECTFITID"),
        description=memo or name,
        counterparty=name or None,
        country=fields.get("COUNTRY"),
        kind=fields.get("TRNTYPE"),
    )


def _amount(written: str) -> Decimal | None:
    """TRNAMT as a number; some banks write a decimal comma."""
    bare = written.strip().replace(" ", "")
    sign = -1 if bare.startswith("-") else 1
    figures = bare.lstrip("+-")
    if not figures or len(figures) > 40:
        return None
    try:
        value = number(figures, decimal_evidence(figures) or ".")
    except InvalidOperation:
        return None
    return None if value is None else value * sign
