"""What a user agent says about itself: robot or person, kind of device, family."""

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Literal, cast

from crawleruseragents import CRAWLER_USER_AGENTS_DATA
from ua_parser import BestAvailableResolver, Domain, Parser, load_builtins
from ua_parser_rs import UserAgentExtractor

Device = Literal["phone", "tablet", "desktop", "other"]

LONGEST_FAMILY = 100
READ = 1000
"""Characters of a user agent that are looked at; browsers send 100 to 400."""

# Programs that name themselves and are missing from both kept lists. "(+http://...)" is how robots
# say where to complain; no browser sends it.
_TOOLS = (
    r"(?i)^(?:lib)?(?:curl|wget|fetch|python|ruby|perl|php|java|dart|deno|bun|node|undici)(?:[/ -]|$)",
    r"(?i)^(?:guzzle|http_request2?|(?:jakarta )?commons-httpclient|lua-resty|postmanruntime|insomnia)",
    r"(?i)^(?:k6/|wrk|apachebench|kube-probe|elb-healthchecker|(?:html|universalfeed)parser)",
    r"(?i)^microsoft (?:url control|office protocol)",
    r"(?i)\+ ?https?://|palo ?alto ?networks|link ?validator|feed ?fetcher",
)

# The first that fits decides. A browser on an Android phone says "Mobile", one on a tablet does not,
# other apps say nothing; "Tablet PC" is a Windows.
_DEVICES: tuple[tuple[str, Device], ...] = (
    (r"(?i)smart-?tv|google ?tv|apple ?tv|\bTV\b|bravia|roku", "other"),
    (r"\bAFT[A-Z]|CrKey|Web0S|Xbox|PlayStation|Nintendo|OculusBrowser|\bQuest\b", "other"),
    (r"iPad|Tablet(?:[^ ]| [^P]|$)|Kindle|\bKF[A-Z]{2}|PlayBook|Silk/", "tablet"),
    (r"Android.*Mobile|Mobile.*Android", "phone"),
    (r"^Mozilla/.*Android", "tablet"),
    (r"Android|iPhone|iPod|Windows (?:Phone|Mobile|CE)|BlackBerry|BB10|Symbian|Series ?60", "phone"),
    (r"(?i)kaios|midp|maui|\bwap\b|opera m(?:ini|obi)", "phone"),
    (r"Mobile\b", "phone"),
    (r"Windows|Macintosh|Mac OS|Mac_PowerPC|X11|Linux|CrOS|BSD|SunOS|CYGWIN|OS/2", "desktop"),
)


@dataclass(frozen=True, slots=True)
class Agent:
    """`is_bot`: it declares itself a robot or a tool. `device` of a bot is "other". `family`: the
    program's name without version ("Chrome", "Googlebot"), "Other" when it is not known."""

    is_bot: bool
    device: Device
    family: str


UNKNOWN = Agent(is_bot=False, device="other", family="Other")


def describe(user_agent: str | None) -> Agent:
    """What the user agent says about itself; never raises.

    None, an empty one and "-" are no evidence of a robot: a platform may post events without it, and
    some people's privacy tools remove it. So they are not counted as bots. An iPad that asks for
    desktop pages can't be told from a Mac.
    """
    if not user_agent:
        return UNKNOWN
    return _describe(user_agent[:READ])


@lru_cache(maxsize=10_000)
def _describe(text: str) -> Agent:
    if not text.isprintable():
        text = "".join(filter(str.isprintable, text))
    result = _parser()(text, Domain.USER_AGENT | Domain.DEVICE)
    family = result.user_agent.family if result.user_agent else "Other"
    spider = result.device is not None and result.device.family == "Spider"
    if spider or _robots().extract(text):
        return Agent(is_bot=True, device="other", family=family[:LONGEST_FAMILY])
    device = _devices().extract(text)
    kind = cast(Device, device.family) if device else "other"
    return Agent(is_bot=False, device=kind, family=family[:LONGEST_FAMILY])


@cache
def _parser() -> Parser:
    return Parser(BestAvailableResolver(load_builtins()))


@cache
def _robots() -> UserAgentExtractor:
    """All patterns of the kept list as one matcher: it looks at a text once, not once a pattern."""
    patterns = [entry["pattern"] for entry in CRAWLER_USER_AGENTS_DATA]
    return UserAgentExtractor((pattern, None, None, None, None, None) for pattern in (*patterns, *_TOOLS))


@cache
def _devices() -> UserAgentExtractor:
    return UserAgentExtractor((pattern, device, None, None, None, None) for pattern, device in _DEVICES)
