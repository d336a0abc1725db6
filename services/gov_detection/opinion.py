"""What the name of an organisation says, weighed to a probability.

Every phrase that is found speaks for or against with the log-odds of its certainty. The weightiest sign for
a government counts whole, and half of the next that stands elsewhere in the name; the weightiest sign against
it counts whole, and half of each other. Of two signs where one lies within the other, the longer is meant:
the "energy" in "department of energy" is no power company, and the "city" in "city national bank" no town.
"""

from dataclasses import dataclass
from math import exp, log

from services.gov_detection.lists import Listed, Lists, Sign
from services.gov_detection.phrase import spelled
from services.gov_detection.verdict import Kind

NOTHING = 0.01
"""The share of governments among the networks whose names say nothing."""
_RANK = {kind: rank for rank, kind in enumerate(Kind)}
_SURE = 0.9
_FOREIGN = 2.2
"""What a phrase of one country is worth less, in log-odds, where the country is unknown..."""
_LONG = 7
"""... unless it has a word of so many letters, which other languages hardly have too."""


@dataclass(frozen=True)
class Opinion:
    """A probability with its reasons; `silent` when nothing was found that speaks for or against."""

    confidence: float
    kind: Kind | None
    reasons: tuple[str, ...]
    silent: bool = False


@dataclass(frozen=True)
class _Found:
    start: int
    end: int
    weight: float
    sign: Sign

    def within(self, other: "_Found") -> bool:
        return other.start <= self.start and self.end <= other.end

    def apart(self, other: "_Found") -> bool:
        return self.end <= other.start or other.end <= self.start


def of_name(lists: Lists, name: str, country: str | None) -> Opinion:
    """What an organisation's name says; `country` decides which languages it is read in."""
    words = spelled(name)
    yes: list[_Found] = []
    no: list[_Found] = []
    for start, end, sign in lists.signs.found(words):
        weight = log_odds(sign.certainty)
        if sign.countries is not None and country not in sign.countries:
            if country is not None:
                continue
            if max(map(len, words[start:end].split())) < _LONG:
                weight -= _FOREIGN
        (no if sign.kind is None else yes).append(_Found(start, end, weight, sign))
    no = [
        each
        for each in no
        if not any(
            each.within(other)
            and other.sign.certainty >= _SURE
            and other.end - other.start > each.end - each.start
            for other in yes
        )
    ]
    yes = [each for each in yes if not any(each.within(other) for other in no)]
    if not yes:
        said = [f'"{words[each.start : each.end].strip()}" in the name: {each.sign.says}.' for each in no[:2]]
        return Opinion(
            NOTHING, None, tuple(said) or (f'Nothing in the name "{name}" says government.',), not no
        )
    yes.sort(key=lambda each: -each.weight)
    no.sort(key=lambda each: -each.weight)
    best = yes[0]
    second = next((each for each in yes[1:] if each.apart(best)), None)
    odds = best.weight + max(0.0, second.weight if second else 0.0) / 2
    odds -= sum(each.weight if index == 0 else each.weight / 2 for index, each in enumerate(no))
    shown = [best, *([second] if second else [])]
    reasons = [f'"{words[each.start : each.end].strip()}" in the name: {each.sign.says}.' for each in shown]
    reasons += [
        f'Against it, "{words[each.start : each.end].strip()}" in the name: {each.sign.says}.'
        for each in no[:2]
    ]
    return Opinion(probability(odds), _kind(yes), tuple(reasons))


def of_listed(listed: Listed, what: str) -> Opinion:
    """What a list says about `what`, such as "AS721"."""
    reason = f"{what} belongs to {listed.organization}: {listed.reason} ({listed.source}, {listed.date})."
    return Opinion(listed.certainty, listed.kind, (reason,))


def _kind(yes: list[_Found]) -> Kind:
    """The most telling kind among the signs that are nearly as good as the best."""
    close = [
        each for each in yes if each.weight >= yes[0].weight - 1.5 and each.sign.certainty >= _SURE
    ] or yes[:1]
    return min((each.sign.kind for each in close if each.sign.kind), key=_RANK.__getitem__)


def log_odds(share: float) -> float:
    """The logarithm of the odds of a probability."""
    return log(share / (1 - share))


def probability(odds: float) -> float:
    """The probability of log-odds."""
    return 1 / (1 + exp(-odds))
