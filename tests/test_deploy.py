"""docs/deploy.md does what it says: its nginx stands in front of the real server, its settings are read."""

import json
import os
import re
import shutil
import ssl
import subprocess
import time
from collections.abc import Iterator
from configparser import ConfigParser
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from sqlalchemy import select
from websocket import create_connection

from app import LARGEST_BODY
from config import load
from models.clock import now
from models.embedded.process import free_port
from models.schema import profile_events
from models.stores import Stores
from services import accounts
from services.profiles import Profile
from tests.api.conftest import PASSWORD, token
from tests.served import Served

ROOT = Path(__file__).parent.parent
GUIDE = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
HOST = "localhost"


def block(language: str, holding: str) -> str:
    """The one block of the guide in this language that holds this."""
    found = re.findall(rf"^```{language}\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)
    (one,) = [text for text in found if holding in text]
    return one


@dataclass(frozen=True)
class Front:
    """nginx as visitors meet it: `url` by TLS, `plain` without."""

    url: str
    plain: str
    certificate: Path

    def session(self) -> requests.Session:
        """A browser that trusts its certificate."""
        session = requests.Session()
        session.trust_env = False  # settings of this machine would go before ours
        session.verify = str(self.certificate)
        return session


def certified(folder: Path) -> tuple[Path, Path]:
    """A certificate of this machine's own name, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now() - timedelta(days=1))
        .not_valid_after(now() + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    paths = folder / "fullchain.pem", folder / "privkey.pem"
    paths[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return paths


@pytest.fixture
def front(database_url: str, redis_url: str, stores: Stores, tmp_path: Path) -> Iterator[Front]:
    """The guide's nginx, on ports of this machine, before the product with the guide's settings."""
    told = dict(line.split("=", 1) for line in block("ini", "TRUSTED_PROXIES").split())
    settings = {name: told[name] for name in told if name.endswith(("_PROXIES", "_SECURE"))}
    served = Served(database_url, redis_url, tmp_path, 1, **settings)
    certificate, key = certified(tmp_path)
    secure, plain = free_port(0), free_port(0)
    site = block("nginx", "server {")
    for ours, theirs in {
        "listen 80;": f"listen 127.0.0.1:{plain};",
        "listen [::]:80;": "",
        "listen 443 ssl http2;": f"listen 127.0.0.1:{secure} ssl http2;",
        "listen [::]:443 ssl http2;": "",
        "/etc/letsencrypt/live/analytics.example/fullchain.pem": str(certificate),
        "/etc/letsencrypt/live/analytics.example/privkey.pem": str(key),
        "server 127.0.0.1:5173;": f"server 127.0.0.1:{served.ports[1]};",
        "analytics.example": HOST,
    }.items():
        assert ours in site, ours
        site = site.replace(ours, theirs)
    configuration = tmp_path / "nginx.conf"
    configuration.write_text(
        f"{_account()}daemon off;\npid {tmp_path}/nginx.pid;\nerror_log stderr;\nworker_processes 1;\n"
        f"events {{}}\nhttp {{\n{_places(tmp_path)}{site}}}\n"
    )
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    command = [program, "-e", "stderr", "-p", str(tmp_path), "-c", str(configuration)]
    with served:
        nginx = subprocess.Popen(command)
        try:
            found = Front(f"https://{HOST}:{secure}", f"http://{HOST}:{plain}", certificate)
            _await(found)
            yield found
        finally:
            nginx.terminate()
            nginx.wait(20)


def _account() -> str:
    """As root nginx changes to a user who may not enter the tests' folders, unless it is told not to."""
    return "user root;\n" if os.geteuid() == 0 else ""


def _places(folder: Path) -> str:
    """Where nginx puts what it holds for a moment, if not with the system's own."""
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    return "".join(f"{kind}_temp_path {folder}/{kind};\n" for kind in kinds)


def _await(front: Front) -> None:
    deadline = time.monotonic() + 20
    while True:
        try:
            front.session().get(f"{front.url}/healthz", timeout=5).raise_for_status()
            return
        except requests.RequestException:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def test_a_visit_through_nginx(front: Front, stores: Stores, anna: Profile) -> None:
    with stores.database.transaction() as tx:
        account = accounts.add(tx, "alice@example.org", PASSWORD, now())
        accounts.grant(tx, account.account_id, anna.profile_id, "owner", now())
    browser = front.session()

    moved = browser.get(f"{front.plain}/pnl", allow_redirects=False)
    assert (moved.status_code, moved.headers["Location"]) == (301, f"https://{HOST}/pnl")

    page = browser.get(f"{front.url}/")
    assert page.url == f"{front.url}/sign-in"
    form = {"email": "alice@example.org", "password": PASSWORD}
    entered = browser.post(f"{front.url}/sign-in", data=form, headers={"Origin": front.url})
    assert entered.url == f"{front.url}/", entered.text
    assert all(cookie.secure for cookie in browser.cookies)
    layout = browser.get(f"{front.url}/_dash-layout")
    assert layout.status_code == 200
    stranger = browser.post(
        f"{front.url}/_dash-update-component", json={}, headers={"Origin": "https://evil.example"}
    )
    assert stranger.status_code == 403

    cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in browser.cookies)
    trusting = ssl.create_default_context(cafile=str(front.certificate))
    socket = create_connection(
        front.url.replace("https", "wss", 1) + "/realtime",
        timeout=15,
        cookie=cookies,
        origin=front.url,
        sslopt={"context": trusting},
    )
    socket.send(json.dumps({"event": "subscribe", "data": {"profileId": str(anna.profile_id)}}))
    assert [json.loads(socket.recv())["event"] for _ in range(2)] == ["authenticated", "subscribed"]
    socket.shutdown()


def test_who_asks_can_not_be_made_up(front: Front, stores: Stores, anna: Profile) -> None:
    browser = front.session()
    headers = {
        **token(stores, "script", [anna]),
        "X-Forwarded-For": "192.0.2.66",
        "X-Real-IP": "192.0.2.66",
        "Forwarded": "for=192.0.2.66",
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Proto": "http",
    }
    body = {"profileId": str(anna.profile_id), "eventType": "view"}
    stored = browser.post(f"{front.url}/api/profile-analytics/event", json=body, headers=headers)
    assert stored.status_code == 201, stored.text
    with stores.database.transaction() as tx:
        assert str(tx.value(select(profile_events.c.ip_address))).split("/")[0] == "127.0.0.1"
    assert "evil.example" not in browser.get(f"{front.url}/sign-in", headers=headers).text


def test_what_is_refused_is_refused_in_words(front: Front, stores: Stores, anna: Profile) -> None:
    browser = front.session()
    assert browser.get(f"{front.url}/metrics").status_code == 404
    too_large = browser.post(
        f"{front.url}/api/profile-analytics/event",
        data=b" " * (LARGEST_BODY + 1),
        headers={**token(stores, "script", [anna]), "Content-Type": "application/json"},
    )
    assert too_large.status_code == 413
    assert too_large.json()["code"]
    assert "nginx/" not in too_large.headers["Server"]


def test_the_settings_are_read() -> None:
    told = dict(line.split("=", 1) for line in block("ini", "TRUSTED_PROXIES").split())
    settings = load(told)
    assert (settings.trusted_proxies, settings.cookie_secure, settings.demo) == (1, True, False)


def test_the_service_starts_what_is_there() -> None:
    unit = ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str
    unit.read_string(block("ini", "[Service]"))
    service = unit["Service"]
    assert service["ExecStart"].endswith(".venv/bin/python manage.py run")
    assert service["User"] in block("sh", "useradd")
    assert service["EnvironmentFile"] in GUIDE.split("## systemd")[0]
    assert service["ReadWritePaths"] in block("ini", "TRUSTED_PROXIES")
