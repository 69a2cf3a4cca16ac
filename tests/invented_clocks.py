"""A kind of record with every sort of rung, which no file of the project knows: a licence.

It lapses on a day, is warned of before, is told again each morning, counts tries, and has a limit
that may be extended. `declared()` adds it to what is declared for as long as a block runs.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import sync
from sync.declare import Act, Field, Ladder, List, Record, Rung
from sync.posts import FLOOR, SYSTEM
from tests import invented_kind

VALID = {"state": "valid"}
OPEN = {"state": {"$in": ["valid", "lapsed"]}}

LICENCE = Record(
    "licence",
    label="许可",
    book="floor",
    icon="package",
    fields=(
        Field("place", "link", "地点", of=("place",)),
        Field("person", "link", "谁的", of=("person",)),
        Field("unit", "link", "部门", of=("unit",)),
        Field("ends_on", "day", "到期日"),
        Field("limit_at", "moment", "期限"),
        Field("tries", "number", "次数"),
    ),
    starts_as={"state": "valid"},
    acts=(
        Act(
            "given",
            "发放",
            who=FLOOR,
            creates=True,
            asks=("place", "person", "unit", "ends_on", "limit_at"),
            needs=("ends_on",),
            stamps=("given_at",),
        ),
        Act("tried", "试过", who=FLOOR, when=OPEN, adds={"tries": 1}),
        Act("extended", "延期", who=FLOOR, when=OPEN, asks=("limit_at",), needs=("limit_at",)),
        Act("renewed", "续期", who=FLOOR, when=OPEN, asks=("ends_on",), sets={"state": "valid"}),
        Act("handed_back", "交回", who=FLOOR, when=OPEN, sets={"state": "closed"}),
        Act(
            "lapsed",
            "过期",
            who=SYSTEM,
            when=VALID,
            sets={"state": "lapsed"},
            stamps=("lapsed_at",),
        ),
    ),
    channels=(
        *("{owner}", "{person}", "head@{unit}", "cs_agent@{unit}", "guide_supervisor@{place}"),
        "post:cs_manager",
    ),
    states=(("valid", "有效"), ("lapsed", "过期"), ("closed", "已交回")),
    lists=(List("licences", by="given_at"),),
    open_when=OPEN,
)

LAPSE = Ladder(
    "licence_lapse",
    label="到期",
    record="licence",
    rule="",
    starts="ends_on",
    runs_while=VALID,
    rungs=(
        Rung("warn", "快到期", before="licence.warn_before", tell=("owner",)),
        Rung("lapsed", "到期", tell=("guide_supervisor",), says="lapsed"),
    ),
)
CARRIED = Ladder(
    "licence_carried",
    label="没交回",
    record="licence",
    rule="",
    starts="given_at",
    runs_while=OPEN,
    rungs=(
        Rung("today", "今天交回", ("licence.close",), ("owner",)),
        Rung(
            "carried",
            "每天上班再问",
            ("licence.close", "licence.morning"),
            ("guide_supervisor",),
            again="licence.morning",
        ),
        Rung("month", "满一个月", ("licence.month",), ("cs_manager",)),
    ),
)
TRIES = Ladder(
    "licence_tries",
    label="试了几次",
    record="licence",
    rule="",
    starts="given_at",
    runs_while=OPEN,
    rungs=(Rung("often", "看一看", at_least=("tries", "licence.tries"), tell=("cs_manager",)),),
)
LIMIT = Ladder(
    "licence_limit",
    label="期限",
    record="licence",
    rule="",
    starts="given_at",
    runs_while=OPEN,
    rungs=(
        Rung("soon", "快到了", until="limit_at", before="licence.soon", tell=("owner",)),
        Rung("over", "到了", until="limit_at", tell=("guide_supervisor",)),
    ),
)
LADDERS = (LAPSE, CARRIED, TRIES, LIMIT)
NUMBERS = {
    "licence.warn_before": (7, "cd"),
    "licence.close": (0, "ED"),
    "licence.morning": (1, "OD"),
    "licence.month": (1, "mon"),
    "licence.tries": (3, "n"),
    "licence.soon": (2, "h"),
}


def settings() -> dict[str, dict[str, Any]]:
    """Return the numbers of the kind, in the form of `sync.declarations()`."""
    rest = {"meaning": "", "rule": "", "kind": "number", "least": 0, "most": 99}
    flags = {"may_lack": True, "security": False, "choices": []}
    return {
        key: {"value": value, "unit": unit, **rest, **flags}
        for key, (value, unit) in NUMBERS.items()
    }


@contextlib.contextmanager
def declared() -> Iterator[None]:
    """Let the kind be declared while the block runs."""
    with invented_kind.declared(LICENCE, *LADDERS):
        for named in ((), ("hospital",)):  # as a site asks, and as others do
            sync.declarations(*named)["settings"].update(settings())
        yield
