"""The table of donors, a page at a time."""

from dash import html
from dash.development.base_component import Component

from components import lists
from components.card import Children, attributes, card, empty
from components.export import export_link
from components.format import Format
from components.sheet import Cell, Column, Line, sheet
from services.metrics.donors import DonorPage, Place

TITLE = "Who gives"
_BACK = "before~"


def donors(page: DonorPage, fmt: Format, nothing: tuple[str, Children]) -> Component:
    """One page of donors; the others are asked for by the cursor in the URL."""
    if not page.donors:
        return card(TITLE, empty(*nothing), name="list-card")
    columns = [
        Column("Donor", "donor"),
        Column("Total", "number"),
        Column("Gifts", "number"),
        Column("First gift", "number muted extra"),
        Column("Last gift", "number muted extra"),
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
    last = page.first + len(page.donors) - 1
    return card(
        TITLE,
        sheet(columns, lines, "Donors"),
        _pager(page),
        note=f"{fmt.count(page.first)} – {fmt.count(last)} of {fmt.count(page.whole)}, the largest first.",
        action=export_link(page.scope, "/api/gift-analytics/{}/donors/export", "All as CSV"),
        name="list-card",
    )


def turned(search: str | None) -> tuple[Place | None, Place | None]:
    """Which page of donors the search part of a URL asks for: the one after the first place, or the one
    before the second; neither for the first page."""
    cursor = lists.chosen(search).get("cursor", "")
    total, found, donor_id = cursor.removeprefix(_BACK).partition("~")
    to = Place.read((total, donor_id)) if found else None
    return (None, to) if cursor.startswith(_BACK) else (to, None)


def _pager(page: DonorPage) -> Component | None:
    if page.next is None and page.previous is None:
        return None
    turns = (
        ("First", "", page.previous),
        ("Previous", _BACK, page.previous),
        ("Next", "", page.next),
    )
    return html.Nav(
        [
            html.Button(
                label,
                type="button",
                className="button",
                disabled=to is None,
                **attributes(
                    data_set="cursor=" if to is None or label == "First" else f"cursor={side}{to[0]}~{to[1]}"
                ),
            )
            for label, side, to in turns
        ],
        className="pager",
        **attributes(aria_label="Pages of donors"),
    )
