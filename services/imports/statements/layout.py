"""What is told about a file by hand, and what was decided about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

DecimalChar = Literal[".", ","]
DateOrder = Literal["dmy", "mdy", "ymd"]
Sign = Literal["normal", "inverted"]

ROLES = (
    "date", "time", "zone", "at", "amount", "debit", "credit", "direction", "fee", "net", "currency",
    "description", "reference", "refers_to", "counterparty", "status",
    "kind", "refunded", "country", "category", "balance",
)  # fmt: skip
"""The names of ours that a column can be given to."""


@dataclass(frozen=True)
class Overrides:
    """What a person says about a file; all that is None is found out.

    `mapping`: ours (one of ROLES) -> theirs, the name in the header or the 1-based number of the column.
    `delimiter` one character, or "tab". `header_line` counts from 1; 0 says that there is no header.
    `currency` holds for rows that name none. `sign` "inverted" turns every amount round, "normal" keeps
    the signs of the file even where charges look positive.
    """

    mapping: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    encoding: str | None = None
    delimiter: str | None = None
    decimal: DecimalChar | None = None
    date_order: DateOrder | None = None
    currency: str | None = None
    header_line: int | None = None
    sign: Sign | None = None


@dataclass(frozen=True)
class Layout:
    """How a file is read.

    `encoding` is an IANA name ("UTF-8 with BOM" for the one with a mark); `delimiter` one character, or
    "OFX"; `header_line` counts from 1, None without a header; `mapping` ours -> theirs; `currency` holds
    for rows that name none (None when every row does). `fee_sign` is -1 where the file writes charges
    as negative fees. `fees_are_rows` says that fees also stand as rows of their own, so that adding the fee
    column to them counts them twice. `notes` are plain sentences on what was decided.
    """

    encoding: str
    delimiter: str
    header_line: int | None
    mapping: dict[str, str]
    decimal: str
    date_order: str
    currency: str | None
    fee_sign: int = 1
    fees_are_rows: bool = False
    notes: tuple[str, ...] = ()
