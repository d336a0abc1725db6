"""The way out to addresses that somebody typed in: public ones alone, whatever a name points to.

A name is resolved once, every address is checked, and the connection goes to one that was checked. No
redirect is followed, no answer is read beyond its status, and no attempt takes longer than PATIENCE.
"""

import ipaddress
import socket
import ssl
from collections.abc import Mapping
from contextlib import suppress
from http.client import HTTPConnection, HTTPException
from threading import Event, Timer
from urllib.parse import urlsplit

from models.errors import AppError, InvalidInput

PATIENCE = 10.0
LONGEST_URL = 2_000
_CONNECTING = 5.0
_TRANSLATED = tuple(
    ipaddress.ip_network(block) for block in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")
)
"""Where IPv6 addresses stand for IPv4 ones, which may be private (NAT64, 6to4, Teredo)."""


class Unreachable(AppError):
    """It could not be sent; the sentence says why."""

    code = "unreachable"
    title = "It could not be sent"


def checked_url(text: str, allow_http: bool) -> str:
    """The address of a webhook, as it is written. Raises InvalidInput for one that can't be."""
    url = text.strip()
    if not 1 <= len(url) <= LONGEST_URL or not url.isascii() or not url.isprintable() or " " in url:
        raise InvalidInput.at("target", "Give the address of the webhook, such as https://example.com/hook.")
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise InvalidInput.at("target", "This is not the address of a webhook.") from None
    if parts.scheme not in ("https", "http") or not host:
        raise InvalidInput.at("target", "The address of a webhook begins with https://.")
    if parts.scheme == "http" and not allow_http:
        raise InvalidInput.at("target", "A webhook needs https, so that nobody else reads the alerts.")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise InvalidInput.at("target", "The address of a webhook has no user, password or #fragment.")
    try:
        literal = ipaddress.ip_address(host)
    except ValueError:
        return url
    if not is_public(str(literal)):
        raise InvalidInput.at(
            "target", f"{host} is in a private network; a webhook must be reachable from outside."
        )
    return url


def post(url: str, headers: Mapping[str, str], body: bytes) -> int:
    """Posts the body and returns the status of the answer. Raises Unreachable."""
    parts = urlsplit(url)
    host, encrypted = parts.hostname or "", parts.scheme == "https"
    port = parts.port or (443 if encrypted else 80)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    plain = _open(host, port)
    line = plain.dup()  # of which the other end hears, whatever is wrapped around it
    late = Event()
    watch = Timer(PATIENCE, _hang_up, [line, late])
    watch.daemon = True
    watch.start()
    connection = HTTPConnection(host, port)
    try:
        connection.sock = (
            ssl.create_default_context().wrap_socket(plain, server_hostname=host) if encrypted else plain
        )
        connection.request("POST", path, body, dict(headers))
        status = connection.getresponse().status
        if late.is_set():  # what was read until then looks like an end
            raise TimeoutError
        return status
    except ssl.SSLCertVerificationError as error:
        raise Unreachable(f"Its certificate does not hold: {error.verify_message}.") from error
    except (OSError, HTTPException, ValueError) as error:
        slow = isinstance(error, TimeoutError) or late.is_set()
        raise Unreachable("It did not answer in time." if slow else "The connection broke.") from error
    finally:
        watch.cancel()
        connection.close()
        plain.close()
        line.close()


def is_public(address: str) -> bool:
    """Whether an IP address is one of the internet, and stands for no other."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None:
            return is_public(str(ip.ipv4_mapped))
        if any(ip in block for block in _TRANSLATED):
            return False
    return ip.is_global and not ip.is_multicast


def connect(address: str, port: int, timeout: float) -> socket.socket:
    """A connection to an address that was checked; nothing else here opens one."""
    return socket.create_connection((address, port), timeout)


def _open(host: str, port: int) -> socket.socket:
    """A connection to the host, by the first of its addresses that answers."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Unreachable(f"The name {host} can't be found.") from error
    addresses = list(dict.fromkeys(str(each[4][0]) for each in found))
    if not all(map(is_public, addresses)):
        raise Unreachable(f"{host} points into a private network, where nothing is sent.")
    for address in addresses[:3]:
        try:
            opened = connect(address, port, _CONNECTING)
        except OSError:
            continue
        opened.settimeout(PATIENCE)
        return opened
    raise Unreachable(f"{host} can't be reached on port {port}.")


def _hang_up(line: socket.socket, late: Event) -> None:
    late.set()  # first: whoever reads hears of the end at once
    with suppress(OSError):  # it may have ended by itself
        line.shutdown(socket.SHUT_RDWR)
