"""Amounts as people and banks write them, in figures: 1.234,56- and (85.00) and R$ 1.00 CR."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from models.money import currencies
from services.imports.statements.currencies import SIGNS
from services.imports.statements.vocabulary import plain, words

_BLANK = frozenset({"", "-", "--", "---", "n/a", "na", "null", "none", "nan", "nil", "\\n", ".", "*"})
_STRAIGHT = str.maketrans(
    {
        "−": "-", "–": "-", "—": "-", "‐": "-", "‑": "-", "‒": "-", "﹣": "-", "－": "-",
        "’": "'", "‘": "'", "´": "'", "`": "'", "ʼ": "'", "˙": "'", "٫": ".", "٬": "'", "،": ",",
        "\u00a0": " ", "\u2007": " ", "\u2009": " ", "\u202f": " ", "\u2002": " ", "\u2003": " ",
        "\u200e": None, "\u200f": None, "\u202a": None, "\u202c": None, "\ufeff": None, "\u200b": None,
        "\u061c": None, "\t": " ", "\u2066": None, "\u2069": None, '"': None, "=": None,
    }
)  # fmt: skip
_MONEY_SIGN = r"[^\d\s().,+\-'/:;]{1,5}(?:\$|\.(?!\d))?"
_WRITTEN = re.compile(
    rf"""(?P<open>\()?\s*(?P<flag1>(?:CR|DR)(?=\s))?\s*(?P<sign1>[+-])?\s*(?P<money1>{_MONEY_SIGN})?\s*
    (?P<open2>\()?\s*(?P<sign2>[+-])?\s*(?P<money3>[$€£¥])?\s*
    (?P<figures>\d[\d.,'_\ ]*|[.,]\d+)(?P<dash>[.,]\s?-{{1,2}}(?=\s|$|[^\d]))?
    \s*(?P<close2>\))?\s*(?P<sign3>[+-])?\s*(?P<money2>{_MONEY_SIGN})?\s*(?P<sign4>[+-])?
    \s*(?P<flag2>[^\W\d]{{1,6}}\.?)?\s*(?P<close>\))?""",
    re.VERBOSE,
)
_DOTTED_ARABIC = re.compile(r"(?<=[\u0621-\u064a])\.(?=[\u0621-\u064a])")
_GROUPING = {".": r",'_ ", ",": r".'_ "}
_VALID = {
    mark: re.compile(
        rf"(?:\d{{1,3}}(?:[{others}]\d{{2,3}})*[{others}]\d{{3}}|\d*)(?:{re.escape(mark)}\d*)?"
        rf"|\d{{1,4}}(?:[{others}]\d{{4}})+(?:{re.escape(mark)}\d*)?"
    )
    for mark, others in _GROUPING.items()
}
_PLAIN_FIGURES = re.compile(r"[+-]?\d{1,15}(?:\.\d+)?")
FIGURES_LIMIT = 25


@dataclass(frozen=True, slots=True)
class Written:
    """A cell taken apart: `sign` is -1 or 1, `signed` whether the cell itself says so, `figures` the digits
    with their separators, `money` the currency sign or code (or ''), `flag` 'debit', 'credit' or ''."""

    sign: int
    signed: bool
    figures: str
    money: str
    flag: str


def is_blank(text: str) -> bool:
    """Whether the cell says that there is nothing: empty, dashes, n/a, NULL."""
    return text in _BLANK or text.strip(" \u00a0\t\"'=").translate(_STRAIGHT).lower() in _BLANK


@lru_cache(maxsize=20_000)
def take_apart(text: str) -> Written | None:
    """The parts of an amount, or None when `text` is not one."""
    cleaned = text.translate(_STRAIGHT)
    if not cleaned.isascii():
        cleaned = unicodedata.normalize("NFKC", cleaned).translate(_STRAIGHT)
        cleaned = _DOTTED_ARABIC.sub("", cleaned)
    cleaned = cleaned.strip(" '")
    if not cleaned or len(cleaned) > 60 or not any(c.isdigit() for c in cleaned):
        return None
    found = _WRITTEN.fullmatch(cleaned)
    if not found:
        return None
    money, flag = "", _flag(found["flag1"] or "")
    for token in (found["money1"], found["money3"], found["money2"], found["flag2"]):
        if not token:
            continue
        if currency_sign(token):
            money = money or token
        elif not flag and _flag(token):
            flag = _flag(token)
        else:
            return None
    opened = bool(found["open"] or found["open2"])
    if opened != bool(found["close"] or found["close2"]):
        return None
    signs = "".join(found[f"sign{n}"] or "" for n in (1, 2, 3, 4))
    negative = opened or "-" in signs
    figures = found["figures"].strip()
    if found["dash"]:
        figures = figures.rstrip(".,")
    return Written(-1 if negative else 1, negative or "+" in signs, figures, money, flag)


@lru_cache(maxsize=2_000)
def _flag(token: str) -> str:
    spoken = plain(token)
    if len(spoken) > 6 or not spoken:
        return ""
    if spoken in words("credit"):
        return "credit"
    return "debit" if spoken in words("debit") else ""


@lru_cache(maxsize=2_000)
def currency_sign(token: str) -> str:
    """The ISO code for a sign, name or code of money as written ('' when it is none); '$' stays '$'."""
    bare = token.strip().strip("()[]").rstrip(".")
    if bare.upper() in currencies() and bare.isascii():
        return bare.upper()
    return SIGNS.get(bare) or SIGNS.get(bare.casefold()) or SIGNS.get(plain(bare), "")


def number(figures: str, decimal: str) -> Decimal | None:
    """The value of `figures` under a decimal mark, or None when they can't be read.

    A figure that the mark of the file forbids (12.50 among 12,50) but that has one sense only is taken.
    """
    mark = decimal
    if not _VALID[mark].fullmatch(figures):
        mark = "," if decimal == "." else "."
        if not _VALID[mark].fullmatch(figures) or decimal_evidence(figures) != mark:
            return None
    digits = "".join(c for c in figures if c.isdigit() or c == mark).replace(mark, ".")
    if not digits or digits == ".":
        return None
    return Decimal(digits)


def decimal_evidence(figures: str) -> str:
    """'.' or ',' when `figures` leave one sense only, else ''."""
    points, commas = figures.count("."), figures.count(",")
    if points and commas:
        last = "." if figures.rfind(".") > figures.rfind(",") else ","
        return last if figures.count(last) == 1 else ""
    if points + commas == 0:
        return ""
    mark, count = (".", points) if points else (",", commas)
    other = "," if mark == "." else "."
    if count > 1:
        return other
    before, after = figures.split(mark)
    if any(c in before for c in " '_"):
        return mark
    if any(c in after for c in " '_"):
        return other
    if len(after) != 3:
        return mark
    return mark if before in ("", "0") or len(before) > 3 else ""


@dataclass(frozen=True, slots=True)
class DecimalMark:
    """The mark that a set of cells shows: `mark` '.' or ',', or '' when nothing tells; `unsure` when some
    figures (1.234) could be read in two ways and no other cell decides."""

    mark: str
    unsure: bool


def decimal_mark(cells: Iterable[str]) -> DecimalMark:
    """What the cells of an amount column say about their decimal mark."""
    votes: Counter[str] = Counter()
    doubtful: Counter[str] = Counter()
    for cell in cells:
        written = take_apart(cell)
        if written is None:
            continue
        evidence = decimal_evidence(written.figures)
        if evidence:
            votes[evidence] += 1
        else:
            doubtful.update(c for c in ".," if c in written.figures)
    if votes:
        return DecimalMark(votes.most_common(1)[0][0], False)
    return DecimalMark("", bool(doubtful))


@lru_cache(maxsize=50_000)
def looks_like_amount(text: str) -> bool:
    """Whether a cell reads as an amount under either decimal mark."""
    if _PLAIN_FIGURES.fullmatch(text):
        return True
    written = take_apart(text)
    return written is not None and any(number(written.figures, mark) is not None for mark in ".,")


def looks_like_money(text: str) -> bool:
    """Stricter: an amount with decimals, a sign, a currency or grouping, as only money is written."""
    written = take_apart(text)
    if written is None or not looks_like_amount(text):
        return False
    return written.signed or bool(written.money) or any(c in written.figures for c in ".,'")


def money_in(text: str) -> str:
    """The currency sign or code that an amount is written with; '' without one."""
    written = take_apart(text)
    return currency_sign(written.money) if written and written.money else ""
