import pytest
from crawleruseragents import CRAWLER_USER_AGENTS_DATA
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.agents import READ, Agent, describe

IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
ANDROID = "Mozilla/5.0 (Linux; Android 13; SM-A536B; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 "


@pytest.mark.parametrize(
    ("user_agent", "device", "family"),
    [
        (IPHONE + "Version/17.4 Mobile/15E148 Safari/604.1", "phone", "Mobile Safari"),
        (
            IPHONE + "Mobile/15E148 Instagram 334.0.4.32.98 (iPhone14,5; iOS 17_5; en_US)",
            "phone",
            "Instagram",
        ),
        (IPHONE + "Mobile/15E148 musical_ly_34.5.0 BytedanceWebview/d8a21c6", "phone", "TikTok"),
        (IPHONE + "Mobile/15E148 [Pinterest/iOS]", "phone", "Pinterest"),
        (IPHONE + "Mobile/21E219 [FBAN/FBIOS;FBAV/462.0.0.40.107]", "phone", "Facebook"),
        (
            ANDROID + "Chrome/125.0 Mobile Safari/537.36 Instagram 334.0.0.42.95 Android (33/13; 450dpi)",
            "phone",
            "Instagram",
        ),
        (
            "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 "
            "Mobile Safari/537.36",
            "phone",
            "Chrome Mobile",
        ),
        (
            "Mozilla/5.0 (Linux; Android 13; SM-X200) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0 "
            "Safari/537.36",
            "tablet",
            "Chrome",
        ),
        (
            "Mozilla/5.0 (iPad; CPU OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
            "Version/17.4 Mobile/15E148 Safari/604.1",
            "tablet",
            "Mobile Safari",
        ),
        ("Mozilla/5.0 (Android 13; Tablet; rv:125.0) Gecko/125.0 Firefox/125.0", "tablet", "Firefox Mobile"),
        (
            "Mozilla/5.0 (Windows Phone 10.0; Android 6.0.1; Microsoft; Lumia 950) AppleWebKit/537.36 "
            "(KHTML, like Gecko) Chrome/52.0 Mobile Safari/537.36 Edge/15",
            "phone",
            "Edge",
        ),
        ("Mozilla/5.0 (Windows Phone 8.1; ARM; Trident/7.0; Touch) like Gecko", "phone", "IE"),
        ("Opera/9.80 (J2ME/MIDP; Opera Mini/7.1/29.3709; U; en) Presto/2.8.119", "phone", "Opera Mini"),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:125.0) Gecko/20100101 Firefox/125.0",
            "desktop",
            "Firefox",
        ),
        ("Mozilla/4.0 (compatible; MSIE 8.0; Windows NT 6.1; Tablet PC 2.0)", "desktop", "IE"),
        (
            "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:125.0) Gecko/20100101 Firefox/125.0",
            "desktop",
            "Firefox",
        ),
        (
            "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0 "
            "Safari/537.36",
            "desktop",
            "Chrome",
        ),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
            "Version/17.4 Safari/605.1.15",
            "desktop",
            "Safari",
        ),
        (
            "Mozilla/5.0 (Web0S; Linux/SmartTV) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/87.0",
            "other",
            "Chrome",
        ),
        ("Something/1.0", "other", "Other"),
    ],
)
def test_people(user_agent, device, family):
    assert describe(user_agent) == Agent(is_bot=False, device=device, family=family)


@pytest.mark.parametrize(
    "user_agent",
    ["Mozilla/5.0 (Linux; Android 11; CUBOT X50) AppleWebKit/537.36 Chrome/124.0 Mobile Safari/537.36"],
)
def test_a_phone_whose_maker_ends_in_bot_is_none(user_agent):
    assert not describe(user_agent).is_bot


@pytest.mark.parametrize("nothing", [None, "", "-"])
def test_no_agent_is_no_evidence(nothing):
    assert describe(nothing) == Agent(is_bot=False, device="other", family="Other")


def test_every_example_of_the_kept_list_is_a_bot():
    examples = [text for entry in CRAWLER_USER_AGENTS_DATA for text in entry.get("instances", ())]
    assert len(examples) > 2000
    assert [text for text in examples if not describe(text).is_bot and len(text) <= READ] == []


@pytest.mark.parametrize(
    "user_agent",
    [
        "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
        "Mozilla/5.0 (compatible; BeetleBot; )",
        "curl/8.5.0",
        "libfetch/2.0",
        "Wget/1.21",
        "python-requests/2.32",
        "Python/3.12 aiohttp/3.9",
        "Ruby",
        "PHP/8.2",
        "Java/17.0.1",
        "Dart/3.1 (dart:io)",
        "GuzzleHttp/7",
        "PostmanRuntime/7.36",
        "Go-http-client/2.0",
        "kube-probe/1.29",
        "ELB-HealthChecker/2.0",
        "ApacheBench/2.3",
        "Microsoft Office Protocol Discovery",
        "Mozilla/5.0 (compatible; NewThing/1.0; +https://newthing.example/about)",
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 HeadlessChrome/120.0 Safari/537.36",
        "WhatsApp/2.23.20.0",
    ],
)
def test_robots_and_tools(user_agent):
    agent = describe(user_agent)
    assert agent.is_bot
    assert agent.device == "other"


def test_the_family_of_a_robot_is_its_name():
    assert (
        describe("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)").family
        == "Googlebot"
    )


@given(st.text(max_size=300) | st.text(st.characters(categories=["Cs", "Cc", "Lu"]), max_size=50))
def test_never_raises(user_agent):
    assert describe(user_agent).family


def test_a_long_agent_is_read_in_part():
    agent = describe("Firefox/125.0 " * 100_000)
    assert len(agent.family) <= 100
    assert not describe("Firefox/125.0 " + "x" * READ + " +https://robot.example").is_bot
