"""What the browser loads fits together, and comes from nowhere else."""

import re
from pathlib import Path

import pytest
from plotly.offline import get_plotlyjs_version

ASSETS = Path("assets")
PLOTLY = ASSETS / "vendor" / "plotly-basic.min.js"
OWN = sorted([*ASSETS.glob("*.css"), *ASSETS.glob("*.js"), *Path("pages/templates").glob("*.html")])


def test_the_figure_bundle_is_of_the_version_that_dash_expects() -> None:
    """After an upgrade of plotly the basic bundle has to follow."""
    version = get_plotlyjs_version()
    assert f"v{version}" in PLOTLY.read_text(encoding="utf-8")[:200]
    assert f"plotly-basic.min.js?v={version}" in (ASSETS / "frame.js").read_text(encoding="utf-8")


def test_licences_lie_beside_what_is_carried() -> None:
    assert "SIL OPEN FONT LICENSE" in (ASSETS / "fonts" / "LICENSE-inter.txt").read_text(encoding="utf-8")
    assert "MIT License" in (ASSETS / "vendor" / "LICENSE-plotly.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", OWN, ids=lambda path: path.name)
def test_nothing_is_asked_for_outside(path: Path) -> None:
    found = re.findall(r"(?:https?:)?//[\w.-]+\.\w+", path.read_text(encoding="utf-8"))
    assert [address for address in found if "www.w3.org" not in address] == []


@pytest.mark.parametrize("path", OWN, ids=lambda path: path.name)
def test_every_file_that_is_named_exists(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    named = re.findall(r'url\("([^"#:?%<,]+)[?"]', text) + re.findall(r'"/assets/([^"?]+)', text)
    assert [name for name in named if not (ASSETS / name).is_file()] == []


def test_every_icon_is_drawn() -> None:
    code = "".join(
        path.read_text(encoding="utf-8")
        for folder in ("components", "pages")
        for path in Path(folder).rglob("*.py")
    )
    used = set(re.findall(r'(?<!\w)(?:icon\(|icon=|Action\()"(\w+)"', code))
    drawn = set(re.findall(r"\.icon-(\w+) \{ --drawing", (ASSETS / "icons.css").read_text(encoding="utf-8")))
    assert len(used) > 10
    assert used <= drawn
