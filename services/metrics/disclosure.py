"""Small groups: what must not be shown, lest it tell of single people."""

from collections.abc import Sequence

FEWEST = 5
"""The smallest group of people that is shown."""


def hidden(sizes: Sequence[int]) -> frozenset[int]:
    """The indexes of the groups that must not be shown, of a partition whose total is known.

    Groups of 1 to 4 are hidden. What is hidden could be worked out from the total if it were one group
    alone, or fewer than 5 people together; so the next smallest groups are hidden with it until it is
    neither. An empty group is shown, unless all groups together are too few.
    """
    whole = sum(sizes)
    if 0 < whole < FEWEST:
        return frozenset(range(len(sizes)))
    by_size = sorted((index for index, size in enumerate(sizes) if size), key=lambda index: sizes[index])
    small = [index for index in by_size if sizes[index] < FEWEST]
    for index in by_size[len(small) :]:
        if not small or (len(small) > 1 and sum(sizes[one] for one in small) >= FEWEST):
            break
        small.append(index)
    return frozenset(small)
