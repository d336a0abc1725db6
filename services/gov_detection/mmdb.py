"""Writes databases in MaxMind's format (version 2.0): a binary tree over addresses, then the records."""

import struct
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

Range = tuple[int, int]


class Short(int):
    """A whole number that the format keeps in 16 bits."""


class Long(int):
    """A whole number that the format keeps in 64 bits."""


_MARKER = b"\xab\xcd\xefMaxMind.com"
_BITS = 128
_SEPARATOR = bytes(16)


def write(
    path: Path,
    ranges: Iterable[tuple[Range, Mapping[str, Any]]],
    kind: str,
    description: str,
    built: datetime,
) -> int:
    """Writes a database of the type `kind`, of what was true at `built` (aware), and returns how many
    networks are in it.

    `ranges` are inclusive, in whole numbers of 128 bits, an IPv4 address being the IPv6 address ::a.b.c.d. Of
    two that overlap, the later one holds.
    """
    tree: list[list[int]] = [[0, 0]]
    data = bytearray()
    places: dict[bytes, int] = {}
    count = 0
    for (first, last), record in ranges:
        encoded = _encoded(record)
        place = places.setdefault(encoded, len(data))
        if place == len(data):
            data += encoded
        for prefix, length in networks(first, last):
            # Below zero: where a record lies. Zero: nothing. Above: another node.
            _insert(tree, prefix, length, -1 - place)
            count += 1
    nodes = len(tree)
    with path.open("wb") as file:
        for pair in tree:
            file.write(struct.pack(">II", *(_pointer(each, nodes) for each in pair)))
        file.write(_SEPARATOR + data + _MARKER)
        file.write(
            _encoded(
                {
                    "node_count": nodes,
                    "record_size": Short(32),
                    "ip_version": Short(6),
                    "database_type": kind,
                    "languages": ["en"],
                    "binary_format_major_version": Short(2),
                    "binary_format_minor_version": Short(0),
                    "build_epoch": Long(built.timestamp()),
                    "description": {"en": description},
                }
            )
        )
    return count


def networks(first: int, last: int) -> Iterator[tuple[int, int]]:
    """The fewest networks that make up an inclusive range: the first address of each, and its length."""
    while first <= last:
        size = min(first & -first or 1 << _BITS, 1 << (last - first + 1).bit_length() - 1)
        yield first, _BITS + 1 - size.bit_length()
        first += size


def _insert(tree: list[list[int]], prefix: int, length: int, leaf: int) -> None:
    node = 0
    for depth in range(length - 1):
        side = prefix >> (_BITS - 1 - depth) & 1
        below = tree[node][side]
        if below <= 0:
            # What held for the whole network goes on to hold for both of its halves.
            tree.append([below, below])
            below = tree[node][side] = len(tree) - 1
        node = below
    tree[node][prefix >> (_BITS - length) & 1] = leaf


def _pointer(value: int, nodes: int) -> int:
    if value == 0:
        return nodes
    return value if value > 0 else nodes + len(_SEPARATOR) + -1 - value


def _encoded(value: Any) -> bytes:
    """A value in the format's own encoding: text, maps, lists and whole numbers."""
    if isinstance(value, str):
        text = value.encode()
        return _control(2, len(text)) + text
    if isinstance(value, Mapping):
        return _control(7, len(value)) + b"".join(_encoded(part) for pair in value.items() for part in pair)
    if isinstance(value, list):
        return _control(11, len(value)) + b"".join(map(_encoded, value))
    number = int(value)
    raw = number.to_bytes((number.bit_length() + 7) // 8, "big")
    return _control(5 if isinstance(value, Short) else 9 if isinstance(value, Long) else 6, len(raw)) + raw


def _control(kind: int, size: int) -> bytes:
    """The byte or bytes before a value: its type and its size."""
    if size < 29:
        low, more = size, b""
    elif size < 285:
        low, more = 29, bytes([size - 29])
    else:
        low, more = 30, (size - 285).to_bytes(2, "big")
    return (bytes([kind << 5 | low]) if kind < 8 else bytes([low, kind - 7])) + more
