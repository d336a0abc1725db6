"""The rules and lists of `data/gov/`: tab-separated files whose every line names its source and date.

names.tsv       phrases in an organisation's name that say government, and of what kind
exclusions.tsv  phrases that say something else: banks, schools, companies
sets.tsv        words that phrases refer to
networks.tsv    AS numbers of governments whose names do not say so
prefixes.tsv    address ranges of governments in the networks of others
domains.tsv     endings of host names
"""

import csv
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property
from ipaddress import ip_network
from pathlib import Path

from models.errors import CannotStart
from services.gov_detection.address import Ranges
from services.gov_detection.odds import log_odds
from services.gov_detection.phrase import Index, Phrase, phrase
from services.gov_detection.verdict import Kind

FOLDER = Path(__file__).parent.parent.parent / "data" / "gov"
UNKNOWN = "?"
FILES = ("names", "exclusions", "sets", "networks", "prefixes", "domains")


@dataclass(frozen=True)
class Sign:
    """A phrase's meaning: `kind` is None where it speaks against a government. `countries` None: everywhere;
    UNKNOWN among them: also where the country is unknown.
    `certainty` is the share of the networks it is found at that it is right about."""

    kind: Kind | None
    certainty: float
    countries: frozenset[str] | None
    says: str
    always: bool = False
    """Whether it speaks against a government even within the words of a longer sign."""

    @cached_property
    def weight(self) -> float:
        """The certainty in log-odds."""
        return log_odds(self.certainty)


@dataclass(frozen=True)
class Listed:
    """A network or host name that somebody looked up: whose it is, and how that is known."""

    kind: Kind
    certainty: float
    organization: str
    reason: str
    source: str
    date: str


@dataclass(frozen=True)
class Lists:
    """All of them. `version` is the newest date in them and a hash of what they say."""

    version: str
    signs: Index[Sign]
    exclusions: Index[Sign]
    networks: dict[int, Listed]
    prefixes: Ranges[Listed]
    domains: dict[str, Listed]


@cache
def load(folder: Path = FOLDER) -> Lists:
    """Reads the files in `folder`. Raises CannotStart, naming file and line, where one does not hold."""
    dates, digest = set[str](), hashlib.sha256()
    rows: dict[str, list[dict[str, str]]] = {}
    for name in FILES:
        path = folder / f"{name}.tsv"
        try:
            digest.update(path.read_bytes())
        except OSError as error:
            raise CannotStart(
                f"The rules of the detection can't be read: {path}: {error.strerror}."
            ) from None
        rows[name] = [row for _, row in lines(path)]
        dates.update(row["date"] for row in rows[name])
    sets = {row["name"]: row["words"] for row in rows["sets"]}
    return Lists(
        version=f"{max(dates)}.{digest.hexdigest()[:8]}",
        signs=Index(_sign(row, Kind(row["kind"]), sets) for row in rows["names"]),
        exclusions=Index(_sign(row, None, sets) for row in rows["exclusions"]),
        networks={int(row["asn"].removeprefix("AS")): _listed(row) for row in rows["networks"]},
        prefixes=Ranges((ip_network(row["prefix"]), _listed(row)) for row in rows["prefixes"]),
        domains={row["domain"]: _listed(row) for row in rows["domains"]},
    )


def lines(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of a list with their line numbers. Raises CannotStart for one without all its columns, a
    source and a date."""
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        for row in reader:
            place = f"{path}, line {reader.line_num}"
            if None in row or None in row.values():
                raise CannotStart(f"{place}: there are {len(reader.fieldnames or ())} columns.")
            try:
                date.fromisoformat(row["date"])
            except ValueError:
                raise CannotStart(f"{place}: {row['date']!r} is no date.") from None
            if not row["source"]:
                raise CannotStart(f"{place}: there is no source.")
            yield reader.line_num, row


def _sign(row: dict[str, str], kind: Kind | None, sets: dict[str, str]) -> tuple[Phrase, Sign]:
    countries = None if row["countries"] == "*" else frozenset(row["countries"].split(","))
    language = f" ({row['language']})" if row.get("language") else ""
    says, always = row["says"] + language, row.get("counts") == "always"
    return phrase(row["phrase"], sets), Sign(kind, float(row["certainty"]), countries, says, always)


def _listed(row: dict[str, str]) -> Listed:
    return Listed(
        kind=Kind(row["kind"]),
        certainty=float(row["certainty"]),
        organization=row["organization"],
        reason=row["reason"],
        source=row["source"],
        date=row["date"],
    )
