"""What is said about an address."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What part of the state a network belongs to, the most telling first."""

    MILITARY = "military"
    LAW_ENFORCEMENT = "law_enforcement"
    JUDICIARY = "judiciary"
    LEGISLATURE = "legislature"
    INTERGOV = "intergov"
    NATIONAL_CIVIL = "national_civil"
    REGIONAL_LOCAL = "regional_local"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether an address belongs to a government's network, and why.

    `is_government` is None when that is unknown: there is no database to look in, or no network is known
    for the address. `confidence` is the probability, 0 to 1, and 0 where nothing is known; `kind` is what a
    flagged or doubtful network would be, None without a sign. `asn` is written "AS7015", `country` is an
    ISO 3166-1 code. `reasons` are sentences for people, the weightiest first. `list_version` names the
    rules that judged.
    """

    ip: str
    is_government: bool | None
    confidence: float
    kind: Kind | None
    organization: str | None
    asn: str | None
    country: str | None
    reasons: tuple[str, ...]
    list_version: str
