"""Tabs above a list: each with a link, an icon and how much lies in it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class PileLink:
    """One tab; `word` is its label, `n` the count, `current` True for the one that is open."""

    url: str
    word: object
    icon: str
    n: int
    current: bool
