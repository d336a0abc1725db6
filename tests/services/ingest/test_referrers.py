import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.referrers import LONGEST_NAME, Source, source_of

OWN = frozenset({"www.anna.example", "Shop.Example.org:8080"})
SITES = Path(__file__).parents[3] / "data" / "referrers.csv"


def name_of(referrer: str | None, url: str | None = None) -> str | None:
    return source_of(referrer, url, OWN).name


@pytest.mark.parametrize(
    ("referrer", "name"),
    [
        ("https://l.instagram.com/?u=https%3A%2F%2Fanna.example", "Instagram"),
        ("https://t.co/aBc", "X"),
        ("https://x.com/", "X"),
        ("https://www.google.de/", "Google"),
        ("https://www.google.co.uk/search?q=anna", "Google"),
        ("https://google.com.br", "Google"),
        ("https://news.google.com/", "Google News"),
        ("https://mail.google.com/mail/u/0", "Gmail"),
        ("https://out.reddit.com/r/x", "Reddit"),
        ("https://m.facebook.com", "Facebook"),
        ("https://de.search.yahoo.com/", "Yahoo"),
        ("https://mail.yahoo.co.jp/", "Yahoo Mail"),
        ("https://linktr.ee/anna", "Linktree"),
        ("https://onlyfans.com/anna", "OnlyFans"),
        ("https://chatgpt.com/", "ChatGPT"),
        ("HTTPS://WWW.YouTube.COM/watch", "YouTube"),
        ("//www.tiktok.com/@anna", "TikTok"),
        ("instagram.com", "Instagram"),
        ("www.pinterest.co.uk/pin/1", "Pinterest"),
        ("android-app://com.google.android.gm/", "Gmail"),
        ("android-app://com.instagram.android", "Instagram"),
    ],
)
def test_known_sites(referrer, name):
    assert name_of(referrer) == name


@pytest.mark.parametrize(
    ("referrer", "name"),
    [
        ("https://www.example.net/a", "example.net"),
        ("https://m.example.net", "example.net"),
        ("https://team.example.net", "team.example.net"),
        ("https://fax.com/", "fax.com"),
        ("https://google.evil.example/", "google.evil.example"),
        ("https://notinstagram.com/", "notinstagram.com"),
        ("https://instagram.com.evil.example/", "instagram.com.evil.example"),
        ("https://someone.github.io/", "someone.github.io"),
        ("https://example.net./", "example.net"),
        ("http://example.net:8080/x", "example.net"),
        ("example.net:8080/x", "example.net"),
        ("https://user:secret@www.example.net/", "example.net"),
        ("https://user:p%40ss@instagram.com@example.net/", "example.net"),
        ("https://xn--mller-kva.example/", "müller.example"),
        ("https://müller.example/", "müller.example"),
        ("https://xn--a.example/", "xn--a.example"),
        ("http://192.0.2.1:80/", "192.0.2.1"),
        ("http://[2001:db8::1]:80/", "2001:db8::1"),
        ("http://localhost:3000/", "localhost"),
        ("android-app://com.example.browser/https/x", "com.example.browser"),
    ],
)
def test_other_sites_go_by_their_host(referrer, name):
    assert name_of(referrer) == name


@pytest.mark.parametrize(
    "referrer",
    [
        None,
        "",
        "-",
        " ",
        "about:blank",
        "about:client",
        "file:///C:/anna.html",
        "chrome-extension://abcdef/page.html",
        "javascript:alert(1)",
        "data:text/html,x.y",
        "http://",
        "http:///path",
        "http://[bad",
        "http://[not-an-address]/",
        "http://a b.example/",
        "http://-x.example/",
        "http://" + "a" * 10_000,
        "http://" + "a." * 5_000 + "example/",
        "word",
        "12345",
        "\x00\x01",
        "http://\ud800.example/",
    ],
)
def test_without_a_site_it_is_direct(referrer):
    assert name_of(referrer) == "Direct"


@pytest.mark.parametrize(
    "referrer",
    [
        "https://www.anna.example/",
        "https://anna.example/about",
        "http://blog.ANNA.example:8080",
        "https://shop.example.org/",
        "https://de.shop.example.org/",
    ],
)
def test_the_profiles_own_hosts_are_no_source(referrer):
    assert source_of(referrer, None, OWN) == Source(None)


@pytest.mark.parametrize(
    "referrer", ["https://notanna.example/", "https://example.org/", "https://anna.example.net/"]
)
def test_other_hosts_are(referrer):
    assert name_of(referrer) == referrer.split("/")[2]


@pytest.mark.parametrize(
    ("utm_source", "name"),
    [
        ("instagram", "Instagram"),
        ("Instagram", "Instagram"),
        ("ig", "Instagram"),
        ("IG", "Instagram"),
        ("fb", "Facebook"),
        ("twitter", "X"),
        ("onlyfans", "OnlyFans"),
        ("l.instagram.com", "Instagram"),
        ("www.google.de", "Google"),
        ("chatgpt.com", "ChatGPT"),
        ("Newsletter", "Newsletter"),
        ("shop.example", "shop.example"),
        ("%C3%BCber+uns", "über uns"),
    ],
)
def test_the_campaign_comes_first(utm_source, name):
    assert name_of("https://www.reddit.com/", f"/anna?utm_source={utm_source}") == name


def test_campaign_fields_are_as_given():
    url = "https://anna.example/?a=1&utm_source=ig&UTM_Medium=story&utm_campaign=Mai%202024#utm_source=x"
    assert source_of(None, url, OWN) == Source("Instagram", "ig", "story", "Mai 2024")


def test_a_medium_alone_names_no_source():
    assert source_of("https://t.co/", "/?utm_medium=social&utm_source=", OWN) == Source(
        "X", None, "social", None
    )


def test_a_campaign_counts_inside_the_own_hosts():
    assert name_of("https://anna.example/", "/?utm_source=tiktok") == "TikTok"


def test_html_escaped_and_repeated_fields():
    assert source_of(None, "/?a=1&amp;utm_source=tiktok&amp;utm_source=ig", OWN).utm_source == "tiktok"


def test_control_characters_go_and_lengths_are_capped():
    source = source_of(
        None, "/?utm_source=a%00b%0a%1bc&utm_medium=%ff%e2%80%ae&utm_campaign=" + "y" * 5000, OWN
    )
    assert source == Source("ab c", "ab c", "�", "y" * LONGEST_NAME)
    assert name_of("http://exam\x00ple.net/") == "example.net"


@given(
    st.none() | st.text() | st.text(st.sampled_from("htp:/[]@.%xn-a\\\x00\ud800é?#")), st.none() | st.text()
)
def test_never_raises(referrer, url):
    source = source_of(referrer, url and f"/?utm_source={url}", OWN)
    for text in (source.name, source.utm_source):
        assert text is None or (0 < len(text) <= LONGEST_NAME and text.isprintable())


def test_the_list_is_well_formed():
    with SITES.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    hosts = [row["host"] for row in rows]
    assert len(rows) > 300
    assert len(set(hosts)) == len(hosts)
    assert all(
        host == host.strip().lower() and row["name"].strip() for host, row in zip(hosts, rows, strict=True)
    )
    for host in hosts:
        if "." in host and not host.endswith(".*") and not host.startswith("com."):
            assert name_of(f"https://{host}/") == next(row["name"] for row in rows if row["host"] == host)
