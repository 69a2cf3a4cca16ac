"""Checks: a checklist walked at a place, by one person or several (O, CL, I, G)."""

from typing import Any

from sync import sheets
from sync.declare import Act, Field, Ladder, List, Record, Rung
from sync.posts import FLOOR, SYSTEM
from sync.rule_values import Value
from sync.rules import Find, InTurn, Judge, Moment, Number, Of, Period, Plan, Until
from sync.words import _

SUPERVISORS = ("guide_supervisor", "cs_supervisor", "cs_manager", "team_leader")
KEY = ("template", "place", "day", "hour")
TAKEN = ("items", "goods", "should", "version", "review", "findings")
SHEET = ("ticks", "notes", "counts", "difference", "photos", *TAKEN)
# A sheet is filled by several tablets at once: that somebody began is a stamp and moves nothing.
UNDONE = {"state": {"$in": ["due", "redo"]}}
TO_REVIEW = {"state": "to_review"}
OPEN_PLACES = {"state": "active"}
HAS_GOODS = {"goods": {"$exists": True}}

CHECK = Record(
    "check",
    label=_("Check"),
    many=_("Checks"),
    book="quality",
    icon="clipboard-check",
    path="check",
    form=("F-07", "F-26", "F-27", "F-31", "F-32"),
    key=KEY,
    fields=(
        sheets.template("checklist", "check"),
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
        Field(
            "counts",
            "counts",
            _("Counted"),
            items="goods",
            min=0,
            max=999,
            shown_when=HAS_GOODS,
        ),
        Field(
            "should",
            "counts",
            _("How many there should be"),
            items="goods",
            min=0,
            max=999,
            takes=("template", "should"),
        ),
        Field(
            "difference",
            "text",
            _("What is missing or too many, and why"),
            max=300,
            shown_when=HAS_GOODS,
        ),
        Field(
            "tally",
            "choice",
            _("Last count"),
            (("same", _("complete")), ("differs", _("not the number it should be"))),
        ),
        Field("photos", "blobs", _("Photos"), max=9),
        Field("reason", "text", _("What to do again"), max=300),
    ),
    starts_as={"state": "due"},
    acts=(
        sheets.due(KEY, "by", "people"),
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
            needs_all=("ticks", "counts"),
            sets={"state": "complete", "sent_back_at": None},
            instead=({"review": True}, TO_REVIEW),
            stamps=("completed_at",),
            signs=("completed_by",),
            icon="clipboard-check",
        ),
        sheets.marked(SHEET, FLOOR, UNDONE),
        # E-03: what differs becomes a notice, so that somebody says what became of it.
        Act("tallied", _("The count agrees"), who=SYSTEM, sets={"tally": "same"}),
        Act("differed", _("The count differs"), who=SYSTEM, sets={"tally": "differs"}),
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
    name: str,
    rule: str,
    template: str,
    at: str,
    until: str,
    by: str = "guides",
    people: Value | None = None,
    **more: Any,
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
        **({"people": people} if people else {}),
    }
    said = {"every": "day", "for_each": Find("place", kind="lobby"), "when": OPEN_PLACES, **more}
    return Plan(name, makes="check.due", at=at, until=until, gives=gives, rule=rule, **said)


WORKING: dict[str, Any] = {"days": "working"}
RULES = [
    _plan("opening", "O-09", "opening", "opening.from", "opening.by", **WORKING),
    _plan("closing", "O-10", "closing", "closing.from", "closing.by", **WORKING),
    _plan("readiness", "G-26", "desk_readiness", "readiness.from", "readiness.by", **WORKING),
    # E-03: counted when the first shift begins (O-05), when one takes over, and when the last ends.
    _plan("goods", "E-03", "goods", "goods.from", "goods.by", **WORKING),
    _plan(
        "cleaning",
        "CL-01",
        "cleaning",
        "cleaning.from",
        "cleaning.daily_by",
        people=InTurn("cleaners"),
        **WORKING,
    ),
    _plan(
        "collective_cleaning",
        "CL-02",
        "collective_cleaning",
        "cleaning.collective_from",
        "cleaning.collective_by",
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
    Judge(
        "check_tally",
        of="check",
        on=("completed",),
        reads=("counts", "should"),
        same=True,
        says="check.tallied",
        clears="check.differed",
        rule="E-03",
    ),
]
