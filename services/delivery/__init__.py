"""Delivery: alerts sent to where a provider wants them, by e-mail and by webhook, until they arrive.

`run` is the duty of the worker that sends them.
"""

from services.delivery.sending import run

__all__ = ["run"]
