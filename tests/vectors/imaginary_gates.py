"""Three kinds of the imaginary hospital that use every word of guards once.

A payout needs approvals, a sheet two people who saw the same answer; a task changes hands.
"""

from __future__ import annotations

from sync.declare import Act, Field, Record

LIMIT = 1_000  # up to it a payout needs no director
PROPOSED = {"state": "proposed"}
OPEN = {"state": "open"}
APPROVED = {"approved_at": {"$exists": True}}
DIRECTED = {"directed_at": {"$exists": True}}
SIGNED = {"signed_at": {"$exists": True}}
ANSWERS = (("yes", "Yes"), ("no", "No"), ("na", "Does not apply"))

PAYOUT = Record(
    "payout",
    label="Payout",
    fields=(
        Field("amount", "number", "Amount", min=0, editable=True),
        Field("band", "choice", "Band", (("low", "Low"), ("high", "High"))),
        Field("proposed_by", "link", "Proposed by"),
        Field("note", "text", "Note", editable=True),
        Field("to", "link", "To"),
    ),
    starts_as=PROPOSED,
    acts=(
        Act(
            "proposed",
            "Proposed",
            who=("guide",),
            creates=True,
            asks=("amount", "note"),
            needs=("amount",),
            signs=("proposed_by",),
        ),
        Act("changed", "Changed", who=("guide",), when=PROPOSED, asks=("amount",)),
        Act("adjusted", "Adjusted", who=("guide",), asks=("amount", "note")),
        Act("banded", "Banded", who=("system",), asks=("band",), rests_on=("amount",)),
        Act(
            "approved",
            "Approved",
            who=("deputy",),
            when={**PROPOSED, "band": {"$in": ["low", "high"]}},
            not_by=("proposed_by",),
            rests_on=("amount", "band"),
            stamps=("approved_at",),
            signs=("approved_by",),
            gate=True,
            undo=False,
        ),
        Act(
            "directed",
            "Directed",
            who=("director",),
            when={**PROPOSED, **APPROVED},
            not_by=("proposed_by", "approved_by"),
            rests_on=("amount", "band"),
            stamps=("directed_at",),
            signs=("directed_by",),
            gate=True,
            undo=False,
        ),
        Act(
            "told",
            "Told",
            who=("guide",),
            when={
                **PROPOSED,
                **APPROVED,
                "$or": [{"band": "low"}, {"band": "high", **DIRECTED}],
            },
            only_by=("owner",),
            rests_on=("amount", "proposed_by"),
            sets={"state": "told"},
            stamps=("told_at",),
            gate=True,
            undo=False,
        ),
        Act(
            "returned",
            "Returned",
            who=("deputy",),
            when=PROPOSED,
            sets={"approved_at": None, "directed_at": None},
        ),
        Act("given", "Given", who=("guide",), asks=("to",), needs=("to",), gives_to="to"),
        Act("taken", "Taken", who=("guide",), takes_over=True),
    ),
    channels=("all",),
    deciders=("director",),
)

SHEET = Record(
    "sheet",
    label="Sheet",
    fields=(
        Field("answer", "choice", "Answer", ANSWERS, editable=True),
        Field("why", "text", "Why", editable=True),
    ),
    acts=(
        Act("opened", "Opened", who=("guide",), creates=True, again=True, asks=("answer",)),
        Act("answered", "Answered", who=("guide",), when=OPEN, asks=("answer", "why")),
        Act(
            "signed",
            "Signed",
            who=("guide",),
            when=OPEN,
            rests_on=("answer",),
            stamps=("signed_at",),
            signs=("signed_by",),
            gate=True,
            undo=False,
        ),
        Act(
            "closed",
            "Closed",
            who=("guide",),
            when={**OPEN, **SIGNED},
            not_by=("signed_by",),
            rests_on=("answer",),
            sets={"state": "closed"},
            stamps=("closed_at",),
            gate=True,
            undo=False,
        ),
    ),
    channels=("all",),
)

TASK = Record(
    "task",
    label="Task",
    fields=(
        Field("person", "link", "Person"),
        Field("others", "names", "Others"),
        Field("owner", "link", "Owner"),
        Field("to", "link", "To", editable=True),
        Field("why", "text", "Why", editable=True),
        Field("agreed", "flag", "Agreed"),
    ),
    acts=(
        Act(
            "made",
            "Made",
            who=("anybody",),
            creates=True,
            asks=("person", "others", "owner", "why"),
            needs=("why",),
        ),
        Act(
            "agreed",
            "Agreed",
            who=("guide",),
            only_by=("person", "others"),
            asks=("agreed",),
            needs=("agreed",),
        ),
        Act(
            "objected",
            "Objected",
            who=("guide",),
            not_by=("person",),
            asks=("why",),
            stamps=("objected_at",),
        ),
        Act("given", "Given", who=("guide",), asks=("to",), needs=("to",), gives_to="to"),
        Act("taken", "Taken", who=("guide",), takes_over=True),
        Act("fixed", "Fixed", who=("guide",), stamps=("fixed_at",), undo=False),
        Act(
            "done",
            "Done",
            who=("guide",),
            when=OPEN,
            sets={"state": "done"},
            stamps=("done_at",),
        ),
        Act(
            "sealed",
            "Sealed",
            who=("guide",),
            when=OPEN,
            rests_on=("why",),
            sets={"state": "sealed"},
            stamps=("sealed_at",),
            gate=True,
            undo=False,
        ),
        Act("expired", "Expired", who=("system",), when=OPEN, sets={"state": "expired"}),
    ),
    channels=("{owner}",),
)

KINDS = (PAYOUT, SHEET, TASK)
