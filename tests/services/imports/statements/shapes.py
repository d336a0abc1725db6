"""Small files of the shape that banks and payment services hand out; all names and figures are made up."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Shape:
    """A file and what is true of it: `truth` holds keys of Preview.as_json()."""

    name: str
    content: bytes
    truth: dict[str, Any] = field(default_factory=dict)
    fallback: str | None = None


def shape(
    name: str,
    text: str,
    rows: int,
    positive: str,
    negative: str,
    days: str,
    *,
    encoding: str = "utf-8",
    fallback: str | None = None,
    **more: Any,
) -> Shape:
    """`positive` and `negative` as "EUR 1.00, USD 2.00"; `days` as "first last"."""
    sums = [dict(part.split() for part in s.split(", ") if part) for s in (positive, negative)]
    first, _, last = days.partition(" ")
    truth = {
        "rows": rows,
        "positive": sums[0],
        "negative": sums[1],
        "from": first,
        "to": last or first,
        **more,
    }
    return Shape(name, text.lstrip("\n").encode(encoding), truth, fallback)
