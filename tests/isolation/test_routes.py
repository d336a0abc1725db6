"""Every address of the product, asked by everyone. One without a rule fails."""

from tests.api.test_isolation import PUBLIC, RULES
from tests.isolation.conftest import World, leaked

OPEN = {
    "sign_in.form", "sign_in.sign_in", "sign_in.sign_out", "sign_in_code.form", "sign_in_code.sign_in",
    "forgotten.form", "forgotten.ask", "forgotten.reset", "forgotten.new_password", "welcome.form",
    "welcome.create", "health.healthz", "health.readyz", "metrics.metrics", "tracker.tracker",
    "_dash_assets.static", "/_dash-component-suites/<string:package_name>/<path:fingerprinted_path>",
    "/_favicon.ico",
}  # fmt: skip
"""For everybody, and the same for everybody."""
PAGES = {
    "/",
    "/<path:path>",
    "/_dash-layout",
    "/_dash-dependencies",
    "/_dash-update-component",
    "/_reload-hash",
}
"""For those who signed in. What a page shows comes by its callbacks, which test_callbacks.py asks."""
SOCKET = {"realtime.realtime"}
"""tests/api/realtime/test_sign_in.py asks it."""
MARKED = (
    "costs/{}", "costs/{}/entries/export", "revenue/{}/transactions", "revenue/{}/transactions/export",
    "gift-analytics/{}/donors", "gift-analytics/{}/donors/export", "gift-analytics/{}/by-category",
    "duo-referrals/{}", "duo-referrals/{}/partners/export", "profile-analytics/{}/overview", "profiles/{}",
    "gov-detection/alerts/{}",
)  # fmt: skip
"""Those below /api that show Alice words of hers."""
OWNERS_MARKED = ("audit/{}", "audit/{}/export", "profiles/{}/export")
"""Those that show them to owners alone."""


def test_every_address_has_a_rule(world: World) -> None:
    known = {rule.endpoint for rule in world.app.url_map.iter_rules()}
    ruled = OPEN | PAGES | SOCKET | RULES.keys()
    unruled = {each for each in known - ruled if not each.startswith(PUBLIC)}
    assert not unruled, f"Add to RULES in tests/api/test_isolation.py, or here: {sorted(unruled)}"
    assert not ruled - known, f"Gone; take out: {sorted(ruled - known)}"


def test_words_of_alice_are_for_alice_and_bob(world: World) -> None:
    for address in (*MARKED, *OWNERS_MARKED):
        readers = ("alice", "bob") if address in MARKED else ("alice",)
        for who, client in world.clients.items():
            answer = client.get(f"/api/{address.format(world.anna.profile_id)}")
            place = (who, address, answer.text)
            assert bool(leaked(answer.text)) == (who in readers), place


def test_nothing_of_alice_is_said_to_others(world: World) -> None:
    """By whatever address, with a profile of hers in it, by whatever method."""
    before = world.state()
    for rule in world.app.url_map.iter_rules():
        if rule.endpoint in SOCKET or rule.endpoint.startswith(("sign_in", "forgotten.")):
            continue
        address = rule.rule
        for argument in rule.arguments:
            kind = "uuid:" if f"<uuid:{argument}>" in address else ""
            for converter in (kind, "path:", "string:", ""):
                address = address.replace(f"<{converter}{argument}>", str(world.anna.profile_id))
        for who in ("nobody", "charlie"):
            for method in rule.methods - {"HEAD", "OPTIONS"}:
                search = {"profile": str(world.anna.profile_id)}
                body = {"profileId": str(world.anna.profile_id)}
                sent = {"json": body} if method in ("POST", "PUT") and address.startswith("/api/") else {}
                answer = world.clients[who].open(address, method=method, query_string=search, **sent)
                place = (who, method, address, answer.status_code)
                assert answer.status_code < 500, place
                assert leaked(answer.data.decode(errors="replace")) == [], place
                if rule.endpoint in PAGES and who == "nobody":
                    assert answer.status_code in (302, 401), place
    assert world.state() == before
