"""Tasks: what somebody must do, or must know, by a day; and what a meeting left to do (MT-03)."""

from sync.declare import Act, Field, Ladder, List, Record, Rung
from sync.posts import DESK, POSTS
from sync.words import _

OPEN = {"state": {"$in": ["raised", "proposed", "assigned", "handed_over"]}}
BY_A_DAY = {**OPEN, "limit_day": {"$exists": True}}
QUESTION = {**OPEN, "kind": "ask"}
BY_ITSELF = {**OPEN, "limit_day": {"$exists": False}, "kind": {"$nin": ["ask"]}}
ANYBODY = ("anybody",)

TASK = Record(
    "task",
    label=_("Task"),
    many=_("Tasks"),
    book="knowledge",
    icon="list-checks",
    path="task",
    section="tasks",
    fields=(
        Field(
            "kind",
            "choice",
            _("What is asked"),
            (
                ("do", _("to be done")),
                ("know", _("to be known")),
                ("ask", _("a question to be answered")),
            ),
        ),
        Field("words", "text", _("What it is"), max=600, editable=True),
        Field("meeting", "link", _("Meeting"), of=("meeting",)),
        Field(
            "item", "text", _("Which point of the minutes"), max=60
        ),  # of the meeting's: its key in the minutes
        Field("subject", "link", _("About")),
        Field("ward", "link", _("Ward"), of=("place",)),  # where it was heard: told back there
        Field("proposal", "text", _("Proposal"), max=600),
        Field("person", "link", _("Who does it"), of=("person",)),
        Field("post", "choice", _("Or whoever is"), POSTS),
        Field("unit", "link", _("Department"), of=("unit",)),
        Field("limit_day", "day", _("By when")),
        Field("result", "text", _("How it came out"), max=600),
        # MT-03: to whom the hospital hands what a department cannot solve.
        Field(
            "solver",
            "link",
            _("Who solves what stays"),
            of=("person",),
            takes=("unit", "unresolved"),
        ),
        Field("to", "link", _("Handed over to"), of=("person",)),
        Field("reason", "text", _("Reason"), max=300),
    ),
    starts_as={"state": "raised", "kind": "do"},
    acts=(
        Act(
            "raised",
            _("Enter a task"),
            who=ANYBODY,
            creates=True,
            asks=(
                *("words", "kind", "person", "post", "unit", "limit_day"),
                *("meeting", "subject", "ward", "proposal", "item", "solver"),
            ),
            needs=("words",),
            stamps=("raised_at",),
            icon="plus",
        ),
        Act(
            "done",
            _("Done"),
            who=ANYBODY,
            when=OPEN,
            asks=("result",),
            sets={"state": "done"},
            stamps=("done_at",),
            signs=("done_by",),
            icon="check",
        ),
        Act(
            "assigned",
            _("Give it to somebody"),
            who=ANYBODY,
            when=OPEN,
            asks=("person", "unit", "limit_day", "solver"),
            needs=("person",),
            sets={"state": "assigned"},
            stamps=("assigned_at",),
            icon="user-round",
        ),
        # MT-03: what the group cannot solve goes up with a proposal that can be carried out.
        Act(
            "proposed",
            _("Propose how"),
            who=ANYBODY,
            when=OPEN,
            asks=("proposal",),
            needs=("proposal",),
            sets={"state": "proposed"},
            stamps=("proposed_at",),
            icon="message-square-text",
        ),
        Act(
            "handed_over",
            _("Hand over: it cannot be solved here"),
            who=ANYBODY,
            when={**OPEN, "proposal": {"$exists": True}},
            asks=("to", "reason"),
            needs=("to", "reason"),
            sets={"state": "handed_over"},
            stamps=("handed_over_at",),
            signs=("handed_over_by",),
            gives_to="to",
            icon="arrow-up",
        ),
        Act(
            "urged",
            _("Urge"),
            who=ANYBODY,
            when=OPEN,
            adds={"urged": 1},
            icon="bell-ring",
        ),
        Act(
            "dropped",
            _("Drop it"),
            who=(*DESK, "guide_supervisor"),
            when=OPEN,
            asks=("reason",),
            needs=("reason",),
            sets={"state": "dropped"},
            stamps=("dropped_at",),
            icon="x",
        ),
    ),
    channels=(
        "{owner}",
        "{person}",
        "{to}",
        "{solver}",
        "{ward}",
        "head@{unit}",
        "post:cs_manager",
        "{told}",
        *((f"post:{post}", {"post": post}) for post, _label in POSTS),
    ),
    states=(
        ("raised", _("open")),
        ("assigned", _("given out")),
        ("proposed", _("with a proposal")),
        ("handed_over", _("handed over")),
        ("done", _("finished")),
        ("dropped", _("dropped")),
    ),
    title=("words",),
    line=("person", "unit", "limit_day"),
    side="state",
    facts=("words", "person", "limit_day", "proposal", "owner"),
    finds=("words", "proposal"),
    lists=(
        List("open", by="raised_at", where=OPEN),
        List("of_meeting", by="raised_at", parts=("meeting",)),
        List("about", by="raised_at", parts=("subject",)),
    ),
    open_when=OPEN,
    editors=DESK,
    concerns=("person",),
)

TELL = ("{person}", "owner")
DUE = Ladder(
    "task_due",
    label=_("Do it by"),
    record="task",
    rule="MT-03",
    starts="raised_at",
    runs_while=BY_A_DAY,
    rungs=(
        Rung("warn", _("Do it: its day comes"), (), TELL, "limit_day", "task.remind_before"),
        Rung("over", _("Its day is over"), (), ("{person}", "head@{unit}"), "limit_day"),
        Rung(
            "manager",
            _("Still not done"),
            ("task.manager_after",),
            ("cs_manager",),
            "limit_day",
        ),
    ),
    answers=("done", "handed_over"),
)
# whoever waits for an answer has one in time, which counts from the question on.
ANSWER = Ladder(
    "task_answer",
    label=_("Answer the question"),
    record="task",
    rule="Q-10",
    starts="raised_at",
    runs_while=QUESTION,
    rungs=(
        Rung("warn", _("Answer soon: somebody waits"), ("inquiry.warn_after",), TELL),
        Rung(
            "over",
            _("No answer: somebody waits"),
            ("inquiry.reply_within",),
            ("head@{unit}", "cs_supervisor"),
        ),
        Rung("manager", _("Still no answer"), ("inquiry.manager_after",), ("cs_manager",)),
    ),
    answers=("done",),
)
# L-M: a problem that the group does not solve is not forgotten although nobody gave it a day.
UNRESOLVED = Ladder(
    "task_unresolved",
    label=_("Solve it or hand it over"),
    record="task",
    rule="L-M",
    starts="raised_at",
    runs_while=BY_ITSELF,
    rungs=(
        Rung("due", _("Solve it, or propose how"), ("task.default_limit",), (*TELL, "head@{unit}")),
        Rung(
            "manager",
            _("Unsolved: hand it over"),
            ("task.default_limit", "task.manager_after"),
            ("cs_manager",),
        ),
        Rung(
            "top",
            _("Still unsolved: to whom the hospital named for it"),
            ("task.default_limit", "task.manager_after", "task.top_after"),
            ("{solver}", "head@{unit}"),
        ),
    ),
    answers=("done", "proposed", "handed_over"),
)
