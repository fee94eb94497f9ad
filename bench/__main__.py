"""`make bench`: what Deskbell costs. Name measurements to run only those.

python -m bench [wire] [relay] [init] [matching] [rate_window]
"""

import sys
import tempfile
from pathlib import Path

from bench import wire
from local.failure import SetupError
from local.session import temporary_stack


def main() -> int:
    """Run what was named, or everything; the exit status."""
    try:
        with tempfile.TemporaryDirectory() as folder, temporary_stack(Path(folder)) as stack:
            wire.main(stack)
    except SetupError as error:
        print(f"make bench: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
