"""Keeps the engines running for as long as their owner does."""

import threading
from collections.abc import Callable, Sequence
from typing import Protocol

from models.errors import CannotStart

_LOOK_SECONDS = 0.25
_LONGEST_PAUSE = 10.0


class Engine(Protocol):
    """What the supervisor needs to know of an engine."""

    name: str

    @property
    def url(self) -> str: ...
    @property
    def port(self) -> int: ...
    @property
    def alive(self) -> bool: ...
    def prepare(self) -> None: ...
    def spawn(self, port: int | None = None) -> None: ...
    def wait_ready(self, cancelled: Callable[[], bool]) -> None: ...
    def stop(self) -> None: ...


class Supervisor:
    """Starts the engines, starts one again when it dies, stops them all."""

    def __init__(self, engines: Sequence[Engine], say: Callable[[str], None]):
        self._engines = engines
        self._say = say
        self._stopping = threading.Event()
        # Its children die with it, so it lives until they are stopped.
        self._watcher = threading.Thread(target=self._watch, name="engines", daemon=True)

    def start(self) -> None:
        """Returns when all of them answer. Call from the main thread. Raises CannotStart, OSError."""
        for engine in self._engines:
            engine.prepare()
            engine.spawn()
        for engine in self._engines:
            engine.wait_ready(lambda: False)
        self._watcher.start()

    def stop(self) -> None:
        """Ends them in good order, the last one started first."""
        self._stopping.set()
        if self._watcher.is_alive():
            self._watcher.join()
        for engine in reversed(self._engines):
            engine.stop()

    def _watch(self) -> None:
        pause = _LOOK_SECONDS
        while not self._stopping.wait(pause):
            revived = [self._revive(engine) for engine in self._engines if not engine.alive]
            pause = _LOOK_SECONDS if all(revived) else min(pause * 2, _LONGEST_PAUSE)

    def _revive(self, engine: Engine) -> bool:
        """Starts it again where its clients look for it; says whether that worked."""
        self._say(f"{engine.name} ended unexpectedly; starting it again.")
        try:
            engine.spawn(engine.port)
            engine.wait_ready(self._stopping.is_set)
        except (CannotStart, OSError) as error:
            self._say(f"{engine.name} is still away: {error}")
            return False
        self._say(f"{engine.name} is back.")
        return True
