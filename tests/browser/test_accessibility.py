"""axe-core finds nothing serious on any page, wide or narrow, light or dark."""

from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import Person, World
from tests.browser.test_every_page import PAGES

pytestmark = pytest.mark.browser
AXE = (Path(__file__).parents[1] / "data" / "axe" / "axe.min.js").read_text(encoding="utf-8")
_RUN = "axe.run().then((found) => arguments[0](found.violations))"


def findings(person: Person) -> list[str]:
    person.run(AXE)
    found: list[dict[str, Any]] = person.driver.execute_async_script(_RUN)
    return [f"{one['id']}: {one['help']}" for one in found if one["impact"] in ("serious", "critical")]


def test_nothing_serious_is_found(person: Person, world: World) -> None:
    person.open("/sign-in")
    assert findings(person) == []
    person.sign_in("alice")
    for path, title in PAGES.items():
        person.open(f"{path}?period=90d")
        person.sees(title, "h1")
        person.settled()
        assert findings(person) == [], path
    person.run("document.getElementById('frame-theme').click()")
    person.narrow()
    for path, title in PAGES.items():
        person.open(path)
        person.sees(title, "h1")
        person.settled()
        assert findings(person) == [], f"{path}, narrow and dark"
