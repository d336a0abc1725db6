"""What happens on the profiles of the demo: views and what follows from them, robots, own visits."""

from collections import deque
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import accumulate, count
from math import log
from random import Random
from typing import Literal

from models.ids import derived_id
from services.demo.gifts import CATALOG, Gift
from services.demo.personas import CAMPAIGN, SOURCES, Source
from services.demo.rhythm import Stay, chances, generosity, number
from services.ingest.inputs import Event

_Kind = Literal["view", "click", "inquiry", "favorite", "share"]

_APPLE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
_WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
_MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/"
_ANDROID = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) "
_AGENTS = {
    _APPLE + "Version/26.0 Mobile/15E148 Safari/604.1": 27,
    _APPLE + "CriOS/141.0.7390.41 Mobile/15E148 Safari/604.1": 5,
    _ANDROID + "Chrome/141.0.0.0 Mobile Safari/537.36": 26,
    _ANDROID + "SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36": 6,
    "Mozilla/5.0 (Android 15; Mobile; rv:143.0) Gecko/143.0 Firefox/143.0": 2,
    _WINDOWS + "Chrome/141.0.0.0 Safari/537.36": 14,
    _WINDOWS + "Chrome/141.0.0.0 Safari/537.36 Edg/141.0.0.0": 5,
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:143.0) Gecko/20100101 Firefox/143.0": 3,
    _MAC + "605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15": 5,
    _MAC + "537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36": 4,
    "Mozilla/5.0 (iPad; CPU OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/26.0 Mobile/15E148 Safari/604.1": 3,
}
_ROBOTS = (
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
    "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)",
    "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
)
_NETWORKS = ("192.0.2", "198.51.100", "203.0.113")
_TARGETS = ("contact", "gallery", "prices", "calendar")
_REMEMBERED = 900
_RETURNING, _TIMED, _CLICKING = 0.29, 0.78, 0.11
_CATALOG, _ITEM, _CHECKOUT = 0.105, 0.56, 0.41
_FAVORITE, _SHARE, _OWN_A_DAY = 0.014, 0.006, 0.9
ROBOTS = 0.05
"""Robots for each view of a person."""
CHECKOUTS = _CATALOG * _ITEM * _CHECKOUT
"""Visits to the checkout for each view, at a time of usual generosity."""
_MEDIAN_SECONDS = 46


@dataclass(frozen=True, slots=True)
class Visitor:
    visitor_id: str
    ip: str
    user_agent: str
    country: str
    source: Source


@dataclass(frozen=True, slots=True)
class Lead:
    """Someone who got in touch, or (with a gift) went to pay."""

    at: datetime
    visitor: Visitor
    gift: Gift | None = None


@dataclass
class Traffic:
    """All that happened, and what sales can come of it."""

    events: list[Event] = field(default_factory=list)
    inquiries: list[Lead] = field(default_factory=list)
    checkouts: list[Lead] = field(default_factory=list)


def visits(stay: Stay) -> Traffic:
    """The events of the stay, none of them later than its `now`."""
    made = Visits(stay).made()
    made.events = [event for event in made.events if event.timestamp and event.timestamp <= stay.now]
    return made


class Visits:
    """Makes visits, one after the other; `traffic` gathers what happens in them. Those of a `run` are
    others than those of the history."""

    def __init__(self, stay: Stay, run: str | None = None):
        self.stay, self.persona, self.run = stay, stay.persona, run or stay.today.isoformat()
        self.chance: Random = chances("visits", self.persona.slug, *([run] if run else []))
        self.traffic = Traffic()
        self.recent: deque[Visitor] = deque(maxlen=_REMEMBERED)
        self.numbers = count()
        self.agents, self.agent_weights = list(_AGENTS), list(accumulate(_AGENTS.values()))
        self.countries = list(self.persona.countries)
        self.country_weights = list(accumulate(self.persona.countries.values()))
        self.owner = Visitor("owner", "192.0.2.1", self.agents[0], self.countries[0], SOURCES[2])

    def made(self) -> Traffic:
        """All of the stay's days, to the end of the last."""
        for day in self.stay.days():
            expected = self.stay.views(day)
            weights = self.source_weights(day)
            for _ in range(number(self.chance, expected)):
                self.visit(self.stay.at(self.chance, day), weights)
            for _ in range(number(self.chance, expected * ROBOTS)):
                self._add("view", self._robot(), self.stay.at(self.chance, day))
            for _ in range(number(self.chance, _OWN_A_DAY)):
                self._add("view", self.owner, self.stay.at(self.chance, day), is_owner=True)
        return self.traffic

    def source_weights(self, day: date) -> list[float]:
        """TikTok grows from little, X becomes quieter, the campaign comes on top."""
        progress = self.stay.progress(day)
        shift = {"TikTok": 0.25 + 1.1 * progress, "X": 1.3 - 0.6 * progress}
        weights = [source.weight * shift.get(source.name, 1.0) for source in SOURCES]
        return list(accumulate([*weights, sum(weights) * self.stay.campaign(day)]))

    def visit(self, at: datetime, weights: list[float], *, giving: bool = False) -> None:
        """Somebody comes at this instant; `giving`: with the mind made up to give something. `weights` is
        what `source_weights` says of the day."""
        chance, day = self.chance, at.astimezone(self.stay.tz).date()
        back = bool(self.recent) and chance.random() < _RETURNING
        visitor = self.recent[self._lately()] if back else self._newcomer(weights)
        self.recent.append(visitor)
        seconds = min(chance.lognormvariate(log(_MEDIAN_SECONDS), 0.85), 1500)
        timed = chance.random() < _TIMED
        self._add("view", visitor, at, seconds=round(seconds, 1) if timed else None)
        if chance.random() * 100 < visitor.source.inquiring * (1.25 if back else 0.9):
            when = self._during(at, seconds + 40)
            self.traffic.inquiries.append(Lead(when, visitor))
            self._add("inquiry", visitor, when)
        if chance.random() < _CLICKING:
            self._add("click", visitor, self._during(at, seconds), target=chance.choice(_TARGETS))
        if giving or chance.random() < _CATALOG * generosity(day) * (1.4 if back else 0.84):
            self._gift(visitor, at, seconds, giving)
        if chance.random() < _FAVORITE:
            self._add("favorite", visitor, self._during(at, seconds))
        if chance.random() < _SHARE:
            self._add("share", visitor, self._during(at, seconds))

    def _gift(self, visitor: Visitor, at: datetime, seconds: float, giving: bool) -> None:
        chance = self.chance
        at = self._during(at, seconds)
        self._add("click", visitor, at, target="gift-catalog")
        if giving or chance.random() < _ITEM:
            (gift,) = chance.choices(CATALOG, [gift.weight for gift in CATALOG])
            at = self._during(at, 60)
            self._add("click", visitor, at, target=f"gift:{gift.item_id}")
            if giving or chance.random() < _CHECKOUT:
                at = self._during(at, 90)
                self._add("click", visitor, at, target="gift-checkout")
                self.traffic.checkouts.append(Lead(at, visitor, gift))

    def robot(self, at: datetime) -> None:
        """A robot comes at this instant."""
        self._add("view", self._robot(), at)

    def _robot(self) -> Visitor:
        agent = self.chance.choice(_ROBOTS)
        return Visitor(f"robot-{_ROBOTS.index(agent)}", "192.0.2.66", agent, "US", SOURCES[2])

    def _newcomer(self, weights: list[float]) -> Visitor:
        chance = self.chance
        (source,) = chance.choices((*SOURCES, CAMPAIGN), cum_weights=weights)
        (agent,) = chance.choices(self.agents, cum_weights=self.agent_weights)
        (country,) = chance.choices(self.countries, cum_weights=self.country_weights)
        # One of the networks that are kept for documentation: nobody's address.
        address = f"{chance.choice(_NETWORKS)}.{chance.randrange(1, 255)}"
        return Visitor(f"{chance.getrandbits(48):012x}", address, agent, country, source)

    def _lately(self) -> int:
        """Which of the remembered visitors comes back: rather one who was here not long ago."""
        return int(len(self.recent) * (1 - self.chance.random() ** 1.6 * 0.999)) - 1

    def _during(self, at: datetime, seconds: float) -> datetime:
        return at + timedelta(milliseconds=1000 + self.chance.randrange(max(1, int(seconds * 900))))

    def _add(
        self,
        kind: _Kind,
        visitor: Visitor,
        at: datetime,
        *,
        target: str | None = None,
        seconds: float | None = None,
        is_owner: bool = False,
    ) -> None:
        key = derived_id("demo", self.persona.slug, "event", self.run, str(next(self.numbers)))
        self.traffic.events.append(
            Event(
                id=key,
                profile_id=self.persona.profile_id,
                event_type=kind,
                timestamp=at,
                ip=visitor.ip,
                user_agent=visitor.user_agent,
                referrer=visitor.source.referrer,
                url=f"https://{self.persona.host}/{visitor.source.query}",
                target=target,
                duration_seconds=seconds,
                visitor_id=visitor.visitor_id,
                country=visitor.country,
                is_owner=is_owner,
            )
        )
