"""Probabilities as log-odds, in which independent signs add up."""

from math import exp, log

_KNEE, _BEND = 0.7, 1.8


def log_odds(share: float) -> float:
    """The logarithm of the odds of a probability between 0 and 1."""
    return log(share / (1 - share))


def probability(odds: float) -> float:
    """The probability of log-odds."""
    return 1 / (1 + exp(-odds))


def calibrated(probability: float) -> float:
    """What signs promise, corrected by what was found. Of 300 names read by eye that signs promised less than
    0.7, clearly fewer were governments than that; above, the promise held. Rises, and leaves 0, 0.7 and 1."""
    return probability if probability >= _KNEE else _KNEE * (probability / _KNEE) ** _BEND
