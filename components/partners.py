"""Partners: the sentence about them, and their table."""

from collections.abc import Sequence
from decimal import Decimal

from dash import html
from dash.development.base_component import Component

from components.card import Children, card, empty
from components.explain import words
from components.export import export_link
from components.format import NO_DATA, Format
from components.headline import headline
from components.sheet import Cell, Column, Line, sheet
from services.metrics import METRICS
from services.metrics.duo import Partner, Partners
from services.metrics.metric import Unit, Value
from services.metrics.report import Report

_NAMED = 2


def lead(report: Report, found: Partners, fmt: Format) -> Component:
    """How shared revenue went, who is the best partner, and who is fading."""
    sentence = headline(report, "duoRevenue", fmt)
    best = [one.partner_id for one in found.partners if _stands_out(one, found)]
    fading = [one.partner_id for one in found.partners if one.fading]
    told = [*sentence.children, *_told("Best partner", best, fmt), *_told("Fading", fading, fmt)]
    return html.P(told, className="lead")


def partners(found: Partners, fmt: Format, nothing: tuple[str, Children]) -> Component:
    """A row for each partner, the one with most share first."""
    if not found.partners:
        return card("With whom", empty(*nothing), name="list-card")
    left_out = f"{fmt.count(found.more)} with a smaller share are left out."
    return card(
        "With whom",
        sheet(
            _columns(found, fmt),
            [Line(_cells(one, found, fmt)) for one in found.partners],
            "Partners",
            style="table partners",
        ),
        html.P(left_out, className="card-note") if found.more else None,
        note="Your largest share first. The split is what was really paid, yours before the partner's.",
        action=export_link(
            found.scope,
            "/api/duo-referrals/{}/partners/export",
            "Export CSV",
            granularity=found.scope.granularity,
            compare=found.scope.comparison,
        ),
        name="list-card",
    )


def _columns(found: Partners, fmt: Format) -> list[Column]:
    def of(key: str, name: str, style: str = "number") -> Column:
        return Column(name, style, explain=words(METRICS[key], found.scope, fmt))

    return [
        Column("Partner", "partner"),
        of("duoBookings", "Bookings"),
        of("duoRevenue", "Total", "number extra"),
        of("duoShare", "Your share"),
        Column("Split", "number muted extra"),
        Column("A month", "number muted extra", title="Bookings in a month of 30.44 days"),
        Column("Last booking", "number muted extra"),
        *([Column("Change", "number extra", title="Of your share")] if found.compared else []),
    ]


def _cells(one: Partner, found: Partners, fmt: Format) -> list[Cell | str]:
    currency, split = found.scope.currency, one.now.split
    badge, style = _badge(one, _stands_out(one, found), fmt)
    return [
        Cell(one.partner_id, title=one.partner_id, note=badge, note_style=style),
        fmt.count(one.now.bookings),
        fmt.money(one.now.revenue, currency),
        fmt.money(one.now.share, currency),
        NO_DATA
        if split is None
        else f"{fmt.percent(split, 0, exact=False)} : {fmt.percent(1 - split, 0, exact=False)}",
        fmt.value(one.now.per_month, Unit.NUMBER),
        fmt.day(one.rhythm.last) if one.rhythm else NO_DATA,
        *([_change(found.change(one), one, found.comparable, fmt)] if found.compared else []),
    ]


def _stands_out(one: Partner, found: Partners) -> bool:
    """Whether a partner is the best of some: the only one is not called so."""
    return one.best and len(found.partners) > 1


def _badge(one: Partner, best: bool, fmt: Format) -> tuple[str, str]:
    """What is to be known of a partner, in words, and its style."""
    if one.fading and one.rhythm and one.rhythm.usual:
        silent, usual = (_days(value, fmt) for value in (one.rhythm.silent, one.rhythm.usual))
        fading = f"Fading: last booking {silent} ago, usually every {usual}"
        return (f"Best. {fading}" if best else fading), "tag fading"
    return ("Best", "tag best") if best else ("", "")


def _days(value: Value, fmt: Format) -> str:
    return "day" if value == 1 else f"{fmt.count(value or 0)} days"


def _change(relative: Decimal | None, one: Partner, fair: bool, fmt: Format) -> Cell | str:
    if relative is None:
        return "new" if fair and one.before and not one.before.bookings and not one.before.share else NO_DATA
    tone = "good" if relative > 0 else "bad" if relative < 0 else "muted"
    return Cell(fmt.change(relative), tone)


def _told(heading: str, names: Sequence[str], fmt: Format) -> list[Component | str]:
    """ " Fading: elif, noa and 3 more." """
    if not names:
        return []
    told: list[Component | str] = [f" {heading}: "]
    for index, name in enumerate(names[:_NAMED]):
        told += [", " if index else "", html.Bdi(name)]
    more = len(names) - _NAMED
    return [*told, f" and {fmt.count(more)} more." if more > 0 else "."]
