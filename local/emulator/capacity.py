"""What DynamoDB bills, by its documented rules; the emulator bills small queries too low.

Sizes: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
Units: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html
"""

from base64 import b64decode
from collections.abc import Iterable, Mapping
from typing import Any

WRITE_UNIT = 1024
READ_UNIT = 4096

type Item = Mapping[str, Any]


def item_size(item: Item) -> int:
    """Bytes of an item as DynamoDB counts them: names and values."""
    return sum(len(name.encode()) + _value_size(value) for name, value in item.items())


def write_units(*versions: Item | None) -> int:
    """Units of one write, by the largest of an item's versions; at least one, also where a condition refused it."""
    return max(1, *(_units(item_size(item or {}), WRITE_UNIT) for item in versions))


def read_units(items: Iterable[Item], *, consistent: bool) -> float:
    """Units of reading these items together, at least one read."""
    units = max(1, _units(sum(map(item_size, items)), READ_UNIT))
    return units if consistent else units / 2


def index_units(before: Item | None, after: Item | None, keys: tuple[str, str]) -> int:
    """Units of carrying a write into an index of keys only, whose entries are `before` and `after`.

    Nothing where the entry stays as it is; one to put or delete an entry; both when its key changes.
    """
    if before == after:
        return 0
    moved = before is not None and after is not None and any(before[key] != after[key] for key in keys)
    if moved:
        return write_units(before) + write_units(after)
    return write_units(before, after)


def _units(size: int, unit: int) -> int:
    return -(-size // unit)


def _value_size(value: Item) -> int:
    ((kind, content),) = value.items()
    match kind:
        case "S":
            return len(content.encode())
        case "B":
            return len(b64decode(content))
        case "N":
            return _number_size(content)
        case "BOOL" | "NULL":
            return 1
        case "L":
            return 3 + sum(1 + _value_size(inner) for inner in content)
        case "M":
            return 3 + sum(1 + len(name.encode()) + _value_size(inner) for name, inner in content.items())
        case _:
            raise ValueError(f"no size is known for values of type {kind}")


def _number_size(text: str) -> int:
    # One byte per two significant digits, and one; leading and trailing zeros are not significant.
    negative = text.startswith("-")
    digits = text.lstrip("-").replace(".", "").strip("0")
    return 1 + -(-len(digits) // 2) + negative
