"""What is this number? Its words are behind the name of every figure."""

import pytest

from services.metrics import METRICS
from tests.browser.conftest import Person, World

pytestmark = pytest.mark.browser


def test_the_name_of_a_figure_opens_its_words(person: Person, world: World) -> None:
    person.sign_in("alice")
    person.settled()
    for key, within in (("conversionRate", "main .stats"), ("net", "main .key")):
        person.click(METRICS[key].label, within)
        person.sees(METRICS[key].sentence, "#explanation")
        person.sees(METRICS[key].formula, "#explanation")
        person.sees("Counted as soon as it is stored; read on", "#explanation")
    person.open("/pnl")
    person.settled()
    person.click(METRICS["grossProfit"].label, "main table")
    person.sees(METRICS["grossProfit"].formula, "#explanation")
