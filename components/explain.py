"""What is this number? The words of its metric behind its name, on every figure."""

import json
from collections.abc import Mapping

from dash import html
from dash.development.base_component import Component

from components.card import attributes
from components.format import Format
from services.metrics.metric import Metric
from services.scope import Scope

Words = Mapping[str, str]
"""What assets/explain.js shows: the `sentence`, the `formula`, and how `fresh` the figure is."""


def words(metric: Metric, scope: Scope, fmt: Format) -> Words:
    """The words of a metric as it was asked for."""
    return {"sentence": metric.sentence, "formula": metric.formula, "fresh": fresh(scope, fmt)}


def fresh(scope: Scope, fmt: Format) -> str:
    """When the figures of this scope were read."""
    at = fmt.moment(scope.now, scope.profile.tz)
    zone = scope.profile.time_zone.replace("_", " ")
    return f"Counted as soon as it is stored; read on {at} ({zone})."


def explained(metric: Metric, scope: Scope, fmt: Format) -> Component:
    """The metric's name, as a button that opens its words."""
    return explaining(metric.label, words(metric, scope, fmt))


def explaining(label: str, words: Words) -> Component:
    """The name of a figure, as a button that opens these words."""
    data = json.dumps(words, ensure_ascii=False, separators=(",", ":"))
    return html.Button(label, type="button", className="explain", **attributes(data_explain=data))
