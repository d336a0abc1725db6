"""Numbers as their reader writes them."""

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from components.format import MINUS, Format
from models.period import Granularity, Period
from services.metrics.metric import Unit

BERLIN = ZoneInfo("Europe/Berlin")


def test_money_in_three_languages() -> None:
    amount = Decimal("-1234567.89")
    assert Format.of("en-US").money(amount, "EUR") == "−€1,234,567.89"
    assert Format.of("de-DE").money(amount, "EUR") == "−1.234.567,89 €".replace(" ", "\xa0")
    assert (
        Format.of("fr-FR").money(amount, "EUR").replace("\u202f", " ").replace("\xa0", " ")
        == "−1 234 567,89 €"
    )


@pytest.mark.parametrize(
    ("currency", "written"), [("EUR", "€1,234.50"), ("JPY", "¥1,234"), ("KWD", "KWD\xa01,234.500")]
)
def test_money_has_the_minor_units_of_its_currency(currency: str, written: str, english: Format) -> None:
    assert english.money(Decimal("1234.5"), currency) == written


def test_no_data_is_a_dash_and_zero_is_zero(english: Format) -> None:
    assert english.value(None, Unit.COUNT) == "–"
    assert english.value(0, Unit.COUNT) == "0"
    assert english.headline(Decimal(0), Unit.MONEY, "EUR") == "€0"


def test_no_minus_before_a_zero(english: Format) -> None:
    assert english.money(Decimal("-0.001"), "EUR") == "€0.00"
    assert english.amount(Decimal("-0"), "EUR") == "0.00"
    assert english.percent(Decimal("-0.00001")) == "0.0%"


def test_cents_only_where_they_matter(english: Format) -> None:
    assert english.headline(Decimal("999.99"), Unit.MONEY, "EUR") == "€999.99"
    assert english.headline(Decimal("1234.56"), Unit.MONEY, "EUR") == "€1,235"
    assert english.value(Decimal("1234.56"), Unit.MONEY, "EUR") == "€1,234.56"


@pytest.mark.parametrize(
    ("change", "written"),
    [("0.1234", "+12%"), ("-0.034", "−3.4%"), ("0.03", "+3%"), ("8.5", "+850%"), ("-1", "−100%")],
)
def test_changes_carry_their_sign(change: str, written: str, english: Format) -> None:
    assert english.change(Decimal(change)) == written


@pytest.mark.parametrize(
    ("change", "written"),
    [
        ("-0.994", "99%"),
        ("-0.9978", "99.8%"),
        ("-0.99999", "99.9%"),
        ("-1", "100%"),
        ("-1.002", "100%"),
        ("0.998", "100%"),
        ("-0.05", "5%"),
    ],
)
def test_only_what_is_all_gone_is_down_by_a_hundred_percent(
    change: str, written: str, english: Format
) -> None:
    assert english.extent(Decimal(change)) == written
    assert english.change(Decimal(change)) == f"{'+' if Decimal(change) > 0 else MINUS}{written}"


@pytest.mark.parametrize(
    ("seconds", "written"),
    [(0, "0 s"), (59.4, "59 s"), (84, "1 min 24 s"), (120, "2 min"), (3700, "1 h 1 min")],
)
def test_durations(seconds: float, written: str, english: Format) -> None:
    assert english.duration(Decimal(seconds)) == written


def test_short_forms_stay_readable_where_a_language_has_none(english: Format) -> None:
    assert english.compact(Decimal(12_500), Unit.MONEY, "EUR") == "€12.5K"
    assert Format.of("de-DE").compact(Decimal(12_500), Unit.MONEY, "EUR") == "12.500\xa0€"


@pytest.mark.parametrize(
    ("language", "text", "number"),
    [
        ("en-US", "1,234.50", "1234.50"),
        ("de-DE", "1.234,50", "1234.50"),
        ("de-DE", "1234.50", "1234.50"),
        ("fr-FR", "1234,5", "1234.5"),
        ("en-US", " 12 ", "12"),
    ],
)
def test_reads_what_the_reader_writes(language: str, text: str, number: str) -> None:
    assert Format.of(language).read(text) == Decimal(number)


@pytest.mark.parametrize("text", ["", "twelve", "1.2.3", "12 €", "1e5", "NaN", "Infinity"])
def test_reads_no_number_into_other_text(text: str, english: Format) -> None:
    assert english.read(text) is None


@pytest.mark.parametrize("header", [None, "", "*", "xx-YY,zz;q=0.1", ";;;", "en_US.UTF-8", "../../etc"])
def test_an_unknown_language_is_read_as_english(header: str | None) -> None:
    assert Format.of(header).money(Decimal("1234.5"), "EUR") == "€1,234.50"


def test_the_first_known_language_counts() -> None:
    assert Format.of("tlh, de-AT;q=0.8, en;q=0.5").numbers.language == "de"


def test_words_stay_english() -> None:
    assert Format.of("de-DE").day(date(2026, 3, 4)) == "4 Mar 2026"
    assert Format.of("en-US").day(date(2026, 3, 4)) == "Mar 4, 2026"


def test_steps_of_a_series_have_names_of_their_own(english: Format) -> None:
    """Also on the day on which the clock shows one hour twice."""
    now = datetime(2026, 10, 25, 20, tzinfo=UTC)
    for name, granularity in (
        ("24h", Granularity.HOUR),
        ("90d", Granularity.WEEK),
        ("12m", Granularity.MONTH),
    ):
        buckets = Period.named(name, "Europe/Berlin", now).buckets(granularity, now)
        names = [english.bucket(bucket, granularity, BERLIN) for bucket in buckets]
        assert len(set(names)) == len(buckets)
        assert names[-1].endswith(", so far")


def test_the_browser_writes_the_same_way() -> None:
    assert Format.of("de-AT,de;q=0.8").tags == {"numbers": "de-AT", "words": "en-GB"}
    assert Format.of("en-GB").tags == {"numbers": "en-GB", "words": "en-GB"}
