"""The command line as an operator has it: arguments in, exit status and both streams out."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

import manage


@dataclass(frozen=True)
class Ran:
    """How a command ended."""

    status: int
    out: str
    err: str


@pytest.fixture
def run(
    database_url: str,
    redis_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Callable[..., Ran]:
    """Runs `manage.py ARGUMENTS` on the test's database."""
    monkeypatch.setenv("DATABASE_URL", database_url.replace("+psycopg", ""))
    monkeypatch.setenv("REDIS_URL", redis_url)
    monkeypatch.setenv("PLATFORM_ANALYTICS_DATA_DIR", str(tmp_path / "data"))

    def command(*arguments: str, stdin: str = "") -> Ran:
        monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
        capsys.readouterr()
        status = manage.main(arguments)
        streams = capsys.readouterr()
        return Ran(status, streams.out, streams.err)

    return command


@pytest.fixture
def profile(run: Callable[..., Ran]) -> str:
    """The id of a profile in New York that reports in dollars, owned by anna@example.com."""
    run("accounts", "add", "anna@example.com", "--password-stdin", stdin="a long password\n")
    made = run(
        "profiles", "add", "Anna", "--owner", "anna@example.com",
        "--timezone", "America/New_York", "--currency", "USD",
    )  # fmt: skip
    return made.out.strip()
