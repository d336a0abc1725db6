"""`manage.py run` is killed under load: all that it started ends, and nothing acknowledged is lost."""

import time
from threading import Event, Thread

from services import rollups
from tests.commands.test_stopping import Product, listening, product
from tests.conftest import anna

__all__ = ["anna", "product"]


def test_a_killed_parent_takes_all_with_it_and_nothing_that_was_acknowledged(product: Product) -> None:
    begun, ending = Event(), Event()
    posting = [Thread(target=product.post, args=(begun, ending)) for _ in range(4)]
    for thread in posting:
        thread.start()
    try:
        assert begun.wait(150)
        product.popen.kill()
        product.popen.communicate()
        deadline = time.monotonic() + 60
        while listening(product.api_port):
            assert time.monotonic() < deadline
            time.sleep(0.05)
    finally:
        ending.set()
        for thread in posting:
            thread.join()
    assert product.acknowledged <= product.stored()
    assert rollups.verify(product.stores.database, product.anna.profile_id) == []
