"""A sheet as tests declare it: one a place and a day, opened again by whoever comes."""

from __future__ import annotations

from typing import Any

from sync.declare import Act, Field, Record
from sync.posts import FLOOR


def sheet(
    name: str, *, takes: Field, fields: tuple[Field, ...], also: tuple[str, ...] = (), **said: Any
) -> Record:
    """Return a kind keyed by place and day; `takes` is what is copied, `also` what is asked for."""
    opened = Act(
        "opened",
        "打开",
        who=FLOOR,
        creates=True,
        again=True,
        asks=("place", "day", takes.name, *also),
        needs=("place", "day"),
    )
    return Record(
        name,
        book="floor",
        key=("place", "day"),
        fields=(
            Field("place", "link", "地点", of=("place",)),
            Field("day", "day", "日期"),
            takes,
            *fields,
        ),
        acts=(opened, *said.pop("acts", ())),
        **said,
    )
