"""The rules and lists are well-formed, line by line."""

import re
import shutil
from datetime import date
from ipaddress import ip_network
from pathlib import Path

import pytest

from models.errors import CannotStart
from services.gov_detection import Kind
from services.gov_detection.lists import FILES, FOLDER, lines, load
from services.gov_detection.phrase import phrase


@pytest.mark.parametrize("name", FILES)
def test_every_line_has_its_source_and_date(name: str) -> None:
    rows = [row for _, row in lines(FOLDER / f"{name}.tsv")]
    assert rows
    for row in rows:
        assert row["source"].strip(), row
        assert date.fromisoformat(row["date"]) <= date(2100, 1, 1)


def test_certainties_are_probabilities_and_kinds_are_known() -> None:
    for name in ("names", "exclusions", "networks", "prefixes", "domains"):
        for number, row in lines(FOLDER / f"{name}.tsv"):
            assert 0 < float(row["certainty"]) < 1, (name, number)
            if name != "exclusions":
                assert Kind(row["kind"]), (name, number)


def test_countries_are_codes() -> None:
    for name in ("names", "exclusions"):
        for number, row in lines(FOLDER / f"{name}.tsv"):
            codes = row["countries"].split(",")
            assert codes == ["*"] or all(re.fullmatch(r"[A-Z]{2}|\?", code) for code in codes), (name, number)


def test_nothing_stands_twice() -> None:
    for name, keys in (
        ("names", ("kind", "countries", "phrase")),
        ("exclusions", ("countries", "phrase")),
        ("networks", ("asn",)),
        ("prefixes", ("prefix",)),
        ("domains", ("domain",)),
    ):
        seen = [tuple(row[key] for key in keys) for _, row in lines(FOLDER / f"{name}.tsv")]
        assert len(seen) == len(set(seen)), name


def test_every_phrase_can_be_found() -> None:
    sets = {row["name"]: row["words"] for _, row in lines(FOLDER / "sets.tsv")}
    for name in ("names", "exclusions"):
        for number, row in lines(FOLDER / f"{name}.tsv"):
            assert phrase(row["phrase"], sets).stems, (name, number)
            assert row["phrase"] == row["phrase"].lower(), (name, number)


def test_what_somebody_looked_up_says_why() -> None:
    for name in ("networks", "prefixes", "domains"):
        for number, row in lines(FOLDER / f"{name}.tsv"):
            assert len(row["reason"]) > 10, (name, number)
    for _, row in lines(FOLDER / "prefixes.tsv"):
        assert ip_network(row["prefix"]).is_global


def test_the_version_changes_with_the_rules(tmp_path: Path) -> None:
    copy = tmp_path / "gov"
    shutil.copytree(FOLDER, copy)
    assert load(copy).version == load().version
    changed = tmp_path / "changed"
    shutil.copytree(FOLDER, changed)
    with (changed / "domains.tsv").open("a", encoding="utf-8") as file:
        file.write(
            "example.gov\tnational_civil\t0.9\tAn example\tthe domain of an example\tinvented\t2027-01-02\n"
        )
    assert load(changed).version.startswith("2027-01-02.")


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("AS1\tjudiciary\t0.9\tA court\tit is one\t\t2026-11-24\n", "no source"),
        ("AS1\tjudiciary\t0.9\tA court\tit is one\tits site\tsoon\n", "no date"),
        ("AS1\tjudiciary\t0.9\n", "columns"),
    ],
)
def test_a_line_that_does_not_hold(tmp_path: Path, line: str, complaint: str) -> None:
    folder = tmp_path / "gov"
    shutil.copytree(FOLDER, folder)
    with (folder / "networks.tsv").open("a", encoding="utf-8") as file:
        file.write(line)
    with pytest.raises(CannotStart, match=rf"networks\.tsv, line \d+: .*{complaint}"):
        load(folder)


def test_rules_that_are_away(tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match=r"names\.tsv"):
        load(tmp_path)
