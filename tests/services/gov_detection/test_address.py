"""What an address is before it is looked up."""

from ipaddress import IPv4Address, ip_address, ip_network

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.gov_detection.address import Ranges, parsed, special


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("192.0.2.1", "192.0.2.1"),
        (" 2001:DB8::1 ", "2001:db8::1"),
        ("::ffff:156.33.195.33", "156.33.195.33"),
        ("2002:9c21:c321::1", "156.33.195.33"),
        ("64:ff9b::156.33.195.33", "156.33.195.33"),
        ("fe80::1%eth0", "fe80::1"),
    ],
)
def test_meant(text: str, address: str) -> None:
    assert parsed(text) == ip_address(address)


@pytest.mark.parametrize(
    "text", ["", "nonsense", "1.2.3", "1.2.3.4:80", "1.2.3.256", "::g", "1.2.3.4, 5.6.7.8", "٣.٣.٣.٣"]
)
def test_nonsense(text: str) -> None:
    assert parsed(text) is None


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("10.1.2.3", "private"),
        ("172.31.255.255", "private"),
        ("fd00::1", "private"),
        ("127.0.0.1", "machine"),
        ("::1", "machine"),
        ("169.254.1.1", "local link"),
        ("100.64.0.1", "provider"),
        ("203.0.113.9", "documentation"),
        ("2001:db8::1", "documentation"),
        ("224.0.0.1", "group"),
        ("ff02::1", "group"),
        ("255.255.255.255", "reserved"),
        ("0.0.0.0", "reserved"),
        ("::", "reserved"),
    ],
)
def test_special(text: str, word: str) -> None:
    address = parsed(text)
    assert address is not None
    assert word in (special(address) or "")


@pytest.mark.parametrize(
    "text", ["8.8.8.8", "172.32.0.0", "100.128.0.0", "223.255.255.255", "2a00::1", "9.255.255.255"]
)
def test_public(text: str) -> None:
    address = parsed(text)
    assert address is not None
    assert special(address) is None


networks = st.builds(
    lambda number, length: ip_network((number, length), strict=False),
    st.integers(0, 2**32 - 1),
    st.integers(0, 32),
)


@settings(max_examples=60)
@given(st.lists(networks, unique=True, max_size=12), st.integers(0, 2**32 - 1))
def test_the_smallest_range_holds(of: list, number: int) -> None:
    address = IPv4Address(number)
    around = [network for network in of if address in network]
    expected = max(around, key=lambda network: network.prefixlen) if around else None
    assert Ranges((network, network) for network in of).get(address) == expected
