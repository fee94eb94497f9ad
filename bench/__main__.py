"""`make bench`: what Deskbell costs. `python -m bench wire init` measures only what is named."""

import sys
import tempfile
from pathlib import Path

from bench import init, matching, rate_window, relay, wire
from local.failure import SetupError
from local.session import temporary_stack

ON_A_STACK = {"wire": wire.main, "relay": relay.main}
ALONE = {"init": init.main, "matching": matching.main, "rate_window": rate_window.main}


def main(names: list[str]) -> int:
    """Measure what is named, or everything; the exit status."""
    unknown = set(names) - ON_A_STACK.keys() - ALONE.keys()
    if unknown:
        print(f"make bench: no measurement is called {', '.join(sorted(unknown))}", file=sys.stderr)
        return 2
    try:
        _measure(names or [*ON_A_STACK, *ALONE])
    except SetupError as error:
        print(f"make bench: {error}", file=sys.stderr)
        return 1
    return 0


def _measure(names: list[str]) -> None:
    if ON_A_STACK.keys() & set(names):
        with tempfile.TemporaryDirectory() as folder, temporary_stack(Path(folder)) as stack:
            for name, measure in ON_A_STACK.items():
                if name in names:
                    measure(stack)
    for name, alone in ALONE.items():
        if name in names:
            alone()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
