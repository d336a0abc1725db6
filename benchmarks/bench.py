"""`make bench`: how fast the product is on this machine, with engines of its own and real data.

Imports real purchases and a real access log, sends events one at a time from many threads, and asks
for what the pages ask for. Medians, since machines are noisy.
"""

import gzip
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from models import migrate
from models.clock import now
from models.embedded import engines
from models.stores import Stores, open_stores
from services import metrics, profiles, scope
from services.imports.statements import read
from services.imports.traffic import import_access_log
from services.imports.transactions import import_transactions
from services.ingest.gather import Gatherer
from services.ingest.inputs import Event
from services.metrics.donors import donors
from services.metrics.pnl import statement
from services.metrics.report import Report
from services.profiles import Profile

DATA = Path(__file__).parent.parent / "tests" / "data"
YEARS = {"from": "1997-01-01", "to": "1998-06-30", "granularity": "month"}
_EVENTS, _THREADS, _ASKED = 3_000, 32, 15


def main() -> None:
    """Prints a table: what was measured, and how long it took or how many it was a second."""
    with _installation() as (stores, shop, folder):
        purchases, log = _unpacked("cdnow_purchases.csv", folder), _unpacked("apache_access.log", folder)
        _row(
            "import of 69,659 purchases",
            _seconds(lambda: import_transactions(stores, shop, purchases, read(purchases), "gift")),
        )
        _row(
            "the same again: all known",
            _seconds(lambda: import_transactions(stores, shop, purchases, read(purchases), "gift")),
        )
        _row("import of 10,000 log lines", _seconds(lambda: import_access_log(stores, shop, log)))
        door = Gatherer(stores)
        sent = _seconds(lambda: _send(door, shop))
        print(f"{f'single events, {_THREADS} at once':42} {_EVENTS / sent:9,.0f} a second")
        asked = scope.parse(shop, YEARS, now())
        for name, ask in (
            ("gift figures of 18 months", lambda: _report(stores, shop, "giftRevenue", "giftCount")),
            ("distinct donors of 18 months, by month", lambda: _report(stores, shop, "donorCount")),
            ("a page of 23,570 donors", lambda: donors(stores.database, asked)),
            ("P&L of 18 months", lambda: statement(stores.database, asked)),
        ):
            _row(name, median(_seconds(ask) for _ in range(_ASKED)))


def _report(stores: Stores, shop: Profile, *keys: str) -> Report:
    return metrics.report(stores.database, scope.parse(shop, YEARS, now()), keys)


def _send(door: Gatherer, shop: Profile) -> None:
    with ThreadPoolExecutor(_THREADS) as pool:
        list(pool.map(lambda number: door.store([_view(shop, number)], now()), range(_EVENTS)))


def _view(shop: Profile, number: int) -> Event:
    return Event(profile_id=shop.profile_id, event_type="view", visitor_id=f"visitor {number % 500}")


def _seconds(run: Callable[[], object]) -> float:
    begun = time.perf_counter()
    run()
    return time.perf_counter() - begun


def _row(name: str, seconds: float) -> None:
    print(f"{name:42} {seconds:9.2f} s" if seconds >= 1 else f"{name:42} {seconds * 1000:9.1f} ms")


def _unpacked(name: str, folder: Path) -> Path:
    path = folder / name
    path.write_bytes(gzip.decompress((DATA / f"{name}.gz").read_bytes()))
    return path


@contextmanager
def _installation() -> Iterator[tuple[Stores, Profile, Path]]:
    """Durable engines of their own, as in production, with one empty profile."""
    folder = Path(tempfile.mkdtemp(prefix="platform-analytics-bench-"))
    folder.chmod(0o711)
    try:
        with engines(folder / "data", postgres_port=0, redis_port=0, purpose="the benchmark") as endpoints:
            assert endpoints.database_url and endpoints.redis_url
            stores = open_stores(
                database_url=endpoints.database_url,
                redis_url=endpoints.redis_url,
                data_dir=folder / "data",
                pool_size=_THREADS,
            )
            migrate.migrate(stores.database)
            with stores.database.transaction() as tx:
                shop = profiles.add(tx, name="Shop", time_zone="America/New_York", currency="USD", at=now())
            yield stores, shop, folder
            stores.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
