"""What an address is, before any database is asked."""

from bisect import bisect_right
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network
from typing import Generic, TypeVar

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
Thing = TypeVar("Thing")

_NAT64 = IPv6Network("64:ff9b::/96")

SPECIAL = {
    "This machine's own address.": ("127.0.0.0/8", "::1/128"),
    "An address of a local link.": ("169.254.0.0/16", "fe80::/10"),
    "An address of a group of receivers.": ("224.0.0.0/4", "ff00::/8"),
    "A private address, which is not on the internet.": (
        "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7", "fec0::/10",
    ),
    "An address that a provider shares among its customers.": ("100.64.0.0/10",),
    "An address for documentation.": (
        "192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32", "3fff::/20",
    ),
    "A reserved address, which nobody has.": (
        "0.0.0.0/8", "192.0.0.0/24", "198.18.0.0/15", "240.0.0.0/4", "::/128", "64:ff9b:1::/48", "100::/64",
        "2001:2::/48", "5f00::/16",
    ),
}  # fmt: skip
"""The ranges that the registries of IANA keep from the public internet."""


def parsed(text: str) -> Address | None:
    """The address that is meant, None for nonsense. An IPv4 address inside an IPv6 one (mapped, 6to4, NAT64)
    is that IPv4 address; a zone (`%eth0`) is left out."""
    text = text.strip()
    try:
        if ":" not in text:
            return IPv4Address(text)
        address = IPv6Address(text.partition("%")[0])
    except ValueError:
        return None
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address


class Ranges(Generic[Thing]):
    """Things by range of addresses; where one range lies within another, the smaller one holds."""

    def __init__(self, ranges: Iterable[tuple[Network, Thing]]):
        self._starts: dict[int, list[int]] = {4: [], 6: []}
        self._things: dict[int, list[Thing | None]] = {4: [], 6: []}
        # The smallest come last, and cut their part out of what stands there already.
        for network, thing in sorted(ranges, key=lambda each: each[0].prefixlen):
            starts, things = self._starts[network.version], self._things[network.version]
            first, after = int(network.network_address), int(network.broadcast_address) + 1
            low, high = bisect_right(starts, first - 1), bisect_right(starts, after)
            around = things[high - 1] if high else None
            starts[low:high], things[low:high] = [first, after], [thing, around]

    def get(self, address: Address) -> Thing | None:
        """What holds for an address, None outside of all ranges."""
        index = bisect_right(self._starts[address.version], int(address))
        return self._things[address.version][index - 1] if index else None


_special = Ranges((ip_network(each), why) for why, networks in SPECIAL.items() for each in networks)


def special(address: Address) -> str | None:
    """Why nobody on the internet can have this address, as a sentence; None for a public address."""
    return _special.get(address)
