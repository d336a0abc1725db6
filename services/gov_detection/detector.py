"""The detector: an address in, a verdict out."""

import threading
import time
from collections.abc import Sequence
from pathlib import Path

from services.gov_detection.address import parsed, special
from services.gov_detection.databases import Databases, Place, Source, State, sources
from services.gov_detection.host_names import HostNames, available
from services.gov_detection.lists import Lists, load
from services.gov_detection.odds import log_odds, probability
from services.gov_detection.opinion import Opinion, of_listed, of_name, speaks_against
from services.gov_detection.verdict import Kind, Verdict

THRESHOLD = 0.7
_LOOK_EVERY = 10.0
_REMEMBERED = 200_000
_USER_TYPES = {
    "government": (0.9, Kind.NATIONAL_CIVIL),
    "military": (0.95, Kind.MILITARY),
}
_OTHER_USERS = ("residential", "cellular", "hosting", "college", "school", "content_delivery_network",
                "consumer_privacy_network", "search_engine_spider", "cafe")  # fmt: skip
_OTHERS_WEIGHT = 2.0


class Detector:
    """Judges addresses. One for a process, used by all its threads; needs no network."""

    def __init__(
        self,
        files: Sequence[Source],
        lists: Lists | None = None,
        threshold: float = THRESHOLD,
        host_names: HostNames | None = None,
    ):
        """`threshold` is the confidence from which `is_government` is true. With `host_names`, an address
        whose network says nothing may be flagged by its host name, once that is known. Raises CannotStart
        when the rules can't be read; databases that can't are told by `states`."""
        self.lists = lists or load()
        self.threshold = threshold
        self._host_names = host_names
        self._databases = Databases(files)
        self._opinions: dict[Place, Opinion] = {}
        self._looked = time.monotonic()
        self._looking = threading.Lock()

    @classmethod
    def of(
        cls,
        added: Sequence[Path] = (),
        data_dir: Path | None = None,
        threshold: float = THRESHOLD,
        reverse_dns: bool = False,
    ) -> "Detector":
        """A detector over the shipped databases, those that `geoip update` put into `data_dir`, and the
        operator's own; `reverse_dns` asks for host names too, where there is a name server."""
        lists = load()
        host_names = HostNames(lists) if reverse_dns and available() else None
        return cls(sources(added, data_dir), lists, threshold, host_names)

    @property
    def sources(self) -> tuple[Source, ...]:
        """The files it looks in."""
        return self._databases.sources

    @property
    def states(self) -> tuple[State, ...]:
        """How each database is."""
        return self._databases.states

    @property
    def problems(self) -> tuple[str, ...]:
        """What is wrong with the databases, as sentences; empty when nothing is."""
        return self._databases.problems

    @property
    def knows_organizations(self) -> bool:
        """Whether a database tells whose an address is; without one every answer is "unknown"."""
        return self._databases.know_organizations

    def judge(self, ip: str) -> Verdict:
        """The verdict on an address; nonsense gets one too, which says so."""
        if time.monotonic() - self._looked > _LOOK_EVERY:
            self.look()
        address = parsed(ip)
        if address is None:
            return self._nobody(ip, None, "This is not an IP address.")
        listed = self.lists.prefixes.get(address)
        if listed is None:
            why = special(address)
            if why is not None:
                return self._nobody(ip, False, why)
        place = self._databases.place(address)
        if listed is not None:
            return self._said(ip, place, of_listed(listed, "This range"), listed.organization)
        opinion = self._opinions.get(place)
        if opinion is None:
            opinion = self._opinion(place)
            if len(self._opinions) >= _REMEMBERED:
                self._opinions.clear()
            self._opinions[place] = opinion
        if self._host_names is not None and opinion.confidence < self.threshold:
            named = self._host_names.of(str(address))
            if named is not None:
                return self._said(ip, place, of_listed(named, "Its host name"), named.organization)
        return self._said(ip, place, opinion, place.organization or place.as_organization)

    def look(self) -> None:
        """Takes up databases that changed; `judge` does so by itself every ten seconds."""
        with self._looking:
            self._databases.look()
            self._looked = time.monotonic()

    def _said(self, ip: str, place: Place, opinion: Opinion, organization: str | None) -> Verdict:
        flagged: bool | None = opinion.confidence >= self.threshold
        reasons, confidence = opinion.reasons, opinion.confidence
        if not flagged and (organization is None or self._databases.problems):
            # Where a file that should be asked can't be, or knows nothing, "no" would be a guess.
            flagged = None
            if organization is None:
                confidence = 0.0
                reasons = () if self._databases.problems else ("No network is known for this address.",)
            reasons = (*reasons, *self._databases.problems)
        asn = f"AS{place.asn}" if place.asn else None
        version = self.lists.version
        return Verdict(
            ip, flagged, confidence, opinion.kind, organization, asn, place.country, reasons, version
        )

    def _nobody(self, ip: str, is_government: bool | None, why: str) -> Verdict:
        return Verdict(ip, is_government, 0.0, None, None, None, None, (why,), self.lists.version)

    def _opinion(self, place: Place) -> Opinion:
        """What all signs say: a list decides, else the most telling name, moved by the type of user."""
        listed = self.lists.networks.get(place.asn) if place.asn else None
        if listed is not None and not place.organization:
            return of_listed(listed, f"AS{place.asn}")
        country, user = place.country, place.organization
        opinion = of_name(self.lists, user or place.as_organization or "", country)
        silent = user and opinion.kind is None and not speaks_against(self.lists, user, country)
        if silent and place.as_organization:
            # A user whose name says nothing is taken for a part of whose network it is.
            opinion = of_name(self.lists, place.as_organization, country)
        return _with_user_type(opinion, place.user_type)


def _with_user_type(opinion: Opinion, user_type: str | None) -> Opinion:
    """GeoIP2's type of user is one more sign."""
    if user_type in _USER_TYPES:
        certainty, kind = _USER_TYPES[user_type]
        odds = log_odds(certainty) + max(0.0, log_odds(opinion.confidence)) / 2
        reason = f"The database calls the users of this network {user_type}."
        return Opinion(probability(odds), opinion.kind or kind, (reason, *opinion.reasons))
    if user_type in _OTHER_USERS:
        odds = log_odds(opinion.confidence) - _OTHERS_WEIGHT
        reason = f"Against it, the database calls the users of this network {user_type}."
        return Opinion(probability(odds), opinion.kind, (*opinion.reasons, reason))
    return opinion
