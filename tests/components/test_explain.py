"""What is this number?"""

import json

from components.explain import explained
from components.format import Format
from services.metrics import METRICS
from services.scope import Scope


def test_the_name_holds_the_words_of_its_metric(scope: Scope, english: Format) -> None:
    button = explained(METRICS["conversionRate"], scope, english)
    assert button.children == "Conversion"
    assert json.loads(button.to_plotly_json()["props"]["data-explain"]) == {
        "sentence": METRICS["conversionRate"].sentence,
        "formula": "Inquiries ÷ views.",
        "fresh": "Counted as soon as it is stored; read on Nov 24, 2026, 1:00\u202fPM (Europe/Berlin).",
    }
