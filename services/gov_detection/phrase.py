"""Phrases that organisation names are searched for, compiled so that a name meets only those it may hold.

A phrase is a sequence of words, matched word by word in a name as `spelled` writes it:

    word            the word itself
    a|b|c           one of these words
    word* *word     words that begin or end so
    new~york        two words that stand for one
    _               any one word
    ...             any words, eight at most, or none
    ?word  ?_       the word, or nothing
    ^  $            the beginning and the end of the name
    <states>        one of the words of that set (sets.tsv)
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

Thing = TypeVar("Thing")

_LETTERS = str.maketrans({"ø": "o", "æ": "ae", "œ": "oe", "ß": "ss", "ł": "l", "đ": "d", "ð": "d", "þ": "th",
                          "ı": "i", "ə": "e", "’": "'", "ʻ": "'"})  # fmt: skip
_INITIALS = re.compile(r"(?<!\w)(?:\w\.){2,}(?:\w(?!\w))?")
_LABEL = re.compile(r"^as\d+ - |^[a-z0-9]+(?:-[a-z0-9]+)*-as(?:-[a-z]{2,3})? - ")
_OWN = re.compile(r"'s\b|s'(?!\w)")
_NO_WORD = re.compile(r"[^\w]+|_+")
_SHORTEST, _TELLING = 3, 4
_REMEMBERED = 50_000


def spelled(name: str) -> str:
    """The words of a name in lower case, without accents and signs, each followed by a space."""
    text = name.lower()
    if not text.isascii():
        text = text.translate(_LETTERS)
        text = "".join(
            letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter)
        )
    if " - " in text:
        text = _LABEL.sub("", text)
    text = _OWN.sub("s", text).replace("&", " and ")
    if "." in text:
        text = _INITIALS.sub(lambda found: found[0].replace(".", "") + " ", text)
    words = f" {_NO_WORD.sub(' ', text).strip()} "
    return words.replace(" u s ", " us ")[1:]


@dataclass(frozen=True)
class Phrase:
    """One phrase; `search` finds it in a spelled name."""

    text: str
    pattern: re.Pattern[str]
    stems: tuple[str, ...]
    """Words (`word`), beginnings (`wor*`) or endings (`*ord`), one of which every name with it has."""

    def search(self, words: str) -> tuple[int, int] | None:
        """Where a spelled name says it first, or None."""
        found = self.pattern.search(words)
        return found.span() if found else None


def phrase(text: str, sets: Mapping[str, str]) -> Phrase:
    """Compiles a phrase. Raises ValueError when it names no word that a search could begin with."""
    for name, members in sets.items():
        text = text.replace(f"<{name}>", members)
    parts: list[str] = []
    stems: list[list[str]] = []
    for piece in text.split():
        if piece == "^":
            parts.append("^")
        elif piece == "$":
            parts.append("$")
        elif piece == "...":
            parts.append(r"(?:\w+ ){0,8}?")
        elif piece in {"_", "?_"}:
            parts.append(r"\w+ " if piece == "_" else r"(?:\w+ )?")
        else:
            words = piece.removeprefix("?").split("|")
            inner = "|".join(
                re.escape(word).replace(r"\*", r"\w*").replace(r"\~", " ").replace("~", " ") for word in words
            )
            if piece.startswith("?"):
                parts.append(f"(?:(?:{inner}) )?")
            else:
                parts.append(f"(?:{inner}) ")
                stems.append([_stem(word.partition("~")[0]) for word in words])
    usable = [each for each in stems if all(each)]
    if not usable:
        raise ValueError(f"The phrase {text!r} has no word to search for.")
    # Short words ("of", "de") are in every other name.
    chosen = min(
        usable,
        key=lambda each: (sum("*" in stem for stem in each), min(map(len, each)) < _TELLING, len(each)),
    )
    return Phrase(text, re.compile("(?<!\\w)" + "".join(parts)), tuple(chosen))


def _stem(word: str) -> str:
    """What an index can look for: the word, its beginning and `*`, or `*` and its ending."""
    if "*" not in word:
        return word
    first, _, last = word.partition("*")
    if len(first) >= _SHORTEST:
        return first + "*"
    return "*" + last if len(last) >= _SHORTEST and "*" not in last else ""


class Index(Generic[Thing]):
    """Things by phrase."""

    def __init__(self, things: Iterable[tuple[Phrase, Thing]]):
        self._by_stem: dict[str, list[tuple[int, Phrase, Thing]]] = {}
        self._by_word: dict[str, tuple[tuple[int, Phrase, Thing], ...]] = {}
        for number, (each, thing) in enumerate(things):
            for stem in each.stems:
                self._by_stem.setdefault(stem, []).append((number, each, thing))

    def found(self, words: str) -> Iterator[tuple[int, int, Thing]]:
        """Where a spelled name says something, and what that stands for, once each."""
        seen: set[int] = set()
        known = self._by_word
        for word in words.split():
            candidates = known.get(word)
            if candidates is None:
                candidates = self._candidates(word)
            for number, each, thing in candidates:
                if number not in seen:
                    seen.add(number)
                    span = each.search(words)
                    if span is not None:
                        yield *span, thing

    def _candidates(self, word: str) -> tuple[tuple[int, Phrase, Thing], ...]:
        """What may be said where this word stands."""
        lengths = range(_SHORTEST, len(word) + 1)
        stems = (
            word,
            *(word[:length] + "*" for length in lengths),
            *("*" + word[-length:] for length in lengths),
        )
        found = tuple(each for stem in stems for each in self._by_stem.get(stem, ()))
        if len(self._by_word) >= _REMEMBERED:
            self._by_word.clear()
        self._by_word[word] = found
        return found
