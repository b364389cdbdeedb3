"""Chance that repeats itself: what is drawn depends on what it is drawn for, and on nothing else."""

from random import Random


def chance(*drawn_for: object) -> Random:
    """A generator of its own for a purpose; the same purpose draws the same, in any process."""
    return Random(" ".join(map(str, drawn_for)))  # noqa: S311  # lifelike, not secret
