"""Courses: decisions that need several writes, each chosen by the outcome of the one before.

A course is a generator. It yields a write as a value, is sent that write's outcome, and returns its result;
it does no input or output. Whoever runs it may therefore run many, one write of each at a time, in any order.
"""

from collections.abc import Callable, Generator

from deskbell.errors import UnavailableError


def run[Write, Outcome, Result](
    perform: Callable[[Write], Outcome], course: Generator[Write, Outcome, Result]
) -> Result:
    """Carry a course to its end; an UnavailableError of `perform` is raised inside the course."""
    try:
        write = next(course)
        while True:
            try:
                outcome = perform(write)
            except UnavailableError as error:
                write = course.throw(error)
            else:
                write = course.send(outcome)
    except StopIteration as end:
        result: Result = end.value
        return result
