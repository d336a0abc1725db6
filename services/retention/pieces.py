"""Long work in small pieces, beside which events come in as ever."""

import time
from collections.abc import Callable
from threading import Event

LONGEST_REST = 1.0


def in_pieces(piece: Callable[[], bool], stopping: Event) -> None:
    """Does pieces until one says that there is no more, or the process is to end. After each it rests for as
    long as that took, one second at most: half of the machine is for others."""
    while not stopping.is_set():
        begun = time.monotonic()
        if not piece():
            return
        stopping.wait(min(LONGEST_REST, time.monotonic() - begun))
