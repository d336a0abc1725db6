"""Delivery: alerts sent to where a provider wants them, by e-mail and by webhook, until they arrive."""
