"""The words of statements: what headers, states and totals are called in some forty languages.

The words lie in three tables beside this module, so that a new bank is a word there and not a rule here.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

_HERE = Path(__file__).parent
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z][a-z])")
_NOT_WORD = re.compile(r"[\W_]+")
_UNSPACED = re.compile(r"[぀-ヿ㐀-鿿가-힯฀-๿]")
_SHORT = frozenset({"id", "fee", "net", "vat", "tax", "iva", "tva", "ccy"})
_EXACT, _PART = 1.0, 0.5


@lru_cache(maxsize=20_000)
def plain(text: str) -> str:
    """`text` for comparing: lower case, no accents, words of letters and digits parted by one space."""
    if text.isascii():
        spaced = _CAMEL.sub(" ", text).lower()
    else:
        folded = _CAMEL.sub(" ", unicodedata.normalize("NFKC", text)).casefold().replace("ı", "i")
        parts = unicodedata.normalize("NFD", folded)
        spaced = unicodedata.normalize("NFC", "".join(c for c in parts if not unicodedata.combining(c)))
    return _NOT_WORD.sub(" ", spaced).strip()


@dataclass(frozen=True, slots=True)
class Meaning:
    """One thing that a header may mean: `role`, how sure (1 is the very word), how usual (rank, 0 first),
    and the language of the word."""

    role: str
    score: float
    rank: int
    language: str


def _table(name: str) -> Iterator[list[str]]:
    lines = (_HERE / name).read_text(encoding="utf-8").splitlines()
    return (line.split("\t") for line in lines[1:] if line)


@lru_cache(maxsize=1)
def _headers() -> dict[str, tuple[Meaning, ...]]:
    found: dict[str, dict[tuple[str, str], Meaning]] = defaultdict(dict)
    for role, language, terms in _table("headers.tsv"):
        for rank, term in enumerate(terms.split("|")):
            meaning = Meaning(role, _EXACT, rank, language)
            found[plain(term)].setdefault((role, language), meaning)
    return {term: tuple(meanings.values()) for term, meanings in found.items()}


@lru_cache(maxsize=1)
def _unspaced_terms() -> tuple[str, ...]:
    return tuple(sorted((t for t in _headers() if _UNSPACED.search(t)), key=len, reverse=True))


@lru_cache(maxsize=4_000)
def meanings(header: str) -> tuple[Meaning, ...]:
    """What `header` may mean, best first: its very words, or else the longest known words within it."""
    words = plain(header)
    known = _headers()
    if words in known:
        return known[words]
    tokens = words.split()
    for length in range(min(len(tokens) - 1, 5), 0, -1):
        # The last words of a heading carry its sense in most languages: "merchant transaction ID".
        for start in range(len(tokens) - length, -1, -1):
            part = " ".join(tokens[start : start + length])
            if part in known and (len(part) > 3 or length > 1 or part in _SHORT or not part.isascii()):
                score = _PART + 0.4 * len(part) / len(words)
                return tuple(Meaning(m.role, score, m.rank + 50, m.language) for m in known[part])
    if _UNSPACED.search(words):
        joined = words.replace(" ", "")
        for term in _unspaced_terms():
            bare = term.replace(" ", "")
            if bare == joined:
                return known[term]
            if len(bare) > 1 and bare in joined:
                score = _PART + 0.4 * len(bare) / len(joined)
                return tuple(Meaning(m.role, score, m.rank + 50, m.language) for m in known[term])
    return ()


@lru_cache(maxsize=1)
def _words() -> dict[str, frozenset[str]]:
    return {
        meaning: frozenset(plain(term) or term for term in terms.split("|"))
        for meaning, terms in _table("words.tsv")
    }


def words(meaning: str) -> frozenset[str]:
    """The plain words for `meaning`: refund, pending, failed, returned, debit, credit, neutral, balance,
    total, payment or sale."""
    return _words()[meaning]


@lru_cache(maxsize=20_000)
def says(meaning: str, text: str) -> bool:
    """Whether `text` is one of the words for `meaning`, or has one among its own words."""
    spoken = plain(text)
    known = words(meaning)
    if spoken in known:
        return True
    tokens = spoken.split()
    for length in range(1, min(len(tokens), 4) + 1):
        for start in range(len(tokens) - length + 1):
            if " ".join(tokens[start : start + length]) in known:
                return True
    return bool(_UNSPACED.search(spoken)) and any(len(w) > 1 and w in spoken for w in known)


@lru_cache(maxsize=20_000)
def begins_with(meaning: str, text: str) -> bool:
    """Whether `text` begins with one of the words for `meaning`."""
    spoken = plain(text)
    tokens = spoken.split()
    known = words(meaning)
    if any(" ".join(tokens[:length]) in known for length in range(1, min(len(tokens), 7) + 1)):
        return True
    return bool(_UNSPACED.search(spoken)) and any(len(w) > 1 and spoken.startswith(w) for w in known)


@lru_cache(maxsize=1)
def months() -> dict[str, int]:
    """The plain month names and their usual short forms -> 1 to 12."""
    return {plain(name): int(month) for month, names in _table("months.tsv") for name in names.split("|")}


def terms_beyond_ascii() -> frozenset[str]:
    """Lower-case words beyond ASCII, as they are written: a sign of the right encoding."""
    return _beyond_ascii()


@lru_cache(maxsize=1)
def _beyond_ascii() -> frozenset[str]:
    lists = [terms for *_, terms in _table("headers.tsv")] + [terms for *_, terms in _table("words.tsv")]
    return frozenset(
        word for terms in lists for term in terms.split("|") for word in term.split() if not word.isascii()
    )


_BALANCE_TAIL = re.compile(
    r"(?:\d+|as|of|at|on|the|per|vom|am|zum|au|le|al|em|en|do|da|di|del|de|dia|mes|a|na|k|ke|dne|den|la|van|op|r)"
)


@lru_cache(maxsize=20_000)
def is_balance(text: str) -> bool:
    """Whether `text` is the name of a balance, at most with a date: not the shop New Balance in London."""
    if len(text) > 80:
        return False
    spoken = plain(text)
    known = words("balance")
    if spoken in known:
        return True
    tokens = spoken.split()
    for length in range(min(len(tokens) - 1, 7), 0, -1):
        if " ".join(tokens[:length]) in known:
            tail = tokens[length:]
            return all(_BALANCE_TAIL.fullmatch(t) or t in months() or len(t) == 3 for t in tail)
    return False
