"""The documents say what the code does: settings, commands, options and links."""

import re
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

import manage

ROOT = Path(__file__).parent.parent
DOCUMENTS = sorted(
    [ROOT / "README.md", ROOT / "CHANGELOG.md", ROOT / "SECURITY.md", *ROOT.glob("docs/**/*.md")]
)
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_every_setting_is_in_the_readme() -> None:
    source = (ROOT / "config.py").read_text(encoding="utf-8")
    names = set(
        re.findall(r'"((?:PLATFORM_ANALYTICS|DATABASE|REDIS|GEOIP2|GOV_DETECTION)_[A-Z_0-9]+|DEMO)"', source)
    )
    names |= {f"DATABASE_POSTGRES_{part}" for part in ("USER", "PASSWORD", "NAME", "HOST", "PORT")}
    assert len(names) > 15
    assert {name for name in names if f"`{name}`" not in README} == set()


def test_every_setting_of_the_readme_is_read() -> None:
    source = (ROOT / "config.py").read_text(encoding="utf-8")
    told = set(re.findall(r"`([A-Z][A-Z_0-9]{3,})`", README)) - {"NAME_FILE"}
    unread = {name for name in told if f'"{name}"' not in source and "DATABASE_POSTGRES_" not in name}
    assert unread == set()


def test_the_metrics_are_documented_as_they_are_defined() -> None:
    printed = CliRunner().invoke(manage.cli, ["metrics"], catch_exceptions=False).stdout
    told = (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")
    assert told == printed, "run: manage.py metrics > docs/metrics.md"


def test_what_holds_a_promise_of_safety_is_there() -> None:
    told = re.findall(
        r"`((?:[a-z_]+/)*[a-z_]+(?:\.py|/))`", (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    )
    assert len(told) > 8
    assert [each for each in told if not (ROOT / each).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    targets = [target.split("#")[0] for target in re.findall(r"\]\(([^)\s]+)\)", text)]
    missing = [
        target
        for target in targets
        if target and "://" not in target and not (document.parent / target).exists()
    ]
    assert missing == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_commands_of_the_documents_exist(document: Path) -> None:
    for line in re.findall(r"manage\.py ([a-z][^`\n)]*)", document.read_text(encoding="utf-8")):
        command: click.Command = manage.cli
        words = line.split()
        while isinstance(command, click.Group):
            if command.invoke_without_command and (not words or words[0].startswith("--")):
                break
            assert words, f"manage.py {line}: a command is missing"
            found = command.commands.get(words.pop(0).strip(":.,"))
            assert found is not None, f"manage.py {line}"
            command = found
        options = {option for parameter in command.params for option in parameter.opts} | {"--help"}
        told = {word.split("=")[0].strip(":.,") for word in words if word.startswith("--")}
        assert told <= options, f"manage.py {line}"


def test_make_verbs_of_the_readme_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    verbs = set(re.findall(r"^([a-z]+):.*?## ", makefile, re.MULTILINE))
    assert set(re.findall(r"make ([a-z]+)", README)) <= verbs
    assert len(verbs) <= 12
