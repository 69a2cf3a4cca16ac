"""Announcements: what is told to everybody, or to some, in time (F-16; N-05, N-09, DC-01)."""

from sync.approvals import approval
from sync.declare import Act, Field, Ladder, List, Record, Rung
from sync.posts import DESK, POSTS, SYSTEM
from sync.rules import Each, Find, Follow, Of
from sync.words import _

DEPARTMENTS = ("ops_dept", "medical_affairs", "nursing_dept", "hr")
AUTHORS = (*DESK, "guide_supervisor", *DEPARTMENTS, "gm")
KINDS = (
    ("activity", _("Activity of the house")),
    ("duty", _("Duty roster and hours")),
    ("calendar", _("Days off and made up for")),
    ("business", _("Business")),
    ("campaign", _("Campaign")),
    ("regulation", _("Regulation")),
    ("personnel", _("Personnel, rewards and penalties")),
)
DRAFT, APPROVED, PUBLISHED = ({"state": one} for one in ("draft", "approved", "published"))
UNPUBLISHED = {"state": {"$in": ["draft", "approved"]}}
SHOWN = {"state": {"$in": ["published", "over", "withdrawn"]}}
TEXT = ("title", "words", "photos", "from_day", "until_day", "unit", "people", "article")
OF_SOME = {"must_read": {"$exists": True}, "unit": {"$exists": False}}
HOLDS = {**PUBLISHED, "standing": {"$exists": False}}  # and none that changes it does
MUST_READ = {**HOLDS, "must_read": {"$exists": True}}
RECEIPT = {
    "of": Of("_id"),
    "title": Of("title"),
    "person": Each("_id"),
    "units": Each("units"),
    "how": Of("must_read"),
    "known_by": Of("known_by"),
}

ANNOUNCEMENT = Record(
    "announcement",
    label=_("Announcement"),
    many=_("Announcements"),
    book="knowledge",
    icon="megaphone",
    path="announcement",
    section="announcements",
    form=("F-16",),
    fields=(
        Field("kind", "choice", _("What is announced"), KINDS),
        Field("title", "text", _("Title"), max=80, shipped=True),
        Field("words", "text", _("Text"), max=4_000),
        Field("photos", "blobs", _("Photos"), max=4),
        Field(
            "from_day",
            "day",
            _("Begins on"),
            required={"kind": {"$in": ["activity", "duty"]}},
        ),
        Field("until_day", "day", _("Until")),
        Field("unit", "link", _("For this department alone"), of=("unit",)),
        Field("people", "people", _("Whom it names"), max=20),
        Field("article", "link", _("Text in the handbook"), of=("article",)),
        # N-09: what was announced stands; a change of it is announced for itself.
        Field("replaces", "link", _("Replaces"), of=("announcement",)),
        Field("standing", "choice", _("Standing"), (("replaced", _("replaced by a newer one")),)),
        Field(
            "must_read",
            "choice",
            _("Staff confirm that they know it"),
            (("read", _("to be read")), ("sign", _("to be read and signed"))),
            required={"kind": "campaign"},
        ),
        Field("audience", "choices", _("By whom"), POSTS, required=OF_SOME),
        Field("known_by", "day", _("To be known by"), required={"kind": "campaign"}),
        Field("reason", "text", _("Reason"), max=300),
    ),
    starts_as={"state": "draft"},
    acts=(
        Act(
            "drafted",
            _("Write an announcement"),
            who=AUTHORS,
            creates=True,
            asks=("kind", *TEXT, "replaces", "must_read", "audience", "known_by"),
            needs=("kind", "title", "words"),
            stamps=("drafted_at",),
            signs=("drafted_by",),
            icon="pencil",
        ),
        # N-09, DC-01: what follows from a roster or a regulation is announced by itself.
        Act(
            "announced",
            _("Announced"),
            who=SYSTEM,
            creates=True,
            asks=("kind", "title", "words", "article", "unit", "from_day", "until_day"),
            needs=("kind", "title"),
            sets=PUBLISHED,
            stamps=("published_at",),
            icon="megaphone",
        ),
        Act(
            "rewritten",
            _("Change the draft"),
            who=AUTHORS,
            when=DRAFT,
            asks=(*TEXT, "must_read", "audience", "known_by"),
            only_by=("drafted_by",),
            icon="pencil",
        ),
        approval(
            "approved",
            _("Approve"),
            who="cs_manager",
            when={**DRAFT, "kind": {"$nin": ["personnel"]}},
            of=TEXT,
        ),
        approval(
            "decreed",
            _("Approve what is about people"),
            who="gm",
            when={**DRAFT, "kind": "personnel"},
            of=TEXT,
        ),
        Act(
            "published",
            _("Publish"),
            who=AUTHORS,
            when=APPROVED,
            sets=PUBLISHED,
            stamps=("published_at",),
            icon="megaphone",
        ),
        Act(
            "withdrawn",
            _("Withdraw"),
            who=AUTHORS,
            when=PUBLISHED,
            asks=("reason",),
            needs=("reason",),
            sets={"state": "withdrawn"},
            stamps=("withdrawn_at",),
            icon="trash-2",
        ),
        Act(
            "ended",
            _("Over"),
            who=SYSTEM,
            when={**PUBLISHED, "until_day": {"$exists": True}},
            sets={"state": "over"},
            stamps=("ended_at",),
        ),
        Act("replaced", _("Replaced"), who=SYSTEM, sets={"standing": "replaced"}),
        Act("reinstated", _("In force again"), who=SYSTEM, adds={"reinstatements": 1}),
    ),
    channels=(
        ("all", {**SHOWN, "unit": {"$exists": False}}),
        ("{unit}", SHOWN),
        ("{people}", SHOWN),
        "{owner}",
        "post:cs_manager",
        *((f"post:{post}", {"kind": "personnel"}) for post in ("gm", "hr")),
        "{told}",
    ),
    states=(
        ("published", _("published")),
        ("draft", _("draft")),
        ("approved", _("approved")),
        ("over", _("over")),
        ("withdrawn", _("withdrawn")),
    ),
    title=("title",),
    line=("kind", "unit", "from_day"),
    side="state",
    facts=("kind", "from_day", "unit", "owner"),
    finds=("title",),
    full_text=("words",),
    finds_when=HOLDS,
    holds_from=("from_day", "until_day"),
    reads="article",
    lists=(
        List("published", by="published_at", where=PUBLISHED),
        List("changes", by="opened_at", parts=("replaces",)),
    ),
    open_when=UNPUBLISHED,
    indexed=("audience", "unit"),
)

# N-05: an activity of the house is announced to everybody in time, and not on its day.
IN_TIME = Ladder(
    "announcement_in_time",
    label=_("Announce in time"),
    record="announcement",
    rule="N-05",
    starts="drafted_at",
    runs_while={**UNPUBLISHED, "from_day": {"$exists": True}},
    rungs=(
        Rung(
            "warn",
            _("Publish it: it begins soon"),
            tell=("owner", "cs_manager"),
            until="from_day",
            before="announcement.before",
        ),
        Rung("late", _("It has begun and is not announced"), (), ("cs_manager",), "from_day"),
    ),
    answers=("approved", "published"),
)
OVER = Ladder(
    "announcement_over",
    label=_("Until"),
    record="announcement",
    rule="N-05",
    starts="published_at",
    runs_while={**PUBLISHED, "until_day": {"$exists": True}},
    rungs=(Rung("over", _("It is over"), (), ("owner",), "until_day", says="ended"),),
)

RULES = (
    Follow(
        "announcement_receipts",
        on="announcement.published",
        makes="receipt.due",
        when={**MUST_READ, "audience": {"$exists": True}, "unit": {"$exists": False}},
        for_each=Find("person", active=True, posts=Of("audience")),
        key=("of", "person"),
        gives=RECEIPT,
        rule="KB-05",
    ),
    Follow(
        "announcement_receipts_of_unit",
        on="announcement.published",
        makes="receipt.due",
        when={**MUST_READ, "unit": {"$exists": True}},
        for_each=Find("person", active=True, units=Of("unit")),
        key=("of", "person"),
        gives=RECEIPT,
        rule="KB-05",
    ),
    Follow(
        "announcement_replaced",
        on="announcement.published",
        to="replaces",
        says="announcement.replaced",
        unsays="announcement.reinstated",
        when=SHOWN,
        rule="N-09",
    ),
    # N-09: days off and made up for that are changed are announced for themselves.
    Follow(
        "hours_announced",
        on="calendar.changed",
        makes="announcement.announced",
        gives={
            "kind": "calendar",
            "title": _("Days off and made up for have changed"),
            "words": Of("reason"),
        },
        rule="N-09",
    ),
)
