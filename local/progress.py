"""What `make run` tells while it works: one line a step, with its duration."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager


class Step:
    """A step under way; `note` says what came of it."""

    def __init__(self) -> None:
        self.noted = ""

    def note(self, text: str) -> None:
        """Put `text` on the step's line."""
        self.noted = text


@contextmanager
def step(name: str) -> Iterator[Step]:
    """Time a step and show its line; on a terminal the name shows from the start."""
    under_way = Step()
    started = time.monotonic()
    if sys.stdout.isatty():
        print(f"  … {name}", end="\r", flush=True)
    try:
        yield under_way
    except BaseException:
        print(f"  ✗ {name}", flush=True)
        raise
    seconds = time.monotonic() - started
    print(f"  ✓ {name:<12}{seconds:6.1f} s  {under_way.noted}".rstrip(), flush=True)
