"""Processes that end with the one that started them."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from models.embedded import process
from models.errors import CannotStart

CHILD = """
import os, signal, sys
from models.embedded.process import follow_parent
follow_parent(signal.SIGKILL)
print(os.getpid(), flush=True)
signal.pause()
"""
DEAF = """
import signal
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("ready", flush=True)
signal.pause()
"""
PARENT = f"""
import subprocess, sys
subprocess.Popen([sys.executable, "-c", {CHILD!r}]).wait()
"""


def test_it_follows_the_process_that_started_it() -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        assert int(parent.stdout.readline()) != parent.pid
        parent.kill()
        # The pipe's other end is the child's too: it closes when both are gone.
        assert parent.communicate(timeout=20) == ("", None)


def test_a_program_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match=r"nothing can't be executed: No such file or directory\."):
        process.spawn([tmp_path / "nothing"], death_signal=signal.SIGKILL)


def test_it_is_killed_when_it_does_not_listen() -> None:
    deaf = process.spawn([sys.executable, "-c", DEAF], death_signal=signal.SIGKILL, output=subprocess.PIPE)
    assert deaf.stdout is not None
    assert deaf.stdout.readline() == b"ready\n"
    process.stop(deaf, ((signal.SIGTERM, 0.1),))
    deaf.stdout.close()
    assert deaf.returncode == -signal.SIGKILL
