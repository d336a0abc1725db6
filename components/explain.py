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
    at = fmt.moment(scope.now, scope.profile.tz)
    zone = scope.profile.time_zone.replace("_", " ")
    fresh = f"Counted as soon as it is stored; read on {at} ({zone})."
    return {"sentence": metric.sentence, "formula": metric.formula, "fresh": fresh}


def explained(metric: Metric, scope: Scope, fmt: Format) -> Component:
    """The metric's name, as a button that opens its words."""
    data = json.dumps(words(metric, scope, fmt), ensure_ascii=False, separators=(",", ":"))
    return html.Button(metric.label, type="button", className="explain", **attributes(data_explain=data))
