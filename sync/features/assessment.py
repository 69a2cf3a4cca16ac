"""Assessments: what somebody has to pass by when, taken before another, and judged (TG)."""

from sync.choices import COURSES
from sync.declare import Act, Field, Ladder, List, Record, Rung
from sync.posts import SYSTEM, TEACHERS
from sync.rules import Day, Each, Find, Follow, Judge, Of
from sync.words import _

KEY = ("person", "kind", "because")
OPEN = {"state": {"$in": ["due", "failed"]}}
NOT_PASSED = {"state": {"$in": ["due", "failed", "expired"]}}
ASSESSORS = (*TEACHERS, "guide_supervisor", "cs_supervisor")

ASSESSMENT = Record(
    "assessment",
    label=_("Assessment"),
    many=_("Assessments"),
    book="people",
    icon="clipboard-check",
    path="assessment",
    form=("F-66",),
    key=KEY,
    fields=(
        Field("person", "link", _("Who"), of=("person",)),
        Field("kind", "choice", _("What is assessed"), COURSES),
        # The training, the course or, of a newcomer, the person: once for each of these.
        Field("because", "link", _("Because of"), of=("training", "course", "person")),
        Field("course", "link", _("Course"), of=("course",)),
        Field("pass", "number", _("Passed from"), takes=("course", "pass"), min=0, max=1_000),
        Field("units", "names", _("Units"), takes=("person", "units")),
        Field("result", "number", _("Result"), min=0, max=1_000),
        Field("words", "text", _("Remark"), max=500),
        Field("valid_until", "day", _("Valid until"), editable=True),
    ),
    starts_as={"state": "due"},
    acts=(
        Act(
            "due",
            _("To be assessed"),
            (*SYSTEM, *ASSESSORS),
            creates=True,
            again=True,
            asks=(*KEY, "course", "pass", "units"),
            needs=KEY,
            stamps=("due_from",),
            icon="clipboard-check",
        ),
        # TG-05, TG-06: nobody assesses themselves; what was failed or runs out is taken again.
        Act(
            "taken",
            _("Enter the result"),
            ASSESSORS,
            not_by=("person",),
            asks=("result", "words"),
            needs=("result",),
            stamps=("taken_at",),
            adds={"tries": 1},
            signs=("taken_by",),
            icon="pencil",
            further=_("Enter the result, try %(n)s"),
        ),
        # TG-10: what is passed holds for a time, so that it is assessed regularly.
        Act(
            "passed",
            _("Passed"),
            SYSTEM,
            asks=("valid_until",),
            sets={"state": "passed"},
            icon="check",
        ),
        Act("failed", _("Not passed"), SYSTEM, sets={"state": "failed"}, icon="x"),
        Act(
            "expired",
            _("No longer valid"),
            SYSTEM,
            when={"state": "passed"},
            sets={"state": "expired"},
            icon="clock",
        ),
    ),
    channels=(
        *("{person}", "{told}", "{owner}", "head@{units}"),
        *("post:hr", "post:cs_manager", "post:guide_supervisor", "post:cs_supervisor"),
    ),
    states=(
        ("due", _("Due")),
        ("failed", _("Not passed")),
        ("passed", _("Passed")),
        ("expired", _("No longer valid")),
    ),
    title=("person",),
    line=("kind", "course", "result"),
    side="state",
    facts=("kind", "course", "result", "due_from"),
    lists=(
        List("open", by="due_from", where=OPEN),
        List("of_person", by="due_from", parts=("person",)),
    ),
    open_when={"state": {"$in": ["due", "failed", "passed", "expired"]}},
    indexed=("person",),
    concerns=("person",),
    editors=TEACHERS,
)

# TG-01, TG-02: a newcomer has a week, and no post before it is passed.
DUE = Ladder(
    "assessment_due",
    label=_("Pass the assessment"),
    record="assessment",
    rule="TG-01",
    starts="due_from",
    runs_while=OPEN,
    rungs=(
        Rung("due", _("Not passed yet"), ("training.new",), ("{person}", "hr")),
        Rung(
            "head", _("Tell the head"), ("training.new", "assessment.head_after"), ("head@{units}",)
        ),
    ),
    answers=("taken",),
)

VALID = Ladder(
    "assessment_valid",
    label=_("Assess anew"),
    record="assessment",
    rule="TG-10",
    starts="valid_until",
    runs_while={"state": {"$in": ["passed", "expired"]}},
    rungs=(
        Rung(
            "soon",
            _("Soon no longer valid"),
            (),
            ("hr", "{person}"),
            before="assessment.warn_before",
        ),
        Rung("over", _("No longer valid"), (), ("hr", "head@{units}"), says="expired"),
        Rung(
            "manager",
            _("Not assessed anew"),
            ("assessment.head_after",),
            ("cs_manager", "head@{units}"),
        ),
    ),
    answers=("taken",),
)

HOLDS = {"valid_until": Day("assessment.valid_for")}
RULES = (
    Follow(
        "newcomer",
        on="person.added",
        makes="assessment.due",
        key=KEY,
        when={"active": True},
        gives={"person": Of("_id"), "kind": "new", "because": Of("_id"), "units": Of("units")},
        rule="TG-01",
    ),
    Follow(
        "training_assessed",
        on="training.held",
        makes="assessment.due",
        for_each="attended",
        key=KEY,
        gives={
            "person": Each("_id"),
            "kind": Of("kind"),
            "because": Of("_id"),
            "course": Of("course"),
            "units": Each("units"),
        },
        rule="TG-02",
    ),
    # TG-02: whoever holds a post that a course is for passes it, those who come later too.
    Follow(
        "course_for_post",
        on="course.published",
        makes="assessment.due",
        when={"state": "active", "posts": {"$exists": True}},
        for_each=Find("person", active=True, posts=Of("posts")),
        key=KEY,
        gives={
            "person": Each("_id"),
            "kind": Of("kind"),
            "because": Of("_id"),
            "course": Of("_id"),
            "units": Each("units"),
        },
        rule="TG-02",
    ),
    # What is not passed, or has run out, stands with the person: the office and every tablet see
    # it before they give somebody a post or a turn.
    Follow(
        "not_qualified",
        on="assessment.due",
        to="person",
        says="person.unqualified",
        unsays="person.qualified",
        when=NOT_PASSED,
        rule="TG-02",
    ),
    Judge(
        "typing_passed",
        of="assessment",
        on=("taken",),
        when={"kind": "typing"},
        reads=("result",),
        less="training.typing",
        says="assessment.failed",
        clears="assessment.passed",
        gives=HOLDS,
        rule="TG-06",
    ),
    Judge(
        "course_passed",
        of="assessment",
        on=("taken",),
        when={"kind": {"$ne": "typing"}},
        reads=("result", "pass"),
        less=True,
        says="assessment.failed",
        clears="assessment.passed",
        gives=HOLDS,
        rule="TG-05",
    ),
)
