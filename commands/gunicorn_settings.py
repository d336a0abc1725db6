"""gunicorn's settings: `gunicorn --config python:commands.gunicorn_settings "app:create_app()"`.

Its names are gunicorn's own.
"""

import gc
import logging
import os
import resource
import signal
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import logs
from config import load
from models.embedded import process

_settings = load()


def _address(port: int) -> str:
    host = f"[{_settings.host}]" if ":" in _settings.host else _settings.host
    return f"{host}:{port}"


# The same server on both ports: they are two names of one thing.
bind = sorted({_address(_settings.api_port), _address(_settings.frontend_port)})
workers = _settings.web_workers
# A live page holds a connection for as long as it is open; a greenlet each is what that may cost.
worker_class = "gevent"
worker_connections = 5_000
# Each of them is an open file, of which many systems allow a process a thousand unless it asks.
_allowed, _most = resource.getrlimit(resource.RLIMIT_NOFILE)
_needed = worker_connections + 200
if _allowed != resource.RLIM_INFINITY and _allowed < _needed:
    _granted = _needed if _most == resource.RLIM_INFINITY else min(_needed, _most)
    resource.setrlimit(resource.RLIMIT_NOFILE, (_granted, _most))
keepalive = 5

# A worker that does not come round in this time hangs, and is replaced.
timeout = 60
# What a request has to be answered in once the server is told to stop. A browser's idle connection is closed
# after `keepalive` seconds, so that Ctrl-C waits no longer for it.
graceful_timeout = 20
# The workers' heartbeat is a file; on a slow disk it would stop them.
worker_tmp_dir = next(
    (place for place in ("/dev/shm",) if os.access(place, os.W_OK | os.X_OK) and Path(place).is_dir()),  # noqa: S108  # no file of ours: a memory to write to
    None,
)

limit_request_line = 8190
limit_request_fields = 100
limit_request_field_size = 8190
# Whose word about scheme and address counts is decided by the app, from PLATFORM_ANALYTICS_TRUSTED_PROXIES.
forwarded_allow_ips = ""

accesslog = None
loglevel = "warning"
control_socket_disable = True
proc_name = "platform-analytics"


def post_fork(server: Any, worker: Any) -> None:
    """A worker whose gunicorn was killed would hold the port, and the next gunicorn could not start."""
    process.follow_parent(signal.SIGKILL)


def post_worker_init(worker: Any) -> None:
    """Before the worker serves: how it logs, what would hold up its loop later, and how its live
    connections end."""
    logs.configure("web", logging.WARNING)
    # Live connections are told that the worker ends; gunicorn itself would only wait for them.
    if sockets := _sockets(worker):
        sockets.close_when(lambda: not worker.alive)
    # A collection of everything takes 0.2 s and finds next to nothing: what is loaded by now stays for good.
    gc.collect()
    gc.freeze()
    gc.callbacks.append(_Collections().watch)
    # The longest that the loop waits for a computation that runs aside.
    sys.setswitchinterval(0.001)


class _Collections:
    """Has long collections of garbage happen but once: what one of them leaves alive, mostly prepared
    statements, stays for good and is not looked through again."""

    LONG = 0.015

    def __init__(self) -> None:
        self._began = 0.0

    def watch(self, phase: str, info: Mapping[str, int]) -> None:
        """Hears of the beginning and the end of each."""
        if phase == "start":
            self._began = time.thread_time()
        elif info["generation"] == 2 and time.thread_time() - self._began > self.LONG:
            gc.freeze()


def worker_int(worker: Any) -> None:
    """Live connections are told it of a worker that ends at once, too."""
    if sockets := _sockets(worker):
        sockets.close()


def worker_exit(server: Any, worker: Any) -> None:
    """What is still kept of the requests is stored."""
    if recorder := _extension(worker, "request_metrics"):
        recorder.close()


def _sockets(worker: Any) -> Any:
    return _extension(worker, "sockets")


def _extension(worker: Any, name: str) -> Any:
    return getattr(getattr(worker, "wsgi", None), "extensions", {}).get(name)
