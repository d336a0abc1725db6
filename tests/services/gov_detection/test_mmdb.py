"""What is written is read back by the library that everyone uses."""

import tempfile
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path

import maxminddb
from hypothesis import given, settings
from hypothesis import strategies as st

from services.gov_detection import mmdb
from tests.services.gov_detection.conftest import BUILT

numbers = st.one_of(st.integers(0, 2**32 - 1), st.integers(2**125, 2**126))
ranges = st.lists(st.tuples(numbers, st.integers(0, 5_000), st.text(max_size=400)), max_size=8)


@settings(max_examples=25, deadline=None)
@given(ranges)
def test_the_last_range_holds(given_ranges: list[tuple[int, int, str]]) -> None:
    written = [((first, first + size), {"name": name, "size": size}) for first, size, name in given_ranges]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "any.mmdb"
        mmdb.write(path, written, "Any", "for a test", BUILT)
        with maxminddb.open_database(str(path)) as reader:
            for (first, last), _ in written:
                for number in (first, (first + last) // 2, last, last + 1):
                    holding = [record for (low, high), record in written if low <= number <= high]
                    assert reader.get(mmdb_address(number)) == (holding[-1] if holding else None)


@given(st.integers(0, 2**64), st.integers(0, 2**20))
def test_networks_make_up_the_range(first: int, size: int) -> None:
    at = first
    for prefix, length in mmdb.networks(first, first + size):
        assert prefix == at
        at += 1 << (128 - length)
    assert at == first + size + 1


def mmdb_address(number: int) -> str:
    """An address as text; those of 32 bits are IPv4."""
    return str(IPv4Address(number) if number < 2**32 else IPv6Address(number))
