"""Running several processes one step at a time, in an order that a test chooses.

Each job is a thread, but only one of them ever runs: it stops before every step of a fake, and whoever chooses says
which one goes on. The same choices give the same course.
"""

from collections.abc import Callable, Sequence
from threading import Semaphore, Thread


class Interleaving:
    """`choose(n)` picks one of n jobs that can go on."""

    def __init__(self, choose: Callable[[int], int], check: Callable[[], None] = lambda: None) -> None:
        self._choose = choose
        self._check = check
        self._control = Semaphore(0)
        self._running: _Job | None = None

    def pause(self, _step: str) -> None:
        """Hand over before a step; outside of `run` the step just goes on."""
        job = self._running
        if job is not None:
            self._control.release()
            job.turn.acquire()

    def run(self, jobs: Sequence[Callable[[], None]]) -> None:
        """Carry all jobs to their ends, with `check` between any two steps; raises what a job raised."""
        waiting = [_Job(work, self._control) for work in jobs]
        try:
            while waiting:
                job = waiting[self._choose(len(waiting))]
                self._running = job
                job.turn.release()
                self._control.acquire()
                self._running = None
                if job.failure is not None:
                    raise job.failure
                if job.done:
                    waiting.remove(job)
                self._check()
        finally:
            self._running = None
            for job in waiting:
                job.abandon()


class _Job:
    def __init__(self, work: Callable[[], None], control: Semaphore) -> None:
        self.turn = Semaphore(0)
        self.done = False
        self.failure: BaseException | None = None
        self._work = work
        self._control = control
        self._thread = Thread(target=self._run, daemon=True)
        self._thread.start()

    def abandon(self) -> None:
        """Let the thread run out after another job failed."""
        self.turn.release()

    def _run(self) -> None:
        self.turn.acquire()
        try:
            self._work()
        except BaseException as error:
            self.failure = error
        self.done = True
        self._control.release()
