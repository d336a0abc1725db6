"""One connection that fails while it is looked after is no harm to the others."""

import time

from gevent import socket

from api.realtime.conversation import Conversation
from api.realtime.sockets import Sockets
from api.realtime.wire import Wire
from models.clock import now
from models.stores import Stores


def test_the_others_are_looked_after_all_the_same(stores: Stores) -> None:
    sockets = Sockets(stores)
    pairs = [socket.socketpair() for _ in range(20)]
    held = [Conversation(sockets, Wire(ours), None) for ours, _ in pairs]
    sockets._conversations.update(held)
    broken, *others = sockets._conversations
    del broken.wire
    sockets._look_after_all(time.monotonic() + Sockets.SIGN_IN_WITHIN + 1, now())
    assert all(other.wire.closing_since is not None for other in others)
    for pair in pairs:
        for end in pair:
            end.close()
