"""Which groups are hidden, and that nobody can work them out from the total."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.metrics.disclosure import FEWEST, hidden


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        ((), set()),
        ((0, 0), set()),
        ((5, 100, 0), set()),
        ((4, 1, 100), {0, 1}),
        ((4, 20, 6), {0, 2}),
        ((0, 4, 20), {1, 2}),
        ((1, 2, 6, 20), {0, 1, 2}),
        ((4, 0), {0, 1}),
        ((5,), set()),
        ((4,), {0}),
    ],
)
def test_small_groups_are_hidden_with_the_next_smallest(sizes: tuple[int, ...], expected: set[int]) -> None:
    assert hidden(sizes) == expected


@given(st.lists(st.integers(0, 40), max_size=8))
def test_no_small_group_can_be_worked_out(sizes: list[int]) -> None:
    secret = hidden(sizes)
    assert all(index in secret for index, size in enumerate(sizes) if 0 < size < FEWEST)
    whole = sum(sizes)
    if secret and whole >= FEWEST:
        # The total less what is shown is what is hidden: more than one group, and not a small one.
        assert len(secret) > 1
        assert sum(sizes[index] for index in secret) >= FEWEST
        assert all(sizes[index] for index in secret)
    if all(not 0 < size < FEWEST for size in sizes):
        assert not secret
