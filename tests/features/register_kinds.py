"""Kinds of record that only the tests of registers declare: what a list, a form and a page show."""

from __future__ import annotations

from sync.declare import Act, Field, Ladder, List, Record, Rung
from sync.posts import FLOOR
from tests.invented_sheet import sheet

CLAIM = Record(
    "claim",
    label="认领",
    book="floor",
    icon="hand",
    path="claim",
    fields=(
        Field("lost", "link", "认领的失物", of=("lost",)),
        Field("kind", "choice", "怎么来的", (("visit", "到场"), ("call", "来电"))),
        Field("words", "text", "说法", max=300, shown_when={"kind": "call"}),
    ),
    starts_as={"state": "open"},
    acts=(Act("made", "登记认领", who=FLOOR, creates=True, asks=("lost", "kind", "words")),),
    channels=("all",),
    states=(("open", "待核"),),
    title=("words",),
    lists=(List("of_lost", by="opened_at", parts=("lost",)),),
)


RECEIPT = Record(
    "receipt",
    label="收据",
    book="office",
    icon="file-text",
    path="receipt",
    fields=(Field("words", "text", "说明"),),
    acts=(Act("written", "开收据", who=("cs_manager",), creates=True, asks=("words",)),),
    channels=("post:cs_manager",),
    title=("words",),
)


SLIP = Record(
    "slip",
    label="便条",
    book="office",
    icon="send",
    path="slip",
    fields=(
        Field("words", "text", "内容", max=60),
        Field("how", "choice", "方式", (("read", "阅读"), ("sign", "签字"))),
        Field("to", "link", "呈送", of=("person",)),
        Field("people", "people", "抄送"),
        Field("about", "link", "关于"),
        Field("which", "link", "失物", of=("lost",)),
    ),
    starts_as={"state": "raised"},
    acts=(
        Act(
            "made",
            "写便条",
            who=FLOOR,
            creates=True,
            asks=("words", "how", "to", "people", "about", "which"),
            needs=("words",),
        ),
        Act(
            "answered",
            "答复便条",
            who=("anybody",),
            when={"state": "raised", "how": "sign"},
            sets={"state": "valid"},
            stamps=("answered_at",),
            only_by=("to",),
        ),
        Act(
            "closed",
            "结束便条",
            who=("anybody",),
            when={"state": "raised", "how": "read"},
            sets={"state": "valid"},
            stamps=("closed_at",),
            only_by=("to",),
        ),
        Act(
            "withdrawn",
            "撤回便条",
            who=FLOOR,
            when={"state": "valid"},
            sets={"state": "gone"},
            stamps=("withdrawn_at",),
        ),
    ),
    channels=("all",),
    states=(("raised", "待答复"), ("valid", "有效"), ("gone", "已撤回")),
    title=("words",),
    line=("to",),
    lists=(List("slips", by="opened_at"),),
    open_when={"state": "raised"},
)

TOUR = sheet(
    "tour",
    label="巡查表",
    icon="footprints",
    path="sheet",
    takes=Field("where", "text", "叫什么", takes=("place", "name")),
    fields=(
        Field(
            "ticks",
            "ticks",
            "项目",
            (("yes", "好"), ("no", "不好")),
            rows=(("floor", "地面"), ("chairs", "座椅")),
        ),
    ),
    also=("ticks",),
    starts_as={"state": "open"},
    channels=("all",),
    states=(("open", "在填"),),
    title=("where",),
    lists=(List("tours", by="opened_at"),),
)
TOUR_DUE = Ladder(
    "tour_due",
    label="查完",
    record="tour",
    rule="",
    starts="day",
    runs_while={"state": "open"},
    rungs=(Rung("due", "查完", ("waiting.water_after",), ("owner",)),),
    answers=("opened",),
)

KINDS = (CLAIM, RECEIPT, SLIP, TOUR, TOUR_DUE)
