"""gunicorn is killed, and its workers can't notice: they leave the port all the same."""

import os
import signal
from pathlib import Path

from tests.faults.machine import Machine, eventually, kill


def test_its_workers_go_with_it(machine: Machine) -> None:
    served = machine.serving()
    with served:
        master = served.process.pid
        workers = [int(pid) for pid in Path(f"/proc/{master}/task/{master}/children").read_text().split()]
        assert len(workers) == 2
        for pid in workers:
            os.kill(pid, signal.SIGSTOP)
        try:
            kill(master)
            served.process.wait()
            assert eventually(lambda: not any(Path(f"/proc/{pid}").exists() for pid in workers), 10)
        finally:
            for pid in workers:
                if Path(f"/proc/{pid}").exists():
                    os.kill(pid, signal.SIGKILL)
