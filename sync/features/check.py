"""Checks: a checklist walked at a place, by one person or several (O, CL, I, G)."""

from sync import sheets
from sync.declare import Act, Field, Ladder, List, Record, Rung
from sync.posts import FLOOR
from sync.rules import Find, Moment, Number, Of, Period, Plan, Until
from sync.words import _

SUPERVISORS = ("guide_supervisor", "cs_supervisor", "cs_manager", "team_leader")
KEY = ("template", "place", "day", "hour")
TAKEN = ("items", "goods", "version", "review", "findings")
SHEET = ("ticks", "notes", "counts", "photos", *TAKEN)
# A sheet is filled by several tablets at once: that somebody began is a stamp and moves nothing.
UNDONE = {"state": {"$in": ["due", "redo"]}}
TO_REVIEW = {"state": "to_review"}

CHECK = Record(
    "check",
    label=_("Check"),
    many=_("Checks"),
    book="quality",
    icon="clipboard-check",
    path="check",
    form=("F-26", "F-31", "F-32"),
    key=KEY,
    fields=(
        sheets.template("check"),
        Field("place", "link", _("Place"), of=("place",)),
        Field("day", "day", _("Day")),
        Field("hour", "hour", _("Time")),
        Field(
            "by",
            "choice",
            _("Who walks it"),
            (("guides", _("Guides")), ("supervisors", _("Supervisors"))),
        ),
        Field("people", "people", _("Who is on duty for it"), max=20),
        sheets.FROM,
        sheets.UNTIL,
        sheets.VERSION,
        sheets.ITEMS,
        Field("goods", "entries", _("Goods to count"), shipped=True, takes=("template", "goods")),
        Field("review", "flag", _("To be looked at"), takes=("template", "review")),
        Field("findings", "flag", _("Findings become notices"), takes=("template", "findings")),
        sheets.ticks(("na", _("does not apply"))),
        sheets.notes(_("What is not in order")),
        Field("counts", "counts", _("Counted"), items="goods", min=0, max=999),
        Field("photos", "blobs", _("Photos"), max=9),
        Field("reason", "text", _("What to do again"), max=300),
    ),
    starts_as={"state": "due"},
    acts=(
        sheets.due(KEY, "by"),
        sheets.begun(_("Begin a check"), KEY, FLOOR),
        # CL-02: the supervisor, or in their absence the team leader, says who has it.
        Act(
            "assigned",
            _("Say who is on duty"),
            who=SUPERVISORS,
            when=UNDONE,
            asks=("people",),
            needs=("people",),
            icon="users-round",
        ),
        Act(
            "completed",
            _("Complete the check"),
            who=FLOOR,
            when=UNDONE,
            asks=SHEET,
            needs_all=("ticks",),
            sets={"state": "complete", "sent_back_at": None},
            instead=({"review": True}, TO_REVIEW),
            stamps=("completed_at",),
            signs=("completed_by",),
            icon="clipboard-check",
        ),
        sheets.marked(SHEET, FLOOR, UNDONE),
        # CL-01: the supervisor inspects; what fails is done again.
        Act(
            "checked_ok",
            _("Looked at: passed"),
            who=SUPERVISORS,
            when=TO_REVIEW,
            not_by=("completed_by",),
            sets={"state": "passed"},
            stamps=("checked_at",),
            signs=("checked_by",),
            icon="check",
        ),
        Act(
            "checked_redo",
            _("Send back to be done again"),
            who=SUPERVISORS,
            when=TO_REVIEW,
            not_by=("completed_by",),
            asks=("reason",),
            needs=("reason",),
            sets={"state": "redo", "completed_at": None, "completed_by": None},
            stamps=("sent_back_at",),
            adds={"redos": 1},
            icon="rotate-ccw",
        ),
    ),
    channels=(
        "{place}",
        "{owner}",
        "{people}",
        "{told}",
        "post:guide_supervisor",
        "post:cs_supervisor",
        "post:cs_manager",
        "team_leader@{place}",
    ),
    states=(
        ("due", _("not walked yet")),
        ("redo", _("to do again")),
        ("to_review", _("done, to be looked at")),
        ("complete", _("done")),
        ("passed", _("passed")),
    ),
    title=("template",),
    line=("place", "people"),
    side="state",
    facts=("template", "place", "due_until", "owner"),
    lists=(
        List("due", by="due_from", where=UNDONE),
        List("checks", by="opened_at"),
        List("at_place", by="opened_at", parts=("place",)),
    ),
    open_when={"state": {"$in": [*UNDONE["state"]["$in"], TO_REVIEW["state"]]}},
)


def _due(name: str, rule: str, by: str, first: str, then: str) -> Ladder:
    """What was not walked by its time: whoever walks it, then the supervisor of the place."""
    return sheets.missed(
        name,
        _("Check the place"),
        sheets.rung("due", _("Complete the check"), (), "{people}", first),
        sheets.rung(
            "supervisor", _("Tell whoever supervises it"), ("check.supervisor_after",), then
        ),
        record="check",
        rule=rule,
        runs_while={**UNDONE, "by": by, "sent_back_at": {"$exists": False}},
        answers=("completed",),
    )


# O-09: complete before the first consultation; what is missed, the guide supervisor hears of.
DUE = _due("check_due", "O-09", "guides", "guide@{place}", "guide_supervisor@{place}")
# I-01: a spot check that is missed, the manager hears of.
INSPECTION = _due(
    "check_inspection", "I-01", "supervisors", "guide_supervisor@{place}", "cs_manager"
)

REVIEW = Ladder(
    "check_review",
    label=_("Look at what was done"),
    record="check",
    rule="CL-01",
    starts="completed_at",
    runs_while=TO_REVIEW,
    rungs=(
        Rung(
            "due",
            _("Look at it: passed, or to be done again"),
            ("check.review_within",),
            ("guide_supervisor@{place}",),
        ),
    ),
    answers=("checked_ok", "checked_redo"),
)

REDO = Ladder(
    "check_redo",
    label=_("Do it again"),
    record="check",
    rule="CL-01",
    starts="sent_back_at",
    runs_while={"state": "redo"},
    rungs=(
        Rung(
            "due",
            _("Do again what was sent back"),
            ("check.redo_within",),
            ("{people}", "guide@{place}"),
        ),
        Rung(
            "supervisor",
            _("Tell whoever supervises it"),
            ("check.redo_within", "check.supervisor_after"),
            ("guide_supervisor@{place}",),
        ),
    ),
    answers=("completed",),
)


def _plan(
    name: str, rule: str, template: str, at: str, until: str, by: str, **more: object
) -> Plan:
    """Return the plan of a check in each lobby."""
    gives = {
        "template": f"checklist:{template}",
        "place": Of("_id"),
        "day": Period,
        "hour": Number(at),
        "by": by,
        "due_from": Moment,
        "due_until": Until,
    }
    said = {"every": "day", "for_each": Find("place", kind="lobby"), **more}
    return Plan(name, makes="check.due", at=at, until=until, gives=gives, rule=rule, **said)  # type: ignore[arg-type]


WORKING = {"days": "working"}
RULES = [
    _plan("opening", "O-09", "opening", "opening.from", "opening.by", "guides", **WORKING),
    _plan("closing", "O-10", "closing", "closing.from", "closing.by", "guides", **WORKING),
    _plan(
        "cleaning", "CL-01", "cleaning", "cleaning.from", "cleaning.daily_by", "guides", **WORKING
    ),
    _plan(
        "collective_cleaning",
        "CL-02",
        "collective_cleaning",
        "cleaning.collective_from",
        "cleaning.collective_by",
        "guides",
        every="week",
        weekday="cleaning.collective",
    ),
    # I-01 names two a day and no hours: one before noon, one after.
    _plan(
        "public_area_first",
        "I-01",
        "public_area",
        "inspection.first_from",
        "inspection.first_by",
        "supervisors",
        **WORKING,
    ),
    _plan(
        "public_area_second",
        "I-01",
        "public_area",
        "inspection.second_from",
        "inspection.second_by",
        "supervisors",
        **WORKING,
    ),
]
