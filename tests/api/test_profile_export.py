"""The archive of a profile, fetched."""

from flask.testing import FlaskClient

from models.stores import Stores
from services.profiles import Profile
from services.rights import shelf
from tests.api.conftest import Ask, Headers, problem


def test_the_archive_is_sent_as_a_file_that_nobody_keeps(
    get: Ask, client: FlaskClient, bob: Headers, stores: Stores, anna: Profile
) -> None:
    address = f"/api/profiles/{anna.profile_id}/export"
    problem(get(address), 404, "not-found")
    with shelf.placing(stores, anna.profile_id) as file:
        file.write(b"PK-everything")
    sent = get(address)
    assert (sent.status_code, sent.data, sent.content_type) == (200, b"PK-everything", "application/zip")
    assert sent.headers["Cache-Control"] == "no-store"
    assert sent.headers["Content-Disposition"].startswith(f"attachment; filename=profile-{anna.profile_id}-")
    assert "ETag" not in sent.headers
    problem(client.get(address, headers=bob), 403)
