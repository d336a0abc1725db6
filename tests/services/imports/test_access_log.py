import bz2
import gzip
import lzma
import tracemalloc
from collections import Counter
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import InvalidInput
from services.imports import access_log
from services.imports.access_log import Hit, Pages, Rejected, read
from services.imports.log_line import parse

SAMPLE = Path(__file__).parents[2] / "data" / "access_log_sample.log"
LINE = (
    '192.0.2.7 - - [17/May/2015:10:05:03 +0200] "GET /anna?x=1 HTTP/1.1" 200 512 "https://t.co/a" "Firefox"'
)


def write(folder: Path, *lines: str | bytes, name: str = "access.log", end: bytes = b"\n") -> Path:
    path = folder / name
    path.write_bytes(b"\n".join(line.encode() if isinstance(line, str) else line for line in lines) + end)
    return path


def hit_of(line: str | bytes) -> Hit:
    item = parse(1, line.encode() if isinstance(line, str) else line, "0" * 32)
    assert isinstance(item, Hit), item
    return item


def reason_of(line: str) -> str:
    item = parse(1, line.encode(), "0" * 32)
    assert isinstance(item, Rejected), item
    return item.reason


def hits(path: Path) -> list[Hit]:
    return [item for item in read(path) if isinstance(item, Hit)]


def refusal(path: Path) -> str:
    with pytest.raises(InvalidInput) as caught:
        list(read(path))
    return str(caught.value)


# A real excerpt


def test_every_line_of_the_sample_has_its_place():
    items = list(read(SAMPLE))
    assert [item.line for item in items] == list(range(1, 26))
    [rejected] = [item for item in items if isinstance(item, Rejected)]
    assert rejected.line == 13
    assert rejected.reason == "The referrer or the user agent has no closing quote."
    assert rejected.text.startswith('… [20/May/2015:12:05:17 +0000] "GET /scripts')


def test_what_the_sample_holds():
    found = hits(SAMPLE)
    assert Counter(hit.method for hit in found) == {"GET": 19, "": 2, "HEAD": 1, "OPTIONS": 1, "POST": 1}
    assert Counter(hit.status for hit in found) == {200: 14, 404: 4, 304: 2, 400: 2, 302: 1, 500: 1}
    assert sum(":" in hit.ip for hit in found) == 3
    assert found[0].at == datetime(2015, 5, 17, 10, 5, 3, tzinfo=UTC)
    assert max(hit.at for hit in found) == datetime(2026, 1, 8, 20, 43, 8, tzinfo=UTC)


def test_pages_of_the_sample():
    pages = Pages()
    targets = [hit.target for hit in hits(SAMPLE) if pages.is_page(hit)]
    assert targets == [
        "/blog/geekery/eventdb-ideas.html",
        "/projects/xdotool/",
        "/presentations/logstash-1/",
        "/blog/tags/ipv6",
        "/linux/doing-pxe-without-dhcp-control",
        "/join_form",
        "/",
        "/join_form",
        "http://howto.basjes.nl/join_form",
        "/",
    ]


# One line


def test_fields():
    assert hit_of(LINE) == Hit(
        line=1,
        key="0" * 32,
        ip="192.0.2.7",
        at=datetime(2015, 5, 17, 8, 5, 3, tzinfo=UTC),
        method="GET",
        target="/anna?x=1",
        status=200,
        referrer="https://t.co/a",
        user_agent="Firefox",
    )


def test_common_format_has_neither_referrer_nor_agent():
    hit = hit_of('192.0.2.7 - anna [17/May/2015:10:05:03 +0200] "GET / HTTP/1.0" 304 -')
    assert (hit.status, hit.referrer, hit.user_agent) == (304, None, None)


@pytest.mark.parametrize("extra", [' "203.0.113.9"', " 0.012 .", ' "a \\" b" rt=1', " "])
def test_more_fields_at_the_end_are_left_alone(extra):
    assert hit_of(LINE + extra) == hit_of(LINE)


@pytest.mark.parametrize(
    ("before", "ip", "address"),
    [
        ("192.0.2.7 - -", "192.0.2.7", "192.0.2.7"),
        ("anna.example:443 192.0.2.7 - -", "192.0.2.7", "192.0.2.7"),
        ("- 192.0.2.7 - -", "192.0.2.7", "192.0.2.7"),
        ("192.0.2.7 - Anna Maria Berg", "192.0.2.7", "192.0.2.7"),
        ("192.0.2.7, 10.0.0.1 - -", "192.0.2.7", "192.0.2.7"),
        ("unknown, 192.0.2.7 - -", "192.0.2.7", "192.0.2.7"),
        ("192.0.2.7:50123 - -", "192.0.2.7:50123", "192.0.2.7"),
        ("2001:DB8::1 - -", "2001:DB8::1", "2001:db8::1"),
        ("[2001:db8::1]:443 - -", "[2001:db8::1]:443", "2001:db8::1"),
        ("fe80::1%eth0 - -", "fe80::1%eth0", "fe80::1"),
        ("::ffff:192.0.2.7 - -", "::ffff:192.0.2.7", "192.0.2.7"),
        ("client.example.net - -", "client.example.net", None),
        ("- - -", "-", None),
        ("", "-", None),
    ],
)
def test_client(before, ip, address):
    hit = hit_of(LINE.replace("192.0.2.7 - -", before))
    assert (hit.ip, hit.address) == (ip, address)


@pytest.mark.parametrize(
    ("time", "at"),
    [
        ("01/Jan/2024:00:30:00 +0530", datetime(2023, 12, 31, 19, 0, tzinfo=UTC)),
        ("01/Jan/2024:00:30:00 -0330", datetime(2024, 1, 1, 4, 0, tzinfo=UTC)),
        ("31/Dec/2016:23:59:60 +0000", datetime(2017, 1, 1, tzinfo=UTC)),
        ("29/Feb/2024:12:00:00.123 +0000", datetime(2024, 2, 29, 12, tzinfo=UTC)),
        ("2024-02-29T12:00:00+01:00", datetime(2024, 2, 29, 11, tzinfo=UTC)),
    ],
)
def test_times(time, at):
    assert hit_of(LINE.replace("17/May/2015:10:05:03 +0200", time)).at == at


@pytest.mark.parametrize(
    "time",
    [
        "29/Feb/2023:12:00:00 +0000",
        "01/Foo/2023:12:00:00 +0000",
        "01/Jan/2023:24:00:00 +0000",
        "01/Jan/2023:12:00:61 +0000",
        "01/Jan/2023:12:00:00 +2500",
        "01/Jan/0001:00:00:00 +0100",
        "2024-02-29T12:00:00",
        "12345678901234567890",
    ],
)
def test_impossible_times(time):
    assert reason_of(LINE.replace("17/May/2015:10:05:03 +0200", time)) == f"There is no such time as {time}."


@pytest.mark.parametrize(
    "request_line", ["", "-", "GET /", "\\x16\\x03\\x01", "get / HTTP/1.1", "GET / FTP/1", " / HTTP/1.1"]
)
def test_a_malformed_request_is_a_hit_without_method(request_line):
    hit = hit_of(LINE.replace("GET /anna?x=1 HTTP/1.1", request_line))
    assert (hit.method, hit.target) == ("", request_line)
    assert not Pages().is_page(hit)


def test_escapes_are_undone():
    hit = hit_of(
        r'192.0.2.7 - - [17/May/2015:10:05:03 +0200] "GET /\x22a\xc3\xa9 HTTP/1.1" 200 5 "a\\b" '
        r'"x \"y\" \n\x00"'
    )
    assert hit.target == '/"aé'
    assert hit.referrer == "a\\b"
    assert hit.user_agent == 'x "y" \\n\\x00'


def test_bytes_that_are_no_text_are_kept_readable():
    hit = hit_of(LINE.encode().replace(b"Firefox", b"caf\xe9 \x00\x1b[31m \xc2\x85 \xc3\xbc"))
    assert hit.user_agent == "caf\\xe9 \\x00\\x1b[31m \\x85 ü"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("", "The line is empty."),
        ("date,amount,currency", "There is no client followed by a time in brackets."),
        ("192.0.2.7 - - [17/May/2015:10:05:03 +0200] GET /", "There is no request in quotes after the time."),
        (
            '192.0.2.7 - - [17/May/2015:10:05:03 +0200] "GET / HTTP/1.1"',
            "There is no status and size after the request.",
        ),
        (
            '192.0.2.7 - - [17/May/2015:10:05:03 +0200] "GET / HTTP/1.1" abc 5',
            "There is no status and size after the request.",
        ),
        (LINE[:-1], "The referrer or the user agent has no closing quote."),
        (LINE[: -len(' "Firefox"')], "The referrer or the user agent has no closing quote."),
    ],
)
def test_reasons(line, reason):
    assert reason_of(line) == reason


def test_a_line_inside_a_line_is_not_believed():
    assert reason_of(f'192.0.2.1 - - [17/May/2015:10:05:03 +0200] "GET /"x HTTP/1.1" 400 0 "-" "{LINE}')


words = st.text(st.characters(exclude_categories=["Cs", "Cc"]))
optional = st.none() | words.filter(lambda text: text not in ("", "-"))
requests = st.tuples(st.sampled_from(["GET", "POST", "PROPFIND", "M-SEARCH"]), words) | st.tuples(
    st.just(""), words.filter(lambda text: " HTTP/" not in text)
)
moments = st.integers(0, 4_000_000_000).map(lambda second: datetime.fromtimestamp(second, UTC))
offsets = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
written_hits = st.builds(
    lambda request, **fields: Hit(1, "0" * 32, method=request[0], target=request[1], **fields),
    request=requests,
    ip=st.ip_addresses().map(str),
    at=moments,
    status=st.integers(100, 599),
    referrer=optional,
    user_agent=optional,
)


def combined(hit: Hit, zone: timezone) -> str:
    """The hit as a server writes it."""

    def quoted(text: str | None) -> str:
        return '"' + (text or "-").replace("\\", "\\\\").replace('"', '\\"') + '"'

    request = f"{hit.method} {hit.target} HTTP/1.1" if hit.method else hit.target
    request = '"' + request.replace("\\", "\\\\").replace('"', '\\"') + '"'
    time = hit.at.astimezone(zone).strftime("%d/%b/%Y:%H:%M:%S %z")
    return f"{hit.ip} - - [{time}] {request} {hit.status} 12 {quoted(hit.referrer)} {quoted(hit.user_agent)}"


@given(written_hits, offsets)
def test_a_written_hit_reads_back_equal(hit, zone):
    assert hit_of(combined(hit, zone)) == hit


@given(st.binary(max_size=300))
def test_any_bytes_are_a_hit_or_rejected_and_hold_no_control_characters(line):
    item = parse(1, line.replace(b"\n", b""), "0" * 32)
    text = item.text if isinstance(item, Rejected) else item.target
    assert not any(ord(letter) < 32 for letter in text)


# The key


def test_keys_are_the_same_again_and_tell_equal_lines_apart(tmp_path):
    path = write(tmp_path, LINE, LINE, LINE.replace("anna", "bea"), LINE)
    keys = [hit.key for hit in read(path)]
    assert len(set(keys)) == 4
    assert all(len(key) == 32 and int(key, 16) for key in keys)
    assert [hit.key for hit in read(path)] == keys


def test_keys_do_not_depend_on_line_ends_compression_or_what_follows(tmp_path):
    plain = [hit.key for hit in read(write(tmp_path, LINE, LINE, end=b""))]
    longer = write(tmp_path, LINE + "\r", LINE + "\r", LINE.replace("anna", "bea"))
    assert [hit.key for hit in read(longer)][:2] == plain
    packed = tmp_path / "access.log.1.gz"
    packed.write_bytes(gzip.compress(longer.read_bytes()))
    assert [hit.key for hit in read(packed)][:2] == plain


def test_equal_lines_are_counted_within_a_window(tmp_path, monkeypatch):
    monkeypatch.setattr(access_log, "WINDOW", 10)
    between = [LINE.replace("anna", f"p{number}") for number in range(25)]
    for others in (9, 14):  # the second line is counted in the running generation or in the one before
        near = [hit.key for hit in read(write(tmp_path, *between[:5], LINE, *between[5:others], LINE))]
        assert near[5] != near[-1]
    far = [hit.key for hit in read(write(tmp_path, LINE, *between, LINE))]
    assert far[0] == far[-1]


# Files


@pytest.mark.parametrize(
    ("pack", "name"), [(gzip.compress, "a.gz"), (bz2.compress, "a.bz2"), (lzma.compress, "a.log")]
)
def test_compressed_files(tmp_path, pack, name):
    path = tmp_path / name
    path.write_bytes(pack(SAMPLE.read_bytes()))
    assert list(read(path)) == list(read(SAMPLE))


def test_a_byte_order_mark_is_no_part_of_the_first_line(tmp_path):
    [hit] = hits(write(tmp_path, b"\xef\xbb\xbf" + LINE.encode()))
    assert hit.ip == "192.0.2.7"


def test_rejected_lines_before_the_first_hit_come_in_order(tmp_path):
    items = list(read(write(tmp_path, "# a note", "", LINE, "x")))
    assert [(item.line, type(item)) for item in items] == [
        (1, Rejected),
        (2, Rejected),
        (3, Hit),
        (4, Rejected),
    ]


def test_an_endless_line_is_rejected_without_being_held(tmp_path):
    path = write(tmp_path, LINE, b"x" * 30_000_000, LINE)
    tracemalloc.start()
    items = list(read(path))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert [type(item) for item in items] == [Hit, Rejected, Hit]
    assert items[1].reason == "The line is longer than 65,536 bytes."
    assert len(items[1].text) < 300
    assert peak < 3_000_000


def test_a_long_rejected_line_is_cut(tmp_path):
    items = list(read(write(tmp_path, LINE, "y" * 50_000)))
    assert len(items[1].text) == 2000


@pytest.mark.parametrize(
    ("line", "listed"),
    [
        (
            '203.0.113.9 - bob [17/May/2015:10:05:03 +0000] "GET /a" x',
            '… [17/May/2015:10:05:03 +0000] "GET /a" x',
        ),
        (
            '2001:db8::9 - - [99/Foo/2015:10:05:03 +0000] "GET /?a=203.0.113.9 HTTP/1.1" 200 1 "-" "Firefox"',
            '… [99/Foo/2015:10:05:03 +0000] "GET /?a=… HTTP/1.1" 200 1 "-" …',
        ),
        ("from 203.0.113.9:80, ::1 or [2001:db8::2] at 10:05:03", "from …, … or […] at 10:05:03"),
        ("garbage", "garbage"),
    ],
)
def test_what_is_listed_of_a_rejected_line_names_nobody(tmp_path, line, listed):
    _, item = read(write(tmp_path, LINE, line))
    assert item.text == listed


def test_a_line_that_was_cut_off_does_not_pass_for_one_in_common_format(tmp_path):
    cut = LINE[: LINE.index(' "https')]
    items = list(read(write(tmp_path, LINE, cut, end=b"")))
    assert items[1] == Rejected(
        2, "The file ends in the middle of this line.", cut.replace("192.0.2.7 - -", "…")
    )
    assert len(hits(write(tmp_path, LINE, cut))) == 2
    assert len(hits(write(tmp_path, cut, cut, end=b""))) == 2


def test_what_is_no_access_log(tmp_path):
    csv = write(tmp_path, "date,amount", "2024-01-01,5.00", name="gifts.csv")
    assert refusal(csv) == (
        "gifts.csv is not an access log in common or combined format; line 1 was refused: "
        "There is no client followed by a time in brackets."
    )
    assert "not an access log" in refusal(write(tmp_path, *["x"] * 1000, LINE))
    assert len(hits(write(tmp_path, *["x"] * 999, LINE))) == 1


def test_empty_missing_and_unreadable_files(tmp_path):
    assert refusal(write(tmp_path, end=b"")) == "access.log is empty."
    packed = tmp_path / "empty.gz"
    packed.write_bytes(gzip.compress(b""))
    assert refusal(packed) == "empty.gz is empty."
    assert refusal(tmp_path / "nowhere.log") == f"There is no file {tmp_path}/nowhere.log."
    assert refusal(tmp_path) == f"{tmp_path} can't be read: Is a directory."


def test_a_damaged_compressed_file(tmp_path):
    path = tmp_path / "access.log.gz"
    path.write_bytes(gzip.compress(SAMPLE.read_bytes())[:-40])
    assert refusal(path).startswith("access.log.gz is damaged after line ")


# Pages


def request(target: str, method: str = "GET", status: int = 200) -> Hit:
    return hit_of(LINE.replace("GET /anna?x=1", f"{method} {target}").replace(" 200 ", f" {status} "))


@pytest.mark.parametrize(
    "target",
    ["/", "/anna", "/anna/", "/anna.html", "/@lena.ai?ref=/x.png", "/feedback", "/p/m%C3%BCller", "/a;b=c.d"],
)
def test_pages(target):
    assert Pages().is_page(request(target))


@pytest.mark.parametrize(
    "target",
    [
        "/robots.txt",
        "/favicon.ico",
        "/sitemap.xml",
        "/sitemap.xml.gz",
        "/a/IMG_1.JPEG?w=200",
        "/app.css#top",
        "/app%2Ejs",
        "/blog/feed/",
        "/rss",
        "/?feed=rss2",
        "/blog?flav=atom",
        "/.well-known/security.txt",
        "/.well-known/x",
        "/wp-json/wp/v2/posts",
        "/xmlrpc.php",
        "/font.woff2",
        "/movie.mp4",
        "/price-list.pdf",
        "https://anna.example/logo.png",
    ],
)
def test_files_and_feeds_are_no_pages(target):
    assert not Pages().is_page(request(target))


@pytest.mark.parametrize(
    ("method", "status", "counts"),
    [
        ("GET", 200, True),
        ("GET", 206, True),
        ("GET", 304, True),
        ("GET", 301, False),
        ("GET", 404, False),
        ("GET", 500, False),
        ("HEAD", 200, False),
        ("POST", 200, False),
    ],
)
@pytest.mark.parametrize("pattern", [None, "^/anna"])
def test_only_what_was_got(pattern, method, status, counts):
    assert Pages(pattern).is_page(request("/anna", method, status)) is counts


def test_a_pattern_decides_on_the_decoded_path_alone():
    pages = Pages(r"^/(anna|müller)(/|$)|\.pdf$")
    assert pages.is_page(request("/anna?utm_source=ig"))
    assert pages.is_page(request("/m%C3%BCller/"))
    assert pages.is_page(request("/list.pdf"))
    assert pages.is_page(request("http://host.example/anna"))
    assert not pages.is_page(request("/bea?next=/anna"))
    assert Pages("^/to/http").is_page(request("/to/http://anna.example/"))


@pytest.mark.parametrize("pattern", ["(", "*", "a{99999999999}", ""])
def test_a_bad_pattern_gets_a_sentence(pattern):
    with pytest.raises(InvalidInput, match=r"^The pattern of the pages that count is .*\.$") as caught:
        Pages(pattern)
    assert caught.value.problems[0].pointer == "pages"
