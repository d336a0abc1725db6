"""A line of an imported file that could not be taken."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rejected:
    """`line` counts from 1, `reason` is one plain sentence, `text` is the line itself, cut when long
    and free of control characters."""

    line: int
    reason: str
    text: str
