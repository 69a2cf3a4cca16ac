"""Errors as text for logs and tables: where it happened and of what kind, and nothing else.

What an exception says of itself may hold the values it stumbled over, a patient's name among them:
a database quotes the row that it could not take. So of every exception its type is told, of a
database's also its own code, of the system's errors their number; messages of others are left out.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterator


def described(error: BaseException) -> str:
    """Return an error in a line without what it was about: `IntegrityError (23505)`."""
    parts = [str(part) for part in _codes(error) if part]
    return type(error).__name__ + (f" ({', '.join(parts)})" if parts else "")


def _codes(error: BaseException) -> Iterator[object]:
    original = getattr(error, "orig", None)  # SQLAlchemy's name for the driver's own exception
    for one in (error, original):
        yield getattr(one, "sqlstate", None)
        yield getattr(one, "sqlite_errorname", None)
        if isinstance(one, OSError):
            yield one.strerror
    if original is not None:
        yield type(original).__name__


def stack_of(error: BaseException) -> str:
    """Return the stack of an error and of those that led to it, each without its message."""
    return "\n".join(_stacks(error, set()))


def _stacks(error: BaseException, seen: set[int]) -> Iterator[str]:
    if id(error) in seen:
        return
    seen.add(id(error))
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if before is not None:
        yield from _stacks(before, seen)
        yield "which led to"
    if isinstance(error, BaseExceptionGroup):
        for one in error.exceptions:
            yield from _stacks(one, seen)
    frames = traceback.StackSummary.extract(
        traceback.walk_tb(error.__traceback__), lookup_lines=True
    )
    yield "".join(frames.format()).rstrip()
    yield described(error)
