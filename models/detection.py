"""Who judges addresses, as services know it: services/gov_detection does it, and whoever opens the stores
hands it over. It reads no store, so that models need to know nothing of how it judges."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


class Verdict(Protocol):
    """What is known of the network of an address. `is_government` is None where nothing is (no database);
    `confidence` is 0-1, `asn` is written "AS7015", `country` has two letters."""

    @property
    def is_government(self) -> bool | None: ...
    @property
    def confidence(self) -> float: ...
    @property
    def kind(self) -> str | None: ...
    @property
    def organization(self) -> str | None: ...
    @property
    def asn(self) -> str | None: ...
    @property
    def country(self) -> str | None: ...
    @property
    def reasons(self) -> Sequence[str]: ...
    @property
    def list_version(self) -> str: ...


class Judge(Protocol):
    """Judges one address at a time, quickly, and again the same while its databases are the same."""

    def judge(self, ip: str) -> Verdict: ...


@dataclass(frozen=True)
class Detection:
    """The judge of an installation, and the confidence from which on it takes a visit for a government's."""

    judge: Judge
    threshold: float = 0.7
