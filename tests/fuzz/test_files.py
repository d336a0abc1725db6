"""Whatever a file holds, it is imported whole or refused in a sentence, and nothing is left half."""

import gzip
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from models.errors import InvalidInput
from models.schema import cost_entries, profile_events, transactions
from models.stores import Stores
from services import rollups
from services.imports import ledger
from services.imports.statements import Overrides
from services.imports.traffic import import_access_log
from services.imports.upload import Upload, import_upload, look
from services.profiles import Profile
from tests.fuzz.conftest import MOST
from tests.fuzz.spoiling import spoilt

DATA = Path(__file__).parents[1] / "data"
STATEMENTS = {file.name: file.read_bytes()[:3_000] for file in sorted((DATA / "exports").glob("*.csv"))}
LOG = (DATA / "access_log_sample.log").read_bytes()[:4_000]
_settings = settings(
    max_examples=MOST * 6,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

statements = st.one_of(
    st.sampled_from(sorted(STATEMENTS)).flatmap(lambda name: spoilt(STATEMENTS[name])),
    st.binary(max_size=300),
    st.text(max_size=300).map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.sampled_from(sorted(STATEMENTS)).map(lambda name: gzip.compress(STATEMENTS[name])),
)
logs = st.one_of(
    spoilt(LOG), st.binary(max_size=300), spoilt(LOG).map(gzip.compress), spoilt(gzip.compress(LOG))
)


def stored(stores: Stores, profile: Profile) -> dict[str, int]:
    """How many rows of the profile there are of each kind."""
    tables: dict[str, Any] = {"costs": cost_entries, "transactions": transactions, "log": profile_events}
    with stores.database.transaction() as tx:
        return {
            name: int(
                tx.value(
                    select(func.count()).select_from(table).where(table.c.profile_id == profile.profile_id)
                )
            )
            for name, table in tables.items()
        }


@pytest.mark.parametrize(("kind", "choice"), [("costs", "tools"), ("transactions", "gift")])
def test_statements(stores: Stores, anna: Profile, tried: Counter[str], kind: str, choice: str) -> None:
    @_settings
    @given(statements)
    def law(content: bytes) -> None:
        upload = Upload(kind, "file.csv", content, choice, Overrides())
        before = stored(stores, anna)
        seen = look(anna, upload)
        assert stored(stores, anna) == before
        try:
            done = import_upload(stores, anna, upload)
        except InvalidInput as refused:
            tried["refused"] += 1
            assert str(refused)
            assert seen.problem is not None
            assert stored(stores, anna) == before
            return
        tried["imported"] += 1
        assert seen.trial is not None
        after = stored(stores, anna)
        assert after[kind] - before[kind] == done.account.places["stored"]
        assert all(line.reason for line in done.rejected)
        if done.account.import_id is not None:
            with_import = ledger.undo(stores.database, done.account.import_id)
            assert with_import == after[kind] - before[kind]
        assert stored(stores, anna) == before

    law()
    assert rollups.verify(stores.database, anna.profile_id) == []
    assert tried.keys() == {"imported", "refused"}


def test_access_logs(stores: Stores, anna: Profile, tried: Counter[str], tmp_path: Path) -> None:
    @_settings
    @given(logs)
    def law(content: bytes) -> None:
        path = tmp_path / "access.log"
        path.write_bytes(content)
        before = stored(stores, anna)
        try:
            done = import_access_log(stores, anna, path)
        except InvalidInput as refused:
            tried["refused"] += 1
            assert str(refused)
            assert stored(stores, anna) == before
            return
        tried["imported"] += 1
        places = done.places
        assert stored(stores, anna)["log"] - before["log"] == places["stored"] + places["bot"]
        assert sum(places.values()) == done.lines

    law()
    assert rollups.verify(stores.database, anna.profile_id) == []
    assert tried.keys() == {"imported", "refused"}
