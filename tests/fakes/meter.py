"""Counts in memory."""

from collections import Counter


class FakeMeter:
    """`counts` by name."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()

    def count(self, name: str, value: int = 1) -> None:
        self.counts[name] += value
