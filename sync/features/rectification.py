"""Rectification: what is not in order is put right by a day, or climbs (I, L-L)."""

from sync.declare import Act, Field, Ladder, List, Record, Rung
from sync.posts import FLOOR, SYSTEM
from sync.rules import Day, Each, Follow, Of
from sync.words import _

ISSUERS = ("guide_supervisor", "cs_agent", "cs_supervisor", "cs_manager")
OPEN = {"state": {"$in": ["issued", "acknowledged", "reported_done"]}}
WITH_THEM = {"state": {"$in": ["issued", "acknowledged"]}}

RECTIFICATION = Record(
    "rectification",
    label=_("Rectification notice"),
    many=_("Rectification notices"),
    book="quality",
    icon="flag",
    path="rectification",
    form=("F-27", "F-28"),
    fields=(
        Field("finding", "text", _("What is not in order"), max=200, editable=True, shipped=True),
        Field("words", "text", _("What was seen"), max=600, editable=True),
        Field("check", "link", _("Check"), of=("check",)),
        Field("place", "link", _("Place"), of=("place",)),
        Field("photos", "blobs", _("Photos"), max=6),
        Field("responsible", "link", _("Who puts it right"), of=("person",)),
        Field("limit_on", "day", _("Put right by")),
        Field("done", "text", _("What was done"), max=600),
        Field("done_photos", "blobs", _("Photos of what was done"), max=6),
        Field("reason", "text", _("Why not yet"), max=300),
    ),
    starts_as={"state": "draft"},
    acts=(
        Act(
            "drafted",
            _("Drafted from a check"),
            who=SYSTEM,
            creates=True,
            asks=("finding", "words", "check", "place", "limit_on"),
            needs=("finding", "place"),
            stamps=("drafted_at",),
        ),
        # I-03: a problem gets its notice at once, from a check or without one.
        Act(
            "found",
            _("Write a rectification notice"),
            who=FLOOR,
            creates=True,
            asks=("place", "finding", "words", "photos", "check", "limit_on"),
            needs=("place", "finding"),
            stamps=("drafted_at",),
            icon="plus",
        ),
        Act(
            "issued",
            _("Issue the notice"),
            who=ISSUERS,
            when={"state": "draft"},
            asks=("responsible", "finding", "words", "limit_on", "photos"),
            needs=("responsible", "finding", "limit_on"),
            sets={"state": "issued"},
            stamps=("issued_at",),
            signs=("issued_by",),
            icon="send",
        ),
        Act(
            "dropped",
            _("Nothing to put right"),
            who=ISSUERS,
            when={"state": "draft"},
            asks=("reason",),
            needs=("reason",),
            sets={"state": "dropped"},
            icon="x",
        ),
        Act(
            "acknowledged",
            _("Seen, will be put right"),
            who=("anybody",),
            when={"state": "issued"},
            only_by=("responsible",),
            sets={"state": "acknowledged"},
            stamps=("acknowledged_at",),
            icon="check",
        ),
        Act(
            "reported_done",
            _("Report that it is put right"),
            who=("anybody",),
            when=WITH_THEM,
            only_by=("responsible",),
            asks=("done", "done_photos"),
            needs=("done", "done_photos"),
            sets={"state": "reported_done"},
            stamps=("done_at",),
            icon="camera",
        ),
        # I-09: somebody else looks at it again.
        Act(
            "rechecked_ok",
            _("Looked at again: in order"),
            who=FLOOR,
            when={"state": "reported_done"},
            not_by=("responsible",),
            sets={"state": "closed"},
            stamps=("closed_at",),
            signs=("closed_by",),
            icon="check",
        ),
        Act(
            "recheck_failed",
            _("Looked at again: not in order"),
            who=FLOOR,
            when={"state": "reported_done"},
            not_by=("responsible",),
            asks=("reason", "limit_on"),
            needs=("reason", "limit_on"),
            sets={"state": "issued", "acknowledged_at": None, "done_at": None},
            adds={"failed": 1},
            icon="rotate-ccw",
        ),
        Act(
            "extended",
            _("Give more time"),
            who=ISSUERS,
            when=WITH_THEM,
            asks=("limit_on", "reason"),
            needs=("limit_on", "reason"),
            adds={"extensions": 1},
            icon="calendar-days",
        ),
    ),
    channels=(
        "{place}",
        "{owner}",
        "{responsible}",
        "{told}",
        "post:guide_supervisor",
        "post:cs_supervisor",
        "post:cs_manager",
    ),
    states=(
        ("draft", _("to be issued")),
        ("issued", _("issued")),
        ("acknowledged", _("being put right")),
        ("reported_done", _("to be looked at again")),
        ("closed", _("put right")),
        ("dropped", _("nothing to put right")),
    ),
    title=("finding",),
    line=("place", "responsible", "limit_on"),
    side="state",
    facts=("finding", "words", "place", "responsible", "limit_on"),
    finds=("finding", "words"),
    lists=(
        List("open", by="opened_at", where=OPEN),
        List("of_check", by="opened_at", parts=("check",)),
    ),
    open_when={"state": {"$in": ["draft", *OPEN["state"]["$in"]]}},
    editors=ISSUERS,
    concerns=("responsible",),
)

# L-L: whoever puts it right is urged before the day is over, the supervisor warned when it is,
# then the manager and the general manager hear of it.
LIMIT = Ladder(
    "rectification_limit",
    label=_("Put it right"),
    record="rectification",
    rule="L-L",
    starts="issued_at",
    runs_while=OPEN,
    rungs=(
        Rung(
            "urged",
            _("Put it right in time"),
            (),
            ("{responsible}", "owner"),
            until="limit_on",
            before="rectification.warn_before",
        ),
        Rung(
            "due",
            _("The limit is over: warn"),
            (),
            ("{responsible}", "guide_supervisor@{place}"),
            until="limit_on",
        ),
        Rung(
            "manager",
            _("Tell the customer service manager"),
            ("rectification.manager_after",),
            ("cs_manager",),
            until="limit_on",
        ),
        Rung(
            "gm",
            _("Report to the general manager"),
            ("rectification.manager_after", "rectification.gm_after"),
            ("gm",),
            until="limit_on",
        ),
    ),
    answers=("acknowledged", "reported_done", "rechecked_ok"),
)

# I-09: with each recheck that fails, the next one above hears of it at once.
FAILED = Ladder(
    "rectification_failed",
    label=_("Not put right yet"),
    record="rectification",
    rule="I-09",
    starts="issued_at",
    runs_while=OPEN,
    rungs=(
        Rung(
            "manager",
            _("Tell the customer service manager"),
            tell=("cs_manager",),
            at_least=("failed", "rectification.failed_manager"),
        ),
        Rung(
            "gm",
            _("Report to the general manager"),
            tell=("gm",),
            at_least=("failed", "rectification.failed_gm"),
        ),
    ),
    answers=("reported_done", "rechecked_ok"),
)

# I-03: “at once”; a draft that nobody issues is heard of.
DRAFT = Ladder(
    "rectification_draft",
    label=_("Issue the notice"),
    record="rectification",
    rule="I-03",
    starts="drafted_at",
    runs_while={"state": "draft"},
    rungs=(
        Rung(
            "due",
            _("Issue the notice, or say that there is nothing to put right"),
            ("rectification.issue_within",),
            ("guide_supervisor@{place}",),
        ),
        Rung(
            "manager",
            _("Tell the customer service manager"),
            ("rectification.issue_within", "rectification.manager_after"),
            ("cs_manager",),
        ),
    ),
    answers=("issued", "dropped"),
)

RULES = [
    Follow(
        "finding",
        on=("check.marked", "check.completed"),
        when={"findings": True},
        for_each="ticks",
        answered="no",
        makes="rectification.drafted",
        gives={
            "finding": Each("items"),
            "words": Each("notes"),
            "check": Of("_id"),
            "place": Of("place"),
            "limit_on": Day("rectification.default_limit"),
        },
        rule="I-03",
    ),
    # E-03: a count that differs is settled by somebody: what became of it, or that it was noted.
    Follow(
        "goods_differ",
        on="check.differed",
        when={"tally": "differs"},
        makes="rectification.drafted",
        gives={
            "finding": _("The goods are not as many as there should be"),
            "words": Of("difference"),
            "check": Of("_id"),
            "place": Of("place"),
            "limit_on": Day("rectification.default_limit"),
        },
        rule="E-03",
    ),
]
