"""What a container remembers between invocations, within a bound."""

from collections import OrderedDict


class Recent[K, V]:
    """A mapping that forgets what was used longest ago once it holds `most` entries."""

    def __init__(self, most: int) -> None:
        if most < 1:
            raise ValueError(f"a memory needs room for at least one entry, not {most}")
        self._most = most
        self._entries: OrderedDict[K, V] = OrderedDict()

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: K) -> V | None:
        """Return what is remembered of a key, which thereby counts as used."""
        value = self._entries.get(key)
        if value is not None:
            self._entries.move_to_end(key)
        return value

    def put(self, key: K, value: V) -> None:
        """Remember a value in place of any older one."""
        self._entries[key] = value
        self._entries.move_to_end(key)
        if len(self._entries) > self._most:
            self._entries.popitem(last=False)

    def forget(self, key: K) -> None:
        """Drop a key; harmless when it is not there."""
        self._entries.pop(key, None)
