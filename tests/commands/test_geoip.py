"""manage.py geoip, as an operator uses it."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.commands.conftest import Ran

Run = Callable[..., Ran]
NPM = """#!/bin/sh
# Answers as npm does when there is no way out.
echo "npm error network request failed" >&2
exit 1
"""


def test_judge(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "addresses.csv"
    file.write_text(
        "name,ip\nsenate,156.33.195.33\ndns,8.8.8.8\nhome,10.0.0.1\nodd,nonsense\n", encoding="utf-8"
    )
    ran = run("geoip", "judge", str(file))
    assert ran.status == 0
    rows = list(csv.DictReader(io.StringIO(ran.out)))
    assert [(row["ip"], row["kind"]) for row in rows] == [
        ("156.33.195.33", "legislature"), ("8.8.8.8", ""), ("10.0.0.1", ""), ("nonsense", ""),
    ]  # fmt: skip
    assert [float(row["confidence"]) >= 0.7 for row in rows] == [True, False, False, False]
    (first, *_) = csv.DictReader(io.StringIO(run("geoip", "judge", str(file), "--reasons").out))
    assert first["asn"] == "AS3495"
    assert "Senate" in first["reasons"]


def test_judge_needs_the_column(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "addresses.csv"
    file.write_text("address\n8.8.8.8\n", encoding="utf-8")
    ran = run("geoip", "judge", str(file))
    assert (ran.status, ran.out) == (1, "")
    assert "no column called ip" in ran.err


def test_status(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GEOIP2_DB_PATH", str(tmp_path / "mine.mmdb"))
    ran = run("geoip", "status", "--json")
    assert ran.status == 0
    told = json.loads(ran.out)
    assert told["rules"]
    mine, asn, country = told["databases"]
    assert "mine.mmdb" in mine["problem"]
    assert (asn["type"], asn["knows"], asn["problem"]) == ("GeoLite2-ASN", ["organisation"], None)
    assert asn["ageDays"] >= 0
    assert country["knows"] == ["country"]
    spoken = run("geoip", "status")
    assert "mine.mmdb" in spoken.err
    assert "asn.mmdb" in spoken.out


def test_update_without_npm(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    ran = run("geoip", "update")
    assert ran.status == 1
    assert "npm was not found" in ran.err


def test_update_without_a_network(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    npm = tmp_path / "bin" / "npm"
    npm.parent.mkdir()
    npm.write_text(NPM, encoding="utf-8")
    npm.chmod(0o755)
    monkeypatch.setenv("PATH", str(npm.parent), prepend=":")
    ran = run("geoip", "update")
    assert ran.status == 1
    assert "network request failed" in ran.err
    assert list((tmp_path / "data" / "geoip").iterdir()) == []
