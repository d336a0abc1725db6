"""Probabilities as log-odds, in which independent signs add up."""

from math import exp, log


def log_odds(share: float) -> float:
    """The logarithm of the odds of a probability between 0 and 1."""
    return log(share / (1 - share))


def probability(odds: float) -> float:
    """The probability of log-odds."""
    return 1 / (1 + exp(-odds))
