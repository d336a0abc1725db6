"""What the host names of addresses say: asked in the background, remembered, and never waited for.

Off unless it is wanted: to ask tells a name server who visits. A name counts only if it leads back to the
address, since whoever runs a network can call its machines what they like.
"""

import socket
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from services.gov_detection.lists import Listed, Lists

Lookup = Callable[[str], Sequence[str]]
_WORKERS, _WAITING, _REMEMBERED = 2, 1_000, 100_000
_RESOLVER = Path("/etc/resolv.conf")


class HostNames:
    """Remembers for each address what its host name says; asks for those it has not met."""

    def __init__(self, lists: Lists, names_of: Lookup | None = None, addresses_of: Lookup | None = None):
        """`names_of` and `addresses_of` ask the name service; by default the system's own."""
        self._lists = lists
        self._names_of = names_of or _names_of
        self._addresses_of = addresses_of or _addresses_of
        self._known: dict[str, Listed | None] = {}
        self._waiting: set[str] = set()
        self._lock = threading.Lock()
        self._workers = ThreadPoolExecutor(_WORKERS, "host-names")

    def of(self, ip: str) -> Listed | None:
        """What the host name of an address says, as far as that is known by now. An address that was not met
        is asked for in the background, unless too many are waiting already."""
        with self._lock:
            if ip in self._known:
                return self._known[ip]
            if ip in self._waiting or len(self._waiting) >= _WAITING:
                return None
            self._waiting.add(ip)
        self._workers.submit(self._ask, ip)
        return None

    def close(self) -> None:
        """Asks no more; returns when those that are being asked have answered."""
        self._workers.shutdown(cancel_futures=True)

    def _ask(self, ip: str) -> None:
        said = None
        try:
            for name in self._names_of(ip):
                found = of_domain(self._lists, name)
                if found is not None and ip in self._addresses_of(name):
                    said = found
                    break
        except OSError:
            # No name, or no name server: as if there were nothing to say.
            said = None
        finally:
            with self._lock:
                if len(self._known) >= _REMEMBERED:
                    self._known.clear()
                self._known[ip] = said
                self._waiting.discard(ip)


def of_domain(lists: Lists, name: str) -> Listed | None:
    """What the longest listed ending of a host name says; `gov.??` is .gov below any country."""
    labels = name.lower().rstrip(".").split(".")
    for start in range(len(labels)):
        ending = labels[start:]
        listed = lists.domains.get(".".join(ending))
        if listed is None and len(ending) > 1 and len(ending[-1]) == 2:
            listed = lists.domains.get(".".join([*ending[:-1], "??"]))
        if listed is not None:
            return listed
    return None


def available() -> bool:
    """Whether this machine has a name server to ask."""
    try:
        lines = _RESOLVER.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return False
    return any(line.split()[:1] == ["nameserver"] for line in lines)


def _names_of(ip: str) -> Sequence[str]:
    name, others, _ = socket.gethostbyaddr(ip)
    return (name, *others)


def _addresses_of(name: str) -> Sequence[str]:
    return tuple(str(found[4][0]) for found in socket.getaddrinfo(name, None, type=socket.SOCK_STREAM))
