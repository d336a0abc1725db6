"""Long computations leave the loop of a web process alone: asked of a process that is patched as one is."""

import subprocess
import sys
from pathlib import Path
from threading import get_ident

import pytest

from models.clock import now
from models.stores import Stores
from services import accounts, aside

ROOT = Path(__file__).parents[2]
BEGINNING = """
import sys
from gevent import monkey
monkey.patch_all()
import gevent
from services import aside

turns = 0

def others():
    global turns
    while True:
        gevent.sleep(0.001)
        turns += 1

gevent.spawn(others)
gevent.sleep(0.01)

def turns_of(work, *args):
    before = turns
    result = work(*args)
    print(turns - before > 2)
    return result
"""


def served(program: str, *arguments: str) -> list[str]:
    """What the program printed, in a process with a loop that somebody else is on as well."""
    ran = subprocess.run(
        [sys.executable, "-c", BEGINNING + program, *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stderr == ""
    return ran.stdout.split()


def test_whoever_signs_in_holds_up_nobody(stores: Stores, tmp_path: Path) -> None:
    with stores.database.transaction() as tx:
        accounts.add(tx, "anna@example.org", "a long password", now())
    program = """
from pathlib import Path
import argon2
from models.errors import InvalidInput, Unauthenticated
from models.stores import open_stores
from services import accounts

hashed = []
for name in ("hash_secret", "verify_secret"):
    def recorded(*args, do=getattr(argon2.low_level, name), **kwargs):
        hashed.append(monkey.get_original("threading", "get_ident")())
        return do(*args, **kwargs)
    setattr(argon2._password_hasher, name, recorded)

stores = open_stores(database_url=sys.argv[1], redis_url=sys.argv[2], data_dir=Path(sys.argv[3]))
account = accounts.sign_in(stores, "anna@example.org", "a long password", "192.0.2.1")
accounts.change_password(stores, account.account_id, "a long password", "another password", "192.0.2.1")
for email in ("anna@example.org", "nobody@example.org"):
    try:
        accounts.sign_in(stores, email, "a wrong password", "192.0.2.1")
    except Unauthenticated:
        print("refused")
print(len(hashed), gevent.get_hub().thread_ident in hashed)
"""
    url = stores.database.engine.url.render_as_string(hide_password=False)
    place = stores.redis.connection_pool.connection_kwargs
    redis_url = f"redis://:{place['password']}@{place['host']}:{place['port']}/0"
    assert served(program, url, redis_url, str(tmp_path)) == ["refused", "refused", "6", "False"]


def test_a_large_file_is_looked_at_while_others_go_on(tmp_path: Path) -> None:
    program = """
from uuid import UUID
from services.imports.statements import Overrides
from services.imports.upload import Upload, look
from services.profiles import Profile

anna = Profile(UUID(int=1), "Anna", "Europe/Berlin", "EUR")
rows = [f"2024-{1 + day % 12:02}-{1 + day % 28:02},Lamp {day},EUR,-{day}.50" for day in range(1, 3000)]
content = "\\n".join(["Date,What,Currency,Amount", *rows]).encode()
told = Overrides()
turns_of(look, anna, Upload("costs", "lamps.csv", content, "tools", told))
print(look(anna, Upload("costs", "lamps.csv", content, "tools", told)).trial.rows)
try:
    look(anna, Upload("costs", "lamps.csv", bytes(4_000_000), "tools", told))
except Exception as error:
    print(type(error).__name__)
"""
    assert served(program) == ["True", "2999", "InvalidInput"]


def test_the_result_and_the_error_come_back() -> None:
    program = """
import traceback
def work(a, b):
    return a / b
print(aside.run(work, 6, b=3))
try:
    aside.run(work, 1, 0)
except ZeroDivisionError as error:
    print([frame.name for frame in traceback.extract_tb(error.__traceback__)][-1])
print(aside.run(lambda: aside.run(work, 1, 1)))
"""
    assert served(program) == ["2.0", "work", "1.0"]


def test_pieces_leave_turns_to_others() -> None:
    program = """
import time
def pieces():
    for number in range(10):
        end = time.perf_counter() + 0.01
        while time.perf_counter() < end:
            pass
        yield number
print(turns_of(list, aside.by_turns(pieces())) == list(range(10)))
print(aside.run(list, aside.by_turns(pieces())) == list(range(10)))
"""
    assert served(program) == ["True", "True", "True"]


def test_without_a_loop_it_is_a_plain_call() -> None:
    assert aside.run(get_ident) == get_ident()
    aside.give_way()
    with pytest.raises(ZeroDivisionError):
        aside.run(divmod, 1, 0)
