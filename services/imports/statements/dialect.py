"""How a CSV file is laid out: its delimiter and where its header stands, below whatever lines lead in."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from models.errors import InvalidInput
from services.imports.statements.amounts import is_blank, looks_like_amount, looks_like_money
from services.imports.statements.currencies import without_currency
from services.imports.statements.dates import looks_like_date
from services.imports.statements.records import Record, records
from services.imports.statements.vocabulary import meanings

_DELIMITERS = (",", ";", "\t", "|", "~", "^", "\x1f")
_HEADER_WITHIN = 80
_MONEY_ROLES = frozenset({"amount", "gross", "net", "total", "debit", "credit", "price"})


@dataclass(frozen=True, slots=True)
class Dialect:
    """`delimiter`; `header` is the record that names the columns or None; `data_after` is the last line
    before the data; `unwrap` whether whole lines stand in quotes."""

    delimiter: str
    header: Record | None
    data_after: int
    preamble: tuple[str, ...]
    unwrap: bool = False


def detect(lines: Sequence[str], delimiter: str | None = None, header_line: int | None = None) -> Dialect:
    """The dialect of a file that begins with `lines`; what is told is kept.

    Raises InvalidInput when no delimiter gives rows with a date and an amount.
    """
    start = 1
    body = list(lines)
    if body and body[0].lower().strip('"\n ').startswith("sep=") and len(body[0].strip('"\n')) <= 5:
        delimiter = delimiter or body[0].strip('"\n')[4:5] or ";"
        body, start = body[1:], 2
    choices = (delimiter,) if delimiter else _DELIMITERS
    best: tuple[float, str, bool, list[Record]] | None = None
    for unwrap in (False, True):
        for choice in choices:
            found = list(records(body, choice, unwrap, start))
            score = _score(found)
            if best is None or score > best[0]:
                best = (score, choice, unwrap, found)
        if best is not None and best[0] > 0:
            break
    if best is None or (best[0] <= 0 and delimiter is None and header_line is None):
        raise InvalidInput(
            "No rows with a date and an amount were found; say which character parts the columns (delimiter) "
            "and which columns hold date and amount."
        )
    _, chosen, unwrap, found = best
    header = _told(found, header_line) if header_line else _header(found)
    after = header.line + header.text.count("\n") if header else _lead_in(found, start)
    preamble = tuple(r.text for r in found if r.line <= after and (header is None or r.line < header.line))
    return Dialect(chosen, header, after, preamble, unwrap)


def _told(found: Sequence[Record], line: int) -> Record:
    for record in found:
        if record.line <= line <= record.line + record.text.count("\n"):
            return record
    raise InvalidInput.at("header_line", f"The file has no line {line} to be its header.")


def is_data(cells: Sequence[str]) -> bool:
    """Whether a row has both a date and an amount."""
    dates = [i for i, cell in enumerate(cells) if looks_like_date(cell.strip())]
    return bool(dates) and any(
        looks_like_amount(cell.strip()) for i, cell in enumerate(cells) if i not in dates
    )


def _score(found: Sequence[Record]) -> float:
    """How table-like a reading is: rows with a date and money in the usual number of columns."""
    widths: Counter[int] = Counter()
    money = 0
    for record in found:
        if len(record.cells) > 1 and is_data(record.cells):
            widths[_width(record.cells)] += 1
            money += any(looks_like_money(c.strip()) for c in record.cells if not looks_like_date(c.strip()))
    if not widths:
        head = max((_header_score(r.cells) for r in found[:_HEADER_WITHIN]), default=0.0)
        return head / 1000 if head >= 2 else 0.0
    usual, count = widths.most_common(1)[0]
    return count + 0.5 * (sum(widths.values()) - count) + 0.3 * money + usual / 1000


def _width(cells: Sequence[str]) -> int:
    width = len(cells)
    while width and not cells[width - 1].strip():
        width -= 1
    return width


def _header_score(cells: Sequence[str]) -> float:
    """How many different things the cells name, less what headers never hold."""
    named = [cell.strip() for cell in cells if cell.strip()]
    if len(named) < 2:
        return 0.0
    roles: dict[str, float] = {}
    score = 0.0
    for cell in named:
        if looks_like_date(cell) or looks_like_amount(cell):
            score -= 2
            continue
        if len(cell) > 60:
            score -= 0.5
        for meaning in meanings(without_currency(cell))[:1]:
            roles[meaning.role] = max(roles.get(meaning.role, 0.0), 1.0 if meaning.score == 1 else 0.4)
    return score + sum(roles.values()) - 0.05 * (len(named) - len(set(named)))


def _header(found: Sequence[Record]) -> Record | None:
    """The row that names the columns: by its words, or by standing in letters right above the data."""
    first = next((i for i, r in enumerate(found) if len(r.cells) > 1 and is_data(r.cells)), len(found))
    best: tuple[float, int] = (0.0, -1)
    usual = Counter(_width(r.cells) for r in found if is_data(r.cells)).most_common(1)
    for index, record in enumerate(found[:_HEADER_WITHIN]):
        score = _header_score(record.cells)
        if usual and _width(record.cells) < min(usual[0][0], 3):
            score -= 1.5
        if score > best[0] + 0.01:
            best = (score, index)
    if best[0] >= 1.9:
        return found[best[1]]
    if 0 < first < len(found):
        above = found[first - 1]
        named = [c.strip() for c in above.cells if c.strip()]
        wide = len(named) >= max(2, _width(found[first].cells) - 1)
        words = not any(looks_like_amount(c) or looks_like_date(c) or len(c) > 40 for c in named)
        if wide and words and len(set(named)) == len(named):
            return above
    return None


def _lead_in(found: Sequence[Record], start: int) -> int:
    """Without a header: the last line before the first row of data of the usual width."""
    widths = Counter(len(r.cells) for r in found if is_data(r.cells))
    usual = widths.most_common(1)[0][0] if widths else 0
    for record in found:
        if len(record.cells) == usual and is_data(record.cells):
            return record.line - 1
        if all(is_blank(c) for c in record.cells):
            continue
    return start - 1


def lead_in(lines: Sequence[str], found: Dialect) -> int:
    """The last line before the data of a file that is told to have no header."""
    return _lead_in(list(records(lines, found.delimiter, found.unwrap)), 1)
