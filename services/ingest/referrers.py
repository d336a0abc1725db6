"""Where a visit came from: the campaign in the page's address, else the site that linked to it."""

import csv
import re
from dataclasses import dataclass
from functools import cache, lru_cache
from ipaddress import ip_address
from pathlib import Path
from typing import NamedTuple
from urllib.parse import parse_qsl

DIRECT = "Direct"
LONGEST_NAME = 200
"""Characters of a source, medium or campaign that are kept."""
READ = 8192
"""Characters of an address that are looked at."""

_SITES = Path(__file__).resolve().parents[2] / "data" / "referrers.csv"
_ADDRESS = re.compile(r"\s*(?:([a-z][a-z0-9+.-]*):)?(//)?([^/?#\\]*)", re.IGNORECASE)
_HOST = re.compile(r"(?=.{1,253}$)(?:(?!-)[\w-]{1,63}(?<!-)\.)*(?!-)[\w-]{1,63}(?<!-)")
_APP_SCHEMES = ("android-app", "ios-app")
_PREFIX = re.compile(r"^(?:www\d?|m|mobile|amp)\.(?=.*\.)")
# "google.*" stands for google.de, google.co.uk and google.com.br, not for google.example.com.
_COUNTRY_DOMAIN = re.compile(r"[a-z]{2,3}|(?:co|com|org|net|or|ne)\.[a-z]{2}")


@dataclass(frozen=True, slots=True)
class Source:
    """`name`: what brought the visit ("Instagram", "example.org", "Direct"), None inside the
    profile's own hosts. The campaign fields are as given in the address, None where it has none."""

    name: str | None
    utm_source: str | None = None
    utm_medium: str | None = None
    utm_campaign: str | None = None


class _Sites(NamedTuple):
    """The kept list. `names`: host, app or short name -> common name; `countries`: the same for
    names before any country's domain; `spoken`: common name in lower case -> common name."""

    names: dict[str, str]
    countries: dict[str, str]
    spoken: dict[str, str]


def source_of(referrer: str | None, url: str | None, own_hosts: frozenset[str]) -> Source:
    """Where a visit with this referrer to this address came from; never raises.

    `utm_source` in the address comes first, then the referrer's site by its common name or, when it
    is not a known one, by its host. Without a referrer, or with one that names no site, it is
    "Direct". A referrer on one of `own_hosts` or below it is internal: the name is None.
    """
    source, medium, campaign = _campaign(url)
    if source:
        name: str | None = _spoken(source)
    else:
        name = _referring(referrer, own_hosts)
    return Source(name, source, medium, campaign)


def is_own(origin: str, own_hosts: frozenset[str]) -> bool:
    """Whether an origin ("https://shop.anna.example") is on one of these hosts or below it."""
    return _is_own(_host(origin.partition("://")[2]), own_hosts)


def _campaign(url: str | None) -> tuple[str | None, str | None, str | None]:
    """utm_source, utm_medium and utm_campaign of an address or a path."""
    if not url or "utm_" not in url.lower():
        return None, None, None
    query = url[:READ].partition("#")[0].partition("?")[2].replace("&amp;", "&")
    values: dict[str, str] = {}
    for key, value in parse_qsl(query):
        values.setdefault(key.lower(), _tidy(value))
    return (
        values.get("utm_source") or None,
        values.get("utm_medium") or None,
        values.get("utm_campaign") or None,
    )


def _tidy(text: str) -> str:
    """On one line, without control and invisible characters, cut to the longest name."""
    return _printable(" ".join(text.split()))[:LONGEST_NAME].strip()


def _printable(text: str) -> str:
    return text if text.isprintable() else "".join(filter(str.isprintable, text))


def _spoken(utm_source: str) -> str:
    """The common name of a known source, else what was given."""
    given = utm_source.lower()
    known = _sites().names.get(given) or _sites().spoken.get(given)
    return known or ("." in given and _common_name(_PREFIX.sub("", given))) or utm_source


def _referring(referrer: str | None, own_hosts: frozenset[str]) -> str | None:
    if not referrer:
        return DIRECT
    match = _ADDRESS.match(_printable(referrer[:READ]))
    scheme, slashes, authority = match.groups() if match else (None, None, "")
    if scheme and not slashes and "." in scheme:  # "example.org:8080" has a port, no scheme
        scheme, authority = None, f"{scheme}:{authority}"
    host = _host(authority)
    scheme = (scheme or "http").lower()
    if scheme in _APP_SCHEMES and host:
        return (_sites().names.get(host) or host)[:LONGEST_NAME]
    if scheme not in ("http", "https") or not host or not (slashes or "." in host):
        return DIRECT
    if _is_own(host, own_hosts):
        return None
    return _site(host)


def _is_own(host: str, own_hosts: frozenset[str]) -> bool:
    return any(_is_below(host, own) for own in _bare(own_hosts))


@lru_cache(maxsize=1000)
def _bare(own_hosts: frozenset[str]) -> tuple[str, ...]:
    hosts = (_host(own.partition("://")[2] or own) for own in own_hosts)
    return tuple(host.removeprefix("www.") for host in hosts if host)


def _is_below(host: str, own: str) -> bool:
    return host == own or host.endswith(f".{own}")


def _host(authority: str) -> str:
    """The host in lower case and readable letters, without credentials, port and closing dot;
    empty when there is none."""
    host = authority.rpartition("@")[2].partition("/")[0].strip().lower()
    if host.startswith("["):
        host = host[1:].partition("]")[0]
        return host if _is_ip(host) else ""
    host = host.partition(":")[0].rstrip(".")
    if not _HOST.fullmatch(host):
        return ""
    return ".".join(map(_readable, host.split(".")))


def _is_ip(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _readable(label: str) -> str:
    """An internationalised label ("xn--mller-kva") in its own letters, as it is when it is not valid."""
    if not label.startswith("xn--"):
        return label
    try:
        readable = label.encode("ascii").decode("idna")
    except UnicodeError:
        return label
    return readable if _HOST.fullmatch(readable) else label


@lru_cache(maxsize=10_000)
def _site(host: str) -> str:
    """The common name of a host's site, or the host itself without "www." and the like."""
    return _common_name(host) or (host if _is_ip(host) else _PREFIX.sub("", host))[:LONGEST_NAME]


def _common_name(host: str) -> str | None:
    """The name of the longest part of the host that the list knows."""
    names, countries, _ = _sites()
    labels = host.split(".")
    for start in range(len(labels) - 1):
        site = labels[start:]
        if name := names.get(".".join(site)):
            return name
        for cut in (1, 2):
            head, domain = ".".join(site[:-cut]), ".".join(site[-cut:])
            if head in countries and _COUNTRY_DOMAIN.fullmatch(domain):
                return countries[head]
    return None


@cache
def _sites() -> _Sites:
    sites = _Sites({}, {}, {})
    with _SITES.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            host, name = row["host"], row["name"]
            if host.endswith(".*"):
                sites.countries[host.removesuffix(".*")] = name
            else:
                sites.names[host] = name
            sites.spoken[name.lower()] = name
    return sites
