"""Logging as lines of JSON: no bodies, no names, and no line breaks inside a line."""

from __future__ import annotations

import logging
import sys
from contextvars import ContextVar
from typing import Any

import orjson

from server.base import plain_errors

PLAIN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "color_message"}


# Details of the request being answered, its id and who asks, which every log line repeats.
about: ContextVar[dict[str, Any] | None] = ContextVar("about", default=None)


def note(**details: Any) -> None:
    """Add details of the request being answered; without a request it does nothing."""
    noted = about.get()
    if noted is not None:
        noted.update(details)


def _said(record: logging.LogRecord) -> str:
    """Return the message; an exception among its arguments tells no more than its kind."""
    given = record.args
    if isinstance(given, tuple):
        given = tuple(
            plain_errors.described(one) if isinstance(one, BaseException) else one for one in given
        )
    return str(record.msg) % given if given else str(record.msg)


class Lines(logging.Formatter):
    """A log formatter: one JSON object a record, with the members of `extra`."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line: dict[str, object] = {
            "at": int(record.created * 1_000),
            "level": record.levelname.lower(),
            "log": record.name,
            "say": _said(record),
            **(about.get() or {}),
        }
        for name, value in vars(record).items():
            if name not in PLAIN:
                line[name] = value
        if record.exc_info:
            error = record.exc_info[1]
            line["trace"] = plain_errors.stack_of(error) if error is not None else ""
        return orjson.dumps(line, default=str).decode()


def to_stderr(level: int = logging.INFO) -> None:
    """Send all logs of this process to stderr."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Lines())
    logging.basicConfig(level=level, handlers=[handler], force=True)
