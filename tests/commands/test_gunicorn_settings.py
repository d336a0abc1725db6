"""What a worker of the web server does before it serves."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PROGRAM = """
import gc
from commands.gunicorn_settings import post_worker_init

class Worker:
    wsgi = None

post_worker_init(Worker())
loaded = gc.get_freeze_count()
gc.collect()
print(loaded > 10_000, gc.get_freeze_count() == loaded)
kept = [[] for _ in range(2_000_000)]
gc.collect()
print(gc.get_freeze_count() > loaded + len(kept) // 4)
"""


def test_what_stays_is_looked_through_once() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    assert ran.stdout.split() == ["True", "True", "True"]
