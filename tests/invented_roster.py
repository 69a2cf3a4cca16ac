"""A roster and a leave that no file of the project knows: they say who is on duty and who not."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from sync.declare import Act, Duty, Field, Record
from tests import invented_kind

TIMES = ("begins_at", "ends_at")
FIELDS = (
    Field("person", "link", "谁", of=("person",)),
    Field("begins_at", "moment", "从"),
    Field("ends_at", "moment", "到"),
)
POSTS = ("guide", "guide_supervisor", "cs_manager")


def _kind(name: str, label: str, *, on: bool) -> Record:
    return Record(
        name,
        label=label,
        book="people",
        icon="clock",
        fields=FIELDS,
        acts=(
            Act("set", "排", who=POSTS, creates=True, asks=("person", *TIMES), needs=("person",)),
            Act("cancelled", "取消", who=POSTS, sets={"state": "cancelled"}),
        ),
        channels=("{person}", "post:cs_manager"),
        starts_as={"state": "stands"},
        states=(("stands", "有效"), ("cancelled", "取消")),
        open_when={"state": "stands"},
        indexed=("person", *TIMES),
        duty=Duty("person", ("stands",), on=on, since="begins_at", until="ends_at"),
    )


TURN = _kind("turn", "班", on=True)
OFF = _kind("time_off", "请假", on=False)


@contextlib.contextmanager
def declared() -> Iterator[None]:
    """Let both kinds be declared while the block runs."""
    with invented_kind.declared(TURN, OFF):
        yield
