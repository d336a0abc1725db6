"""What an address is, before any database is asked."""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

Address = IPv4Address | IPv6Address

_NAT64 = IPv6Network("64:ff9b::/96")


def parsed(text: str) -> Address | None:
    """The address that is meant, None for nonsense. An IPv4 address inside an IPv6 one (mapped, 6to4, NAT64)
    is that IPv4 address; a zone (`%eth0`) is left out."""
    try:
        address = ip_address(text.strip().partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address.sixtofour is not None:
            return address.sixtofour
        if address in _NAT64:
            return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address


def special(address: Address) -> str | None:
    """Why nobody on the internet can have this address, as a sentence; None for a public address."""
    if address.is_global and not address.is_multicast:
        return None
    if address.is_loopback:
        return "This machine's own address."
    if address.is_link_local:
        return "An address of a local link."
    if address.is_multicast:
        return "An address of a group of receivers."
    if address.is_reserved or address.is_unspecified:
        return "A reserved address, which nobody has."
    return "A private or reserved address, which is not on the internet."
