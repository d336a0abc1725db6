"""Bad input at scale. `make test` tries a little of it, `make fuzz N=...` as much as is asked for; how
much it was is printed at the end of the run."""

import os
from collections import Counter
from collections.abc import Iterator

import pytest

MOST = int(os.environ.get("FUZZ", "5"))
"""How hard: examples of each kind for each operation of the API, and some times that for what is quicker."""


@pytest.fixture
def tried(request: pytest.FixtureRequest, record_property) -> Iterator[Counter[str]]:
    """Where a test counts its inputs, by what became of them."""
    counted: Counter[str] = Counter()
    yield counted
    record_property("tried", dict(counted))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Says how many inputs were tried; the reports come from whatever process ran the test."""
    lines = []
    for reports in terminalreporter.stats.values():
        for report in reports:
            for name, counted in getattr(report, "user_properties", ()):
                if name == "tried" and report.when == "teardown":
                    fates = ", ".join(f"{fate} {number:,}" for fate, number in sorted(counted.items()))
                    lines.append(f"{report.nodeid}: {sum(counted.values()):,} inputs ({fates})")
    if lines:
        terminalreporter.section("inputs tried")
        for line in lines:
            terminalreporter.write_line(line)
