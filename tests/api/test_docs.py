"""The examples of docs/api.md do what the guide says."""

import json
import re
import shlex
from pathlib import Path

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app import LARGEST_BODY
from config import Config
from services.profiles import Profile
from session import _STATUS
from tests.api.conftest import Headers

GUIDE = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)


def run(command: list[str], client: FlaskClient) -> TestResponse:
    """Sends what this curl command would."""
    assert command[0] == "curl"
    address, options = command[1], command[2:]
    headers, body = {}, None
    for option, value in zip(options[::2], options[1::2], strict=True):
        assert option in {"-H", "-d"}
        if option == "-H":
            name, _, text = value.partition(": ")
            headers[name] = text
        else:
            body = value
    return client.open(address, method="POST" if body else "GET", headers=headers, data=body)


def test_every_example(client: FlaskClient, alice: Headers, anna: Profile) -> None:
    values = {"API": "", "PROFILE": str(anna.profile_id), "TOKEN": alice["Authorization"].split()[1]}
    statuses = []
    for block in blocks("sh"):
        for name, value in values.items():
            block = block.replace(f"${name}", value)
        for command in re.split(r"\n(?=curl )", block.replace("\\\n", " ").strip()):
            answer = run(shlex.split(command), client)
            statuses.append(answer.status_code)
    read, written = [200], [201]
    assert statuses == [
        *read * 5, *written * 3, *read * 3, *written, *read * 9, 422,
    ]  # fmt: skip
    (shown,) = blocks("json")
    assert answer.json == json.loads(shown)


def test_every_status_and_limit_is_told(tmp_path: Path) -> None:
    for status in (*_STATUS.values(), 405, 413, 415):
        assert re.search(rf"^\|.*\b{status}\b.*\|", GUIDE, re.MULTILINE), status
    settings = Config(data_dir=tmp_path)
    assert f"| {settings.requests_per_minute} | `PLATFORM_ANALYTICS_REQUESTS_PER_MINUTE`" in GUIDE
    assert f"| {settings.events_per_minute:,} | `PLATFORM_ANALYTICS_EVENTS_PER_MINUTE`" in GUIDE
    assert f"{LARGEST_BODY // 1024**2} MiB" in GUIDE
