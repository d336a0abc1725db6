"""What the platform tells: domain events from a Redis stream, counted once each."""

from services.domain_events.consumer import consume
from services.domain_events.stream import Stream, opened

__all__ = ["Stream", "consume", "opened"]
