"""Views from access logs: every line has its place."""

import csv
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest

from models.clock import now
from models.errors import Conflict, InvalidInput, NotFound
from models.stores import Stores
from services import rollups, scope
from services.imports import ledger
from services.imports.traffic import import_access_log
from services.metrics import report
from services.profiles import Profile

MAY_2015 = {"from": "2015-05-17", "to": "2015-05-21"}


def test_every_line_of_a_real_log_has_its_place(
    stores: Stores, anna: Profile, real: Callable[[str], Path]
) -> None:
    path = real("apache_access.log")
    account = import_access_log(stores, anna, path)
    assert account.lines == 10_000
    assert account.places["rejected"] == 1
    assert account.rejected_file is not None
    with account.rejected_file.open(newline="") as listed:
        (rejected,) = csv.DictReader(listed)
    assert rejected["line"] == "8899"
    figures = report(stores.database, scope.parse(anna, MAY_2015, now()), ["views", "botHits"])
    assert figures["views"].total == account.places["stored"]
    assert figures["botHits"].total == account.places["bot"]

    again = import_access_log(stores, anna, path)
    assert again.places["stored"] == again.places["bot"] == 0
    assert again.places["duplicate"] == account.places["stored"] + account.places["bot"]
    assert rollups.verify(stores.database, anna.profile_id) == []

    assert account.import_id is not None
    assert ledger.undo(stores.database, account.import_id) == again.places["duplicate"]
    assert report(stores.database, scope.parse(anna, MAY_2015, now()), ["views"])["views"].total == 0
    assert rollups.verify(stores.database, anna.profile_id) == []


def test_a_dry_run_counts_and_stores_nothing(
    stores: Stores, anna: Profile, real: Callable[[str], Path]
) -> None:
    account = import_access_log(stores, anna, real("apache_access.log"), pages=r"^/blog", dry_run=True)
    assert account.lines == 10_000
    assert account.import_id is None
    assert ledger.listing(stores.database) == []


def test_a_line_of_the_future_is_rejected(stores: Stores, anna: Profile, tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    log.write_text(
        '192.0.2.1 - - [01/Mar/2099:10:00:00 +0100] "GET / HTTP/1.1" 200 5 "-" "Mozilla/5.0"\n'
        '192.0.2.1 - - [01/Mar/2026:10:00:00 +0100] "GET / HTTP/1.1" 200 5 "-" "Mozilla/5.0"\n'
    )
    account = import_access_log(stores, anna, log)
    assert (account.places["rejected"], account.places["stored"]) == (1, 1)


def test_a_file_that_is_no_log_is_refused(stores: Stores, anna: Profile, tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    log.write_text("date,amount\n2026-03-01,5\n")
    with pytest.raises(InvalidInput, match="not an access log"):
        import_access_log(stores, anna, log)
    assert [each.status for each in ledger.listing(stores.database)] in ([], ["failed"])


def test_only_a_known_import_can_be_undone_and_once(
    stores: Stores, anna: Profile, real: Callable[[str], Path]
) -> None:
    with pytest.raises(NotFound):
        ledger.undo(stores.database, uuid4())
    account = import_access_log(stores, anna, real("apache_access.log"), pages=r"^/blog/geekery")
    assert account.import_id is not None
    ledger.undo(stores.database, account.import_id)
    with pytest.raises(Conflict):
        ledger.undo(stores.database, account.import_id)
