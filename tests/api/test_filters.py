"""Visits by one attribute, for machines."""

import pytest

from services.profiles import Profile
from tests.api.conftest import Ask

OVERVIEW = "/api/profile-analytics/{}/overview"


@pytest.mark.usefixtures("a_month")
def test_a_source_is_a_part_of_the_whole(get: Ask, anna: Profile) -> None:
    whole = get(OVERVIEW.format(anna.profile_id), period="90d").json
    parts = [
        get(OVERVIEW.format(anna.profile_id), period="90d", referrer=each["source"]).json
        for each in whole["topReferrers"]
    ]
    assert sum(part["views"] for part in parts) == whole["views"] > 0
    for each, part in zip(whole["topReferrers"], parts, strict=True):
        assert (part["views"], part["inquiries"]) == (each["views"], each["inquiries"])
        assert part["uniqueVisitors"] is not None
    series = get(
        f"/api/profile-analytics/{anna.profile_id}/timeseries", period="90d", referrer="Nowhere"
    ).json
    assert {point["views"] for point in series["points"]} == {0}


@pytest.mark.usefixtures("a_month")
def test_over_a_year_only_what_is_kept_by_attribute_is_known(get: Ask, anna: Profile) -> None:
    answer = get(OVERVIEW.format(anna.profile_id), period="12m", device="phone")
    assert answer.status_code == 200
    assert answer.json["views"] is not None
    assert answer.json["uniqueVisitors"] is None
    assert answer.json["topReferrers"] is None


def test_two_at_once_are_refused_by_name(get: Ask, anna: Profile) -> None:
    answer = get(OVERVIEW.format(anna.profile_id), referrer="Google", country="DE")
    assert answer.status_code == 422
    assert answer.json["errors"][0]["pointer"] == "country"
