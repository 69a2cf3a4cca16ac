"""Lost property (失物招领) as a hospital would declare it: one file of data, nothing else anywhere.

What was found has a photo, is given back against a signature, is asked after when it lies too long,
and is handed to the police by a supervisor other than whoever found it.
"""

from __future__ import annotations

from sync.declare import Act, Field, Ladder, List, Record, Rung
from sync.posts import FLOOR

KEPT = {"state": "kept"}

LOST = Record(
    "lost",
    label="失物",
    many="失物招领",
    book="floor",
    icon="package",
    path="lost",
    section="lost",
    fields=(
        Field("item", "text", "物品", max=60, editable=True),
        Field(
            "sort",
            "choice",
            "类别",
            (("umbrella", "雨伞"), ("phone", "手机"), ("papers", "证件"), ("other", "其他")),
            editable=True,
        ),
        Field("place", "link", "拾到地点", of=("place",)),
        Field("photos", "blobs", "照片", max=3),
        Field("name", "text", "失主", max=60, private=True, editable=True),
        Field("phone", "phone", "失主电话", private=True, editable=True),
        Field("keeper", "link", "保管人", of=("person",)),
        Field("proof", "choices", "核对过", (("looks", "外观"), ("inside", "里面的东西"))),
        Field("words", "text", "说明", max=300),
        Field("signature", "signature", "失主签名"),
        Field("unsigned", "text", "未签名原因", max=200),
    ),
    starts_as={"state": "kept"},
    acts=(
        Act(
            "found",
            "登记拾到",
            who=FLOOR,
            creates=True,
            asks=("item", "sort", "place", "photos", "name", "phone"),
            needs=("item", "place"),
            stamps=("found_at",),
            icon="hand-heart",
        ),
        Act(
            "returned",
            "归还失主",
            who=FLOOR,
            when=KEPT,
            asks=("name", "proof", "words", "signature", "unsigned"),
            needs=("name",),
            sets={"state": "returned"},
            stamps=("returned_at",),
            signs=("returned_by",),
            icon="log-out",
        ),
        Act(
            "called",
            "联系过失主",
            who=FLOOR,
            when=KEPT,
            asks=("words",),
            stamps=("called_at",),
            icon="phone",
        ),
        Act("kept_by", "换人保管", who=FLOOR, when=KEPT, asks=("keeper",), needs=("keeper",)),
        Act(
            "handed",
            "移交派出所",
            who=("guide_supervisor",),
            when={**KEPT, "called_at": {"$exists": True}},
            sets={"state": "handed"},
            stamps=("handed_at",),
            signs=("handed_by",),
            gate=True,
            undo=False,
            not_by=("owner",),
            icon="shield",
        ),
        Act("revealed", "查看隐私", who=("anybody",), adds={"reveals": 1}, undo=False),
    ),
    channels=("{place}", "{owner}", "{told}", "post:guide_supervisor", "post:cs_manager"),
    states=(("kept", "保管中"), ("returned", "已归还"), ("handed", "已移交")),
    title=("item",),
    line=("sort", "place", "name"),
    side="state",
    facts=("sort", "place", "found_at", "owner"),
    finds=("item", "name", "phone"),
    lists=(List("kept", by="found_at", where=KEPT),),
    open_when=KEPT,
    editors=FLOOR,
)

CLAIM = Ladder(
    "lost_claim",
    label="联系失主",
    record="lost",
    rule="",
    starts="found_at",
    runs_while={**KEPT, "called_at": {"$exists": False}},
    rungs=(
        Rung("due", "联系失主", ("waiting.water_after",), ("owner",)),
        Rung(
            "supervisor",
            "通知导医主管",
            ("waiting.water_after", "waiting.water_supervisor_after"),
            ("guide_supervisor",),
        ),
    ),
    answers=("called", "returned"),
)
