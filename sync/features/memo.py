"""Memos: what is said upwards in writing, and answered by whom it is addressed to (F-14; MT-03).

Opinions of staff are not spread (HR-05): the author and the addressee have it, and nobody else.
"""

from sync.declare import Act, Field, Ladder, List, Record, Rung
from sync.words import _

RAISED, OPEN = {"state": "raised"}, {"state": {"$in": ["raised", "read"]}}

MEMO = Record(
    "memo",
    label=_("Memo"),
    many=_("Memos and proposals"),
    book="cases",
    icon="send",
    path="memo",
    section="memos",
    form=("F-14",),
    fields=(
        Field(
            "kind",
            "choice",
            _("What it is"),
            (
                ("common_problem", _("Problem that comes again and again")),
                ("suggestion", _("Suggestion")),
                ("opinion", _("Opinion")),
                ("hidden_conflict", _("Hidden conflict")),
                ("objection", _("Objection")),
                ("rest_unused", _("Days off not taken")),
            ),
        ),
        Field("to", "link", _("To whom"), of=("person",)),
        Field("subject", "text", _("Subject"), max=80),
        Field("reason", "text", _("What is the case"), max=2_000),
        Field("proposal", "text", _("Proposal"), max=2_000),
        Field("about", "link", _("About")),
        Field("answer", "text", _("Answer"), max=2_000),
    ),
    starts_as=RAISED,
    acts=(
        Act(
            "raised",
            _("Write a memo"),
            who=("anybody",),
            creates=True,
            asks=("kind", "to", "subject", "reason", "proposal", "about"),
            needs=("kind", "to", "subject", "reason"),
            stamps=("raised_at",),
            signs=("raised_by",),
            icon="send",
        ),
        Act(
            "answered",
            _("Answer"),
            who=("anybody",),
            when=OPEN,
            asks=("answer",),
            needs=("answer",),
            sets={"state": "answered"},
            stamps=("answered_at",),
            only_by=("to",),
            icon="message-square-text",
        ),
        Act(
            "read",
            _("I have read it"),
            who=("anybody",),
            when=RAISED,
            sets={"state": "read"},
            stamps=("read_at",),
            only_by=("to",),
            icon="eye",
        ),
        Act(
            "closed",
            _("Close it"),
            who=("anybody",),
            when={"state": "answered"},
            sets={"state": "closed"},
            stamps=("closed_at",),
            only_by=("raised_by",),
            icon="check",
        ),
    ),
    channels=("{owner}", "{to}", "{told}"),  # told: who stands in for an addressee that left
    states=(
        ("raised", _("not read")),
        ("read", _("read")),
        ("answered", _("answered")),
        ("closed", _("closed")),
    ),
    title=("subject",),
    line=("kind", "to"),
    side="state",
    facts=("kind", "subject", "to", "answer"),
    finds=("subject", "reason"),
    lists=(List("open", by="raised_at", where=OPEN),),
    open_when=OPEN,
)

ANSWER = Ladder(
    "memo_answer",
    label=_("Answer the memo"),
    record="memo",
    rule="MT-03",
    starts="raised_at",
    runs_while=OPEN,
    rungs=(
        Rung("due", _("Answer the memo"), ("memo.answer_within",), ("{to}",)),
        Rung(
            "again",
            _("The memo has no answer"),
            ("memo.answer_within", "memo.again_after"),
            ("{to}", "owner"),
            again="memo.again_after",
        ),
    ),
    answers=("answered",),
)
