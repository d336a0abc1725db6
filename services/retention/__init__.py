"""Retention: what is kept how long, what is done when that has passed, and a record of it."""
