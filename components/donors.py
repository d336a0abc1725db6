"""The table of donors, a page at a time."""

from decimal import Decimal
from urllib.parse import parse_qsl

from dash import html
from dash.development.base_component import Component

from components.card import Children, attributes, card, empty
from components.format import Format
from components.sheet import Cell, Column, Line, sheet
from services.metrics.donors import DonorPage, place


def donors(page: DonorPage, first: bool, fmt: Format, nothing: tuple[str, Children]) -> Component:
    """One page of donors, the `first` or a later one; the next is asked for by the cursor in the URL."""
    if not page.donors:
        return card("Who gives", empty(*nothing), name="list-card")
    columns = [
        Column("Donor", "donor"),
        Column("Total", "number"),
        Column("Gifts", "number"),
        Column("First gift", "number muted extra"),
        Column("Last gift", "number muted"),
    ]
    lines = [
        Line(
            [
                Cell(donor.donor_id, title=donor.donor_id),
                fmt.money(donor.total, page.scope.currency),
                fmt.count(donor.gifts),
                fmt.day(donor.first_gift),
                fmt.day(donor.last_gift),
            ]
        )
        for donor in page.donors
    ]
    return card(
        "Who gives",
        sheet(columns, lines, "Donors"),
        html.Div(
            [
                None if first else _turn("First page", ""),
                _turn("Next page", f"{page.next[0]}~{page.next[1]}") if page.next else None,
            ],
            className="pager",
        ),
        note="The largest first.",
        name="list-card",
    )


def after(search: str | None) -> tuple[Decimal, str] | None:
    """Where the page asked for by the search part of a URL begins; None for the first."""
    total, found, donor_id = dict(parse_qsl((search or "").lstrip("?"))).get("cursor", "").partition("~")
    return place(total, donor_id) if found else None


def category(name: str) -> str:
    """What a category of gifts is called."""
    return name or "No category"


def _turn(label: str, cursor: str) -> Component:
    return html.Button(label, type="button", className="button", **attributes(data_set=f"cursor={cursor}"))
