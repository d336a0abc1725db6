"""Child processes that never outlive their owner, and what is left of those of a killed one."""

import ctypes
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import IO

from models.embedded.account import Account
from models.errors import CannotStart

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def spawn(
    command: Sequence[str | Path],
    *,
    death_signal: signal.Signals,
    account: Account | None = None,
    output: int | IO[bytes] | None = None,
    folder: Path | None = None,
    environ: Mapping[str, str] | None = None,
) -> subprocess.Popen[bytes]:
    """Starts `command` in a session of its own (Ctrl-C does not reach it), as `account` if given.

    On Linux it gets `death_signal` when the calling *thread* ends, however that happens: call from
    the main thread, or from one that lives as long as the child. stdout and stderr go to `output`.
    Raises CannotStart when the program can't be executed.
    """
    owner = os.getpid()

    def follow_the_owner() -> None:
        follow_parent(death_signal)
        if os.getppid() != owner:  # it died between the fork and the line above
            os._exit(1)

    try:
        # Runs after the change of user, which would clear the signal again.
        return subprocess.Popen(  # noqa: S603  # commands of our own making
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=folder,
            env=environ,
            start_new_session=True,
            preexec_fn=follow_the_owner,
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
        )
    except OSError as error:
        raise CannotStart(f"{command[0]} can't be executed: {error.strerror}.") from error


def follow_parent(death_signal: signal.Signals) -> None:
    """This process gets `death_signal` when the thread that started it ends (Linux; else nothing)."""
    if _libc is not None:
        _libc.prctl(_PR_SET_PDEATHSIG, ctypes.c_ulong(death_signal), 0, 0, 0)


def stop(process: subprocess.Popen[bytes], steps: Iterable[tuple[signal.Signals, float]]) -> None:
    """Sends each signal and waits its seconds for the process to end; SIGKILL comes last."""
    for number, seconds in (*steps, (signal.SIGKILL, 10.0)):
        if process.poll() is not None:
            return
        process.send_signal(number)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            continue


def clear_leftovers(name: str, folder: Path, steps: Iterable[tuple[signal.Signals, float]]) -> None:
    """Waits for processes called `name` that still work in `folder`, the rest of a killed owner's.

    They were told to end by its death; the signals of `steps` follow for those that don't.
    Raises CannotStart when some stay.
    """
    for number, seconds in (*steps, (signal.SIGKILL, 10.0)):
        if _wait(lambda: not _working_in(name, folder), seconds):
            return
        for pid in _working_in(name, folder):
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                continue
            except PermissionError as error:
                raise CannotStart(f"Another user's {name} (process {pid}) works in {folder}.") from error
    if not _wait(lambda: not _working_in(name, folder), 10.0):
        raise CannotStart(f"An earlier {name} still works in {folder} and does not end.")


def free_port(preferred: int) -> int:
    """`preferred` when nothing listens on it at 127.0.0.1, else any free port (0: always any)."""
    # Below those that the kernel gives to whoever asks for any: until the server listens on it, one of
    # these could be the near end of somebody's connection, or the choice of another server that starts.
    others = random.sample(range(20_000, 32_768), 50)
    for port in others if preferred == 0 else (preferred, *others):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise CannotStart("No free port is left on 127.0.0.1.")


def _working_in(name: str, folder: Path) -> list[int]:
    """The processes called `name` whose current directory is `folder` (Linux; else none are seen)."""
    found = []
    real = str(folder.resolve())
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if str((entry / "cwd").readlink()) == real and (entry / "comm").read_text().strip() == name:
                found.append(int(entry.name))
        except OSError:
            continue
    return found


def _wait(condition: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True
