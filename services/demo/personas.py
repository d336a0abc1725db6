"""The invented providers, and where their visitors come from."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from models.ids import derived_id

THIRTEEN_MONTHS = 396
SEVEN_WEEKS = 49


@dataclass(frozen=True)
class Source:
    """What brings visitors: `weight` of all views, `inquiring` of 100 views get in touch."""

    name: str
    referrer: str | None
    query: str
    weight: float
    inquiring: float


SOURCES = (
    Source("Instagram", "https://l.instagram.com/", "", 30, 2.6),
    Source("Google", "https://www.google.com/", "", 22, 4.3),
    Source("Direct", None, "", 18, 4.9),
    Source("X", "https://t.co/", "", 10, 2.1),
    Source("TikTok", "https://www.tiktok.com/", "", 9, 2.0),
    Source("Newsletter", None, "?utm_source=Newsletter&utm_medium=email&utm_campaign=monthly-letter", 6, 5.0),
    Source("Linktree", "https://linktr.ee/", "", 5, 3.2),
)
CAMPAIGN = Source(
    "Instagram",
    "https://l.instagram.com/",
    "?utm_source=Instagram&utm_medium=paid&utm_campaign=new-calendar",
    0,
    2.2,
)


@dataclass(frozen=True)
class Persona:
    """One provider. `views` a day at the beginning and now; `days` on the platform so far;
    `countries` by weight, her own first; `spending` scales the costs; `subscribers` at the beginning
    and `joining` a day now; `partners` of shared bookings with her share of them, of whom `drifted` has
    not been there for a while."""

    slug: str
    name: str
    time_zone: str
    currency: str
    days: int
    views: tuple[float, float]
    countries: Mapping[str, float]
    spending: float
    subscribers: int
    joining: float
    booked: float
    """How many of 100 inquiries become a booking."""
    level: float = 1.0
    """What a booking costs here, beside the price list."""
    partners: Mapping[str, str] | None = None
    drifted: str | None = None

    @property
    def profile_id(self) -> UUID:
        return derived_id("demo", self.slug)

    @property
    def host(self) -> str:
        return f"{self.slug}.example"


PERSONAS = (
    Persona(
        slug="mara-linden",
        name="Mara Linden",
        time_zone="Europe/Berlin",
        currency="EUR",
        days=THIRTEEN_MONTHS,
        views=(48, 90),
        countries={"DE": 58, "AT": 10, "CH": 9, "GB": 7, "US": 6, "NL": 5, "FR": 3, "DK": 2},
        spending=1.0,
        subscribers=38,
        joining=0.42,
        booked=25,
        partners={"noa-bergmann": "0.6", "elif-sander": "0.5"},
        drifted="elif-sander",
    ),
    Persona(
        slug="june-calloway",
        name="June Calloway",
        time_zone="America/New_York",
        currency="USD",
        days=THIRTEEN_MONTHS,
        views=(14, 27),
        countries={"US": 78, "CA": 10, "GB": 7, "DE": 3, "AU": 2},
        spending=0.55,
        subscribers=12,
        joining=0.13,
        booked=31,
        level=1.15,
        partners={"wren-ashby": "0.55"},
    ),
    Persona(
        slug="sora-minami",
        name="Sora Minami",
        time_zone="Asia/Tokyo",
        currency="JPY",
        days=SEVEN_WEEKS,
        views=(7, 21),
        countries={"JP": 82, "US": 7, "TW": 5, "SG": 3, "GB": 3},
        spending=0.16,
        subscribers=0,
        joining=0.22,
        booked=34,
        level=0.75,
    ),
)
