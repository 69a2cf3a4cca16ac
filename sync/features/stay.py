"""Stays: who lies in which bed, brought there by a guide and seen off by one (G-17, G-18)."""

from sync.declare import Act, Field, Ladder, List, Record, Rung
from sync.posts import FLOOR
from sync.reveals import REVEALED
from sync.words import _

HERE = {"state": "in_hospital"}
WARD = (*FLOOR, "nursing_dept")

STAY = Record(
    "stay",
    label=_("Stay"),
    many=_("Beds and stays"),
    book="wards",
    icon="bed",
    path="stay",
    key=("number",),
    fields=(
        Field("number", "number", _("Number of the stay"), min=1, max=999_999_999_999),
        Field("name", "text", _("Name"), max=60, private=True, editable=True),
        Field("sex", "choice", _("Sex"), (("m", _("Male")), ("f", _("Female"))), editable=True),
        Field("bed", "link", _("Bed"), of=("place",)),
        Field("ward", "link", _("Ward"), of=("place",), takes=("bed", "inside")),
        Field("department", "text", _("Department"), max=60, editable=True),
        Field("doctor", "link", _("Doctor"), of=("doctor",)),
        Field("visit", "link", _("Visit"), of=("arrival",)),
        Field("handed_to", "text", _("Handed over to"), max=60),
        Field("condition", "text", _("Condition on admission"), max=500, private=True),
        Field("preferences", "text", _("Wishes and habits"), max=500, private=True, editable=True),
        Field("words", "text", _("What they said"), max=500),
        Field("again_on", "day", _("Ask again on")),
    ),
    starts_as=HERE,
    acts=(
        # G-17: the guide brings the patient to the ward; who took over is part of it.
        Act(
            "admitted",
            _("Admit to a bed"),
            WARD,
            creates=True,
            again=True,
            asks=(
                *("number", "name", "sex", "bed", "department", "doctor", "visit"),
                *("handed_to", "condition", "preferences", "ward"),
            ),
            needs=("number", "bed"),
            stamps=("admitted_at",),
            icon="bed",
        ),
        Act(
            "handed",
            _("Handed over to the ward"),
            WARD,
            when=HERE,
            asks=("handed_to", "condition"),
            needs=("handed_to",),
            icon="hand",
        ),
        Act(
            "moved",
            _("Move to another bed"),
            WARD,
            when=HERE,
            asks=("bed", "ward", "handed_to"),
            needs=("bed",),
            icon="arrow-right",
        ),
        # G-18, RD-05: asked while in the hospital, and again on the day that is said then.
        Act(
            "asked",
            _("Asked after"),
            WARD,
            when=HERE,
            asks=("words", "again_on", "preferences"),
            needs=("again_on",),
            stamps=("asked_at",),
            adds={"times": 1},
            icon="message-square-text",
        ),
        Act(
            "discharged",
            _("Discharge"),
            WARD,
            when=HERE,
            sets={"state": "discharged"},
            stamps=("discharged_at",),
            icon="log-out",
        ),
        Act(
            "seen_off",
            _("Seen off"),
            WARD,
            when={"state": "discharged"},
            sets={"state": "gone"},
            stamps=("seen_off_at",),
            icon="hand-heart",
        ),
        REVEALED,
    ),
    channels=(
        "{ward}",
        "{owner}",
        "{told}",
        "post:cs_clerk",
        "post:cs_manager",
        "post:nursing_dept",
    ),
    states=(
        ("in_hospital", _("In hospital")),
        ("discharged", _("To be seen off")),
        ("gone", _("Seen off")),
    ),
    title=("name", "number"),
    line=("bed", "department", "doctor"),
    side="state",
    facts=("bed", "doctor", "admitted_at", "number"),
    finds=("name", "number"),
    lists=(
        List("in_hospital", by="admitted_at", where=HERE),
        List("in_bed", by="admitted_at", where=HERE, parts=("bed",)),
        List("of_visit", by="admitted_at", parts=("visit",)),
    ),
    open_when={"state": {"$in": ["in_hospital", "discharged"]}},
    editors=WARD,
    tiles="bed",
    indexed=("bed",),
)

# The second and the third touch of G-18; the first is the admission, or the visit before it.
ASK = Ladder(
    "stay_asked",
    label=_("Ask after the patient"),
    record="stay",
    rule="G-18",
    starts="admitted_at",
    runs_while={**HERE, "asked_at": {"$exists": False}},
    rungs=(
        Rung("due", _("Not asked after yet"), ("stay.touch_within",), ("owner",)),
        Rung(
            "manager",
            _("Tell the manager"),
            ("stay.touch_within", "stay.manager_after"),
            ("cs_manager",),
        ),
    ),
    answers=("asked",),
)
ASK_AGAIN = Ladder(
    "stay_asked_again",
    label=_("Ask after the patient again"),
    record="stay",
    rule="RD-05",
    starts="asked_at",
    runs_while={**HERE, "again_on": {"$exists": True}},
    rungs=(
        Rung("due", _("Not asked after again"), (), ("owner",), "again_on"),
        Rung(
            "manager", _("Tell the manager"), ("stay.manager_after",), ("cs_manager",), "again_on"
        ),
    ),
    answers=("asked",),
)
# G-17: who is brought to a ward is handed over there, by name.
HAND_OVER = Ladder(
    "stay_handed",
    label=_("Hand the patient over to the ward"),
    record="stay",
    rule="G-17",
    starts="admitted_at",
    runs_while={**HERE, "handed_to": {"$exists": False}},
    rungs=(Rung("due", _("Not handed over yet"), ("stay.hand_over_within",), ("owner",)),),
    answers=("handed",),
)
SEE_OFF = Ladder(
    "stay_seen_off",
    label=_("See the patient off"),
    record="stay",
    rule="G-18",
    starts="discharged_at",
    runs_while={"state": "discharged"},
    rungs=(
        Rung("due", _("Not seen off yet"), ("stay.farewell_within",), ("owner",)),
        Rung(
            "manager",
            _("Tell the manager"),
            ("stay.farewell_within", "stay.manager_after"),
            ("cs_manager",),
        ),
    ),
    answers=("seen_off",),
)
