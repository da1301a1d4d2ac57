"""How seldom something happens so often by chance."""

from math import exp, lgamma, log, log1p, sqrt

CHANCE = 0.01
"""What comes more seldom than that by chance is taken to have another cause."""

FAR = 10
"""So many standard deviations above what is to be expected, nothing needs to be worked out."""


def too_often(times: int, number: int, share: float) -> bool:
    """Whether `times` of `number` are more than what happens by itself, each with probability `share`."""
    expected = number * share
    if times <= expected:
        return False
    return times > expected + FAR * (1 + sqrt(expected)) or at_least(times, number, share) <= CHANCE


def at_least(times: int, number: int, share: float) -> float:
    """How likely so many of `number` are by chance, each with probability `share`: one-sided, binomial."""
    return 1 - sum(_exactly(k, number, share) for k in range(times))


def _exactly(times: int, number: int, share: float) -> float:
    ways = lgamma(number + 1) - lgamma(times + 1) - lgamma(number - times + 1)
    return exp(ways + times * log(share) + (number - times) * log1p(-share))
