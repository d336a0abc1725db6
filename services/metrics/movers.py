"""What changed most: the parts of net profit by what their change did to it."""

from dataclasses import dataclass
from decimal import Decimal

from services.metrics.pnl import PARTS
from services.metrics.report import Figure, Report


@dataclass(frozen=True)
class Mover:
    """One part of net profit; `effect` is what its change adds to net profit against the compared
    period, in the reporting currency. The effects of all parts sum to the change of net profit."""

    figure: Figure
    effect: Decimal


def movers(report: Report, limit: int = len(PARTS)) -> tuple[Mover, ...]:
    """The parts whose change moved net profit most, either way, the largest first; `report` has the
    figures of PARTS. Empty when there is nothing to compare with."""
    figures = [report[key] for key in PARTS]
    if report.compared is None or not all(figure.comparable for figure in figures):
        return ()
    found = [
        Mover(figure, sign * (Decimal(figure.total or 0) - Decimal(figure.before or 0)))
        for figure, sign in zip(figures, PARTS.values(), strict=True)
    ]
    changed = sorted((one for one in found if one.effect), key=lambda one: abs(one.effect), reverse=True)
    return tuple(changed[:limit])
