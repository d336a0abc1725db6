"""What kind of people give: new and returning, how much, and from where."""

from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise

from dash import html
from dash.development.base_component import Component

from components.card import Children, card, empty
from components.format import NO_DATA, Format
from components.places import country
from components.sheet import Cell, Column, Line, sheet, width
from components.stat import item
from services.metrics.demographics import BOUNDS, OTHER, Demographics, Group
from services.metrics.disclosure import FEWEST
from services.metrics.metric import Unit

TITLE = "What kind of people give"
HIDDEN = "hidden"
RULE = (
    f"Groups of fewer than {FEWEST} people are hidden, and with them the next smallest where they could be "
    "worked out."
)
NO_COUNTRIES = "Countries are known when your platform sends them with the giver of a gift."


def demographics(data: Demographics, fmt: Format, nothing: tuple[str, Children]) -> Component:
    """The card: who is new and who came back, what they gave, and where they are."""
    if not data.donors and not data.lapsed:
        return card(TITLE, empty(*nothing), name="list-card")
    return card(
        TITLE,
        html.Div(
            [
                html.Ul(_kinds(data, fmt), className="listing"),
                _groups("What each gave", "Gave", _bands(data, fmt), data, fmt),
                html.Div(
                    [
                        _groups("Country", "Country", _countries(data), data, fmt),
                        html.P(NO_COUNTRIES, className="aside-note") if set(data.countries) <= {""} else None,
                    ]
                ),
            ],
            className="demographics",
        ),
        note=RULE if _hides(data) else None,
        name="list-card",
    )


def _kinds(data: Demographics, fmt: Format) -> list[Component]:
    previous = data.previous
    before = fmt.days(previous.period.first, previous.period.last) if previous else ""
    lapsed = (
        f"Gave {before}, and not in this period."
        if previous
        else "There is no period before to compare with."
    )
    top = NO_DATA if data.donors == 0 else HIDDEN
    share = fmt.value(data.top_share, Unit.RATIO) if data.top_share is not None else top
    return [
        _kind("New donors", "Gave for the first time ever.", _count(data.new, fmt)),
        _kind("Returning donors", "Had given before.", _count(data.returning, fmt)),
        _kind("Lapsed donors", lapsed, _count(data.lapsed, fmt) if previous else NO_DATA),
        _kind("The ten largest", "Their share of what all donors gave.", share),
    ]


def _kind(name: str, note: str, number: str) -> Component:
    return item(name, note, number, "muted" if number == HIDDEN else "")


def _bands(data: Demographics, fmt: Format) -> list[tuple[str, Group]]:
    ends = [fmt.money(Decimal(bound), data.scope.currency, decimals=0) for bound in BOUNDS]
    between = [f"{low} – {high}" for low, high in pairwise(ends)]
    return list(zip([f"Under {ends[0]}", *between, f"{ends[-1]} and over"], data.bands, strict=True))


def _countries(data: Demographics) -> list[tuple[str, Group]]:
    return [("Other" if key == OTHER else country(key), group) for key, group in data.countries.items()]


def _groups(
    title: str, head: str, groups: Sequence[tuple[str, Group]], data: Demographics, fmt: Format
) -> Component:
    columns = [Column(head, "bar-cell"), Column("Donors", "number"), Column("Gift revenue", "number")]
    most = max((Decimal(group.donors or 0) for _, group in groups), default=Decimal(0))
    lines = [
        Line(
            [
                Cell(name, bar=width(group.donors, most), ink="gifts"),
                _cell(_count(group.donors, fmt)),
                _cell(HIDDEN if group.revenue is None else fmt.money(group.revenue, data.scope.currency)),
            ]
        )
        for name, group in groups
    ]
    return sheet(columns, lines, title, place="table-scroll list-scroll")


def _cell(text: str) -> Cell:
    return Cell(text, style="muted" if text == HIDDEN else "")


def _count(value: int | None, fmt: Format) -> str:
    return HIDDEN if value is None else fmt.count(value)


def _hides(data: Demographics) -> bool:
    groups = (*data.countries.values(), *data.bands)
    kinds = (data.new, data.returning, data.lapsed if data.previous else 0)
    return any(group.donors is None for group in groups) or None in kinds
