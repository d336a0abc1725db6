"""Links to files ask for what the page shows."""

from dataclasses import replace
from datetime import date
from urllib.parse import parse_qsl, urlsplit

from components.export import export_link
from models.period import Period
from services.scope import Scope
from tests.components.text import text


def test_a_named_period_is_asked_for_by_its_name(scope: Scope) -> None:
    link = export_link(scope, "/api/pnl/{}/export", "CSV")
    assert link.href == f"/api/pnl/{scope.profile.profile_id}/export?period=7d"
    assert text(link) == "CSV"


def test_another_is_asked_for_by_its_days(scope: Scope) -> None:
    days = Period.of_days(date(2026, 9, 1), date(2026, 11, 24), scope.profile.time_zone)
    link = export_link(replace(scope, period=days), "/api/pnl/{}/export", "CSV", compare="year")
    asked = dict(parse_qsl(urlsplit(link.href).query))
    assert asked == {"from": "2026-09-01", "to": "2026-11-24", "compare": "year"}


def test_what_is_not_chosen_is_not_asked_for(scope: Scope) -> None:
    link = export_link(scope, "/api/costs/{}/entries/export", "CSV", category=None, q="two words & more")
    assert dict(parse_qsl(urlsplit(link.href).query)) == {"period": "7d", "q": "two words & more"}
