"""Failures on order: a test says at which step of a fake something goes wrong, before or after its work."""

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Literal

type When = Literal["before", "after"]


class KilledError(BaseException):
    """The process dies here; nothing in it can catch that and go on."""


class Faults:
    """What is to go wrong, by step (`commit`, `create.state`, `push`), each time it is planned for.

    `steps` lists what was reached. `pause` is called before every step: a scheduler switches there.
    """

    def __init__(self) -> None:
        self.steps: list[str] = []
        self.pause: Callable[[str], None] = lambda _step: None
        self._planned: dict[tuple[str, When], deque[BaseException | Callable[[], object]]] = {}

    def plan(
        self,
        step: str,
        fault: BaseException | Callable[[], object],
        *,
        when: When = "before",
        times: int = 1,
    ) -> None:
        """Raise an error at a step, or do something there that another process would do in between."""
        self._planned.setdefault((step, when), deque()).extend([fault] * times)

    @contextmanager
    def at(self, step: str) -> Iterator[None]:
        """Enclose the work of a step."""
        self.pause(step)
        self.steps.append(step)
        self._strike(step, "before")
        yield
        self._strike(step, "after")

    def _strike(self, step: str, when: When) -> None:
        planned = self._planned.get((step, when))
        if not planned:
            return
        fault = planned.popleft()
        if isinstance(fault, BaseException):
            raise fault
        fault()
