"""What the name of an organisation says, weighed to a probability.

Every phrase that is found speaks for or against with the log-odds of its certainty. The weightiest sign for
a government counts whole, and half of the next that stands elsewhere in the name; the weightiest sign against
it counts whole, and half of each other. Of two signs where one lies within the other, the longer is meant:
the "energy" in "department of energy" is no power company, and the "city" in "city national bank" no town.
"""

from dataclasses import dataclass

from services.gov_detection.lists import UNKNOWN, Listed, Lists, Sign
from services.gov_detection.odds import calibrated, probability
from services.gov_detection.phrase import Index, spelled
from services.gov_detection.verdict import Kind

NOTHING = 0.01
"""The share of governments among the networks whose names say nothing."""
_RANK = {kind: rank for rank, kind in enumerate(Kind)}
_SURE = 0.9
_FOREIGN = 2.2
"""What a phrase of one country is worth less, in log-odds, where the country is unknown..."""
_LONG = 6
"""... unless it has a word of so many letters, which other languages hardly have too."""


@dataclass(frozen=True)
class Opinion:
    """A probability with its reasons; `kind` is None when nothing speaks for a government."""

    confidence: float
    kind: Kind | None
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class _Found:
    start: int
    end: int
    weight: float
    sign: Sign

    def within(self, other: "_Found") -> bool:
        return other.start <= self.start and self.end <= other.end

    def inside(self, other: "_Found") -> bool:
        """Within, and shorter."""
        return self.within(other) and self.end - self.start < other.end - other.start

    def apart(self, other: "_Found") -> bool:
        return self.end <= other.start or other.end <= self.start

    def reason(self, words: str) -> str:
        return f'"{words[self.start : self.end].strip()}" in the name: {self.sign.says}.'


def of_name(lists: Lists, name: str, country: str | None) -> Opinion:
    """What an organisation's name says; `country` decides which languages it is read in."""
    words = spelled(name)
    yes = _found(lists.signs, words, country)
    if not yes:
        return Opinion(NOTHING, None, (f'Nothing in the name "{name}" says government.',))
    no = _found(lists.exclusions, words, country)
    meant = [each for each in yes if each.sign.certainty >= _SURE]
    no = [each for each in no if each.sign.always or not any(each.inside(other) for other in meant)]
    yes = [each for each in yes if not any(each.within(other) for other in no)]
    if not yes:
        return Opinion(NOTHING, None, tuple(each.reason(words) for each in no[:2]))
    yes.sort(key=lambda each: -each.weight)
    no.sort(key=lambda each: -each.weight)
    best = yes[0]
    second = next((each for each in yes[1:] if each.apart(best) and each.weight > 0), None)
    odds = best.weight + (second.weight / 2 if second else 0)
    odds -= sum(each.weight / (2 if index else 1) for index, each in enumerate(no))
    reasons = [each.reason(words) for each in (best, second) if each]
    reasons += [f"Against it: {each.reason(words)}" for each in no[:2]]
    return Opinion(calibrated(probability(odds)), _kind(yes), tuple(reasons))


def speaks_against(lists: Lists, name: str, country: str | None) -> bool:
    """Whether a name says that the organisation is something else than a government."""
    return bool(_found(lists.exclusions, spelled(name), country))


def of_listed(listed: Listed, what: str) -> Opinion:
    """What a list says about `what`, such as "AS721"."""
    reason = f"{what} belongs to {listed.organization}: {listed.reason} ({listed.source}, {listed.date})."
    return Opinion(listed.certainty, listed.kind, (reason,))


def _found(index: Index[Sign], words: str, country: str | None) -> list[_Found]:
    """The signs in a name that count in a country."""
    found = []
    for start, end, sign in index.found(words):
        weight = sign.weight
        if sign.countries is not None:
            if (country or UNKNOWN) not in sign.countries:
                continue
            if country is None and max(map(len, words[start:end].split())) < _LONG:
                weight -= _FOREIGN
        found.append(_Found(start, end, weight, sign))
    return found


def _kind(yes: list[_Found]) -> Kind:
    """The most telling kind among the signs that are nearly as good as the best."""
    close = [
        each for each in yes if each.weight >= yes[0].weight - 1.5 and each.sign.certainty >= _SURE
    ] or yes[:1]
    return min((each.sign.kind for each in close if each.sign.kind), key=_RANK.__getitem__)
