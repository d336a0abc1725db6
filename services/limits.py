"""How often somebody may do something: counted in Redis, in this process alone while Redis is away."""

import logging
from functools import lru_cache
from ipaddress import IPv6Address, IPv6Network, ip_address

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage, RedisStorage
from limits.strategies import FixedWindowRateLimiter
from redis import ConnectionPool
from redis.exceptions import RedisError

from models.clock import now
from models.errors import TooManyRequests
from models.stores import Stores

_log = logging.getLogger(__name__)
_memory = FixedWindowRateLimiter(MemoryStorage())


def count(stores: Stores, what: str, who: str, most: int, minutes: int = 1, cost: int = 1) -> None:
    """Counts `cost` times `what` by `who`; raises TooManyRequests beyond `most` in `minutes`."""
    limit = RateLimitItemPerMinute(most, minutes)
    try:
        within = _in_redis(stores).hit(limit, what, who, cost=cost)
    except RedisError:
        _log.warning("Redis is away: %s are counted in this process alone", what)
        within = _memory.hit(limit, what, who, cost=cost)
    if not within:
        wait = _seconds_left(stores, limit, what, who)
        raise TooManyRequests(f"Too many {what}. Wait {wait} s, then go on.", wait)


def forget(stores: Stores, what: str, who: str, most: int, minutes: int = 1) -> None:
    """Starts the count again, after a success."""
    limit = RateLimitItemPerMinute(most, minutes)
    try:
        _in_redis(stores).clear(limit, what, who)
    except RedisError:
        _memory.clear(limit, what, who)


def origin(address: str) -> str:
    """What a stranger at this address is counted by. Of IPv6 it is the /64 ("2001:db8::/64"): whoever has one
    address there has them all. What is no address stays as it is, "unknown" stands for nothing."""
    try:
        ip = ip_address(address.partition("%")[0])
    except ValueError:
        return address or "unknown"
    if not isinstance(ip, IPv6Address):
        return str(ip)
    return str(ip.ipv4_mapped or IPv6Network((ip, 64), strict=False))


def _in_redis(stores: Stores) -> FixedWindowRateLimiter:
    return _limiter(stores.redis.connection_pool)


@lru_cache(maxsize=8)
def _limiter(pool: ConnectionPool) -> FixedWindowRateLimiter:
    # The url only names the kind of storage; the connections are those of the pool.
    return FixedWindowRateLimiter(RedisStorage("redis://", connection_pool=pool, key_prefix="limits"))


def _seconds_left(stores: Stores, limit: RateLimitItem, what: str, who: str) -> int:
    try:
        ends = _in_redis(stores).get_window_stats(limit, what, who).reset_time
    except RedisError:
        ends = _memory.get_window_stats(limit, what, who).reset_time
    return max(1, round(ends - now().timestamp()))
