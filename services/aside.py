"""Long computations, kept off the loop on which a web process serves its requests and sockets by turns.

Turns change where something waits. A password that is hashed waits for nothing, and everybody else would
wait for it. In a process without such a loop (a command, the worker) all of this does nothing.
"""

import sys
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import Any, ParamSpec, TypeVar, cast

P = ParamSpec("P")
T = TypeVar("T")
_AT_ONCE = 4
"""More would share the same cores, and a password alone takes 64 MB while it is hashed."""
_A_MOMENT = 1e-6
"""Seconds. With 0 only those would come whose turn it is already, and neither sockets nor timers be asked."""


def run(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """What `work` returns or raises, run in a thread of its own while the others go on.

    For pure computations: a connection or a lock belongs to the loop, and must not be used in there.
    """
    pool = _pool()
    if pool is None:
        return work(*args, **kwargs)
    result, error = pool.apply(_outcome, (work, args, kwargs))
    if error is not None:
        raise error
    return cast(T, result)


def give_way() -> None:
    """Lets others have a turn: for work that is long as a whole, between two of its pieces."""
    pool = _pool()
    if pool is not None and pool.hub.thread_ident == _thread():
        import gevent

        gevent.sleep(_A_MOMENT)


def by_turns(pieces: Iterable[T]) -> Iterator[T]:
    """The same pieces, with a turn for others after each."""
    for piece in pieces:
        yield piece
        give_way()


def _outcome(work: Callable[..., T], args: Any, kwargs: Any) -> tuple[T | None, Exception | None]:
    # gevent prints an error that it passes on from a thread as if nobody took it.
    try:
        return work(*args, **kwargs), None
    except Exception as error:
        return None, error


@cache
def _pool() -> Any:
    """The threads of this process; None where nothing is served by turns."""
    patched = sys.modules.get("gevent.monkey")
    if patched is None or not patched.is_module_patched("threading"):
        return None
    import gevent
    from gevent.threadpool import ThreadPool

    return ThreadPool(_AT_ONCE, hub=gevent.get_hub())


def _thread() -> int:
    """The thread that this runs in, which is no greenlet."""
    from gevent import monkey

    return int(monkey.get_original("threading", "get_ident")())
