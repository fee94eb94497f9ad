"""A transcript: the entries of one log as a client has them, by number; a hole is known by its neighbours."""

from typing import Any

type Entry = dict[str, Any]


class Transcript:
    """Takes entries in any order and any number of times; `head` is the highest number with no hole below."""

    def __init__(self) -> None:
        self.head = 0
        self.contradictions: list[tuple[Entry, Entry]] = []
        self._entries: dict[int, Entry] = {}
        self._known_head = 0

    def take(self, entry: Entry) -> None:
        """Add what a push, a reply or a page said; another entry under a known number is a contradiction."""
        seq = int(entry["seq"])
        known = self._entries.setdefault(seq, entry)
        if known["id"] != entry["id"]:
            self.contradictions.append((known, entry))
        self._known_head = max(self._known_head, seq)
        while self.head + 1 in self._entries:
            self.head += 1

    @property
    def has_gap(self) -> bool:
        """Whether something is known to be missing."""
        return self.head < self._known_head

    @property
    def entries(self) -> list[Entry]:
        """The entries up to the first hole."""
        return [self._entries[seq] for seq in range(1, self.head + 1)]
