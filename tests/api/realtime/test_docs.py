"""docs/realtime.md: its programs do what it says, and its words are those of the code."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Queue
from threading import Thread

import pytest

from api.realtime import conversation
from api.realtime.conversation import Conversation
from api.realtime.sockets import Sockets
from api.realtime.wire import Wire
from config import Config
from models.feed import KEPT
from services.live import message
from tests.api.realtime.conftest import PATIENCE, Product

GUIDE = (Path(__file__).parents[3] / "docs" / "realtime.md").read_text(encoding="utf-8")
PROGRAMS = {"js": ("node",), "python": (sys.executable,)}


class Program:
    """A running example, and the lines that it writes."""

    def __init__(self, process: subprocess.Popen[str]):
        self.lines: dict[str, Queue[str]] = {"stdout": Queue(), "stderr": Queue()}
        for name, lines in self.lines.items():
            Thread(target=self._read, args=(getattr(process, name), lines), daemon=True).start()

    def writes(self, start: str, where: str = "stdout") -> str:
        """The next line there that begins so."""
        while True:
            line = self.lines[where].get(timeout=2 * PATIENCE)
            if line.startswith(start):
                return line

    @staticmethod
    def _read(pipe: Iterator[str], lines: Queue[str]) -> None:
        for line in pipe:
            lines.put(line)


@contextmanager
def running(language: str, product: Product, folder: Path) -> Iterator[Program]:
    (code,) = re.findall(rf"^```{language}\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)
    file = folder / "example.txt"
    file.write_text(code, encoding="utf-8")
    environ = {
        **os.environ,
        "NODE_PATH": os.environ.get("NODE_PATH", "/usr/share/nodejs"),
        "API": product.url,
        "PROFILE": str(product.anna.profile_id),
        "TOKEN": product.token(product.anna),
    }
    process = subprocess.Popen(
        [*PROGRAMS[language], str(file)],
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        bufsize=1,
    )
    try:
        yield Program(process)
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("language", PROGRAMS)
def test_the_programs_follow_and_resume(language: str, product: Product, tmp_path: Path) -> None:
    with running(language, product, tmp_path) as program:
        program.writes("subscribed", "stderr")
        product.tell(product.other, giftId="another's")
        product.tell(product.anna, giftId="first")
        assert '"first"' in program.writes("gift-purchased")
        # New workers take over, and the connection with it.
        product.served.process.send_signal(signal.SIGHUP)
        assert "1012" in program.writes("closed", "stderr")
        product.tell(product.anna, giftId="meanwhile")
        assert '"meanwhile"' in program.writes("gift-purchased")
        product.tell(product.anna, giftId="afterwards")
        assert '"afterwards"' in program.writes("gift-purchased")


def test_every_event_and_code_is_told(tmp_path: Path) -> None:
    events = {
        value
        for name, value in vars(message).items()
        if name.isupper() and isinstance(value, str) and not name.startswith("_")
    }
    assert len(events) >= 9
    codes = {conversation.ABUSE, conversation.TOO_BIG, conversation.INTERNAL, conversation.RESTART,
             conversation.SIGNED_OUT, conversation.FORBIDDEN, conversation.SILENT}  # fmt: skip
    assert {event for event in events if f"| `{event}` |" not in GUIDE} == set()
    assert {code for code in codes if f"| {code} |" not in GUIDE} == set()


def test_every_limit_is_told(tmp_path: Path) -> None:
    for words in (
        f"| {Config(data_dir=tmp_path).sockets_per_minute} | `PLATFORM_ANALYTICS_SOCKETS_PER_MINUTE`",
        f"| {Sockets.MOST_STRANGERS} | beyond it 503",
        f"| {Sockets.SIGN_IN_WITHIN:.0f} s | then 4401",
        f"| {Conversation.LARGEST} bytes | then 1009",
        f"| {Conversation.MOST} in {Conversation.WITHIN:.0f} s | refused",
        f"| {Conversation.MOST_REFUSED} in a minute | then 1008",
        f"| profiles on one connection | {Conversation.MOST_SUBSCRIPTIONS} |",
        f"| {Sockets.SEND_WITHIN:.0f} s | then the connection is cut",
        f"({Wire.MOST_FRAMES:,} messages or {Wire.MOST_BYTES // 1024} KiB)",
        f"every {Sockets.PING_EVERY:.0f} seconds",
        f"about its last {KEPT:,} messages",
    ):
        assert words in GUIDE, words
