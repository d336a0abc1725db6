"""What kind of people give; what is hidden is said to be hidden."""

from dataclasses import replace
from decimal import Decimal

import pytest

from components.demographics import RULE, demographics
from components.format import Format
from services.metrics.demographics import OTHER, Demographics, Group
from services.scope import Scope
from tests.components.text import rows, text

NOTHING = ("No donors", "Soon.")
SECRET = Group(None, None)


@pytest.fixture
def data(scope: Scope) -> Demographics:
    """Twenty donors, all of which may be shown."""
    return Demographics(
        scope=scope,
        donors=20,
        new=14,
        returning=6,
        lapsed=0,
        stayed=6,
        countries={"DE": Group(10, Decimal(500)), OTHER: Group(5, Decimal(50)), "": Group(5, Decimal(5))},
        bands=(Group(5, Decimal(50)), Group(15, Decimal(505)), *[Group(0, Decimal(0))] * 2),
        top_share=Decimal("0.625"),
        previous=scope.before(),
    )


def test_every_figure(data: Demographics, english: Format) -> None:
    drawn = demographics(data, english, NOTHING)
    said = text(drawn)
    assert "New donors Gave for the first time ever. 14" in said
    assert "Returning donors Had given before. 6" in said
    assert "Lapsed donors Gave Nov 11 – Nov 17, 2026, and not in this period. 0" in said
    assert "The ten largest Their share of what all donors gave. 62.5%" in said
    assert RULE not in said
    assert rows(drawn) == [
        "Gave Donors Gift revenue",
        "Under €25 5 €50.00",
        "€25 – €100 15 €505.00",
        "€100 – €500 0 €0.00",
        "€500 and over 0 €0.00",
        "Country Donors Gift revenue",
        "Germany 10 €500.00",
        "Other 5 €50.00",
        "Unknown 5 €5.00",
    ]


def test_hidden_groups_and_the_rule(data: Demographics, english: Format) -> None:
    few = replace(data, new=None, returning=None, lapsed=None, top_share=None, bands=(SECRET,) * 4)
    few = replace(few, countries={OTHER: SECRET})
    drawn = demographics(few, english, NOTHING)
    said = text(drawn)
    assert RULE in said
    for kind in ("first time ever.", "given before.", "not in this period.", "what all donors gave."):
        assert f"{kind} hidden" in said
    assert rows(drawn)[1] == "Under €25 hidden hidden"
    assert rows(drawn)[-1] == "Other hidden hidden"


def test_without_a_period_before(data: Demographics, english: Format) -> None:
    said = text(demographics(replace(data, lapsed=None, previous=None), english, NOTHING))
    assert "Lapsed donors There is no period before to compare with. –" in said
    assert RULE not in said


def test_where_countries_come_from_when_none_is_known(data: Demographics, english: Format) -> None:
    said = text(demographics(replace(data, countries={"": Group(20, Decimal(555))}), english, NOTHING))
    assert "Countries are known when your platform sends them" in said


def test_nobody_gave(data: Demographics, english: Format) -> None:
    nobody = replace(data, donors=0, new=0, returning=0, top_share=None, countries={})
    assert text(demographics(nobody, english, NOTHING)) == "What kind of people give No donors Soon."
    assert "Lapsed donors" in text(demographics(replace(nobody, lapsed=9), english, NOTHING))
