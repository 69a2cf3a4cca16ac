"""What people must know, and the rules they work by: an article is one version of a text (KB, DC).

No reference record: a tablet holds all of them and searches them without a network (KB-11), but
three thousand of them are nothing that its worker keeps in memory.
"""

from typing import Any

from sync.approvals import approval
from sync.declare import Act, Field, Ladder, List, Record, Rung
from sync.posts import DESK, POSTS, SYSTEM
from sync.rules import Each, Find, Follow, Of
from sync.shipped import Shipped
from sync.shipped.articles import articles
from sync.words import _

# KB-02: departments are asked often, so they write and verify what is theirs themselves.
DEPARTMENTS = ("ops_dept", "medical_affairs", "nursing_dept", "clinical_head", "dept_head")
AUTHORS = (*DESK, "guide_supervisor", *DEPARTMENTS, "gm")
# KB-02, KB-04, KB-06, KB-07: what there must be articles of.
KINDS = (
    ("fact", _("About the hospital")),
    ("route", _("Ways and layout")),
    ("people", _("People")),
    ("expert", _("Experts")),
    ("item", _("Treatments and technical items")),
    ("equipment", _("Devices")),
    ("price", _("Charges")),
    ("policy", _("Policy")),
    ("law", _("Law")),
    ("product", _("Products and services")),
    ("supplier", _("Data of a supplier")),
    ("campaign", _("Campaign or advertisement")),
    ("script", _("Words to say")),
    ("plan", _("Plan for an incident")),
    ("standard", _("Process or standard")),
    ("regulation", _("Regulation")),
)
READING = (("read", _("to be read")), ("sign", _("to be read and signed")))
# Texts that people work by: these are looked over, all others verified.
RULES_OF_WORK = ("regulation", "standard", "script", "plan")
DRAFT, APPROVED, IN_FORCE = ({"state": one} for one in ("draft", "approved", "in_force"))
TEXT = ("title", "words", "photos", "unit", "place", "doctor", "valid_from", "valid_until")
READERS = ("must_read", "audience", "known_by")
# Whom a version is offered to that is not in force: who wrote it, and who approves.
UNPUBLISHED = {"state": {"$in": ["draft", "approved"]}}
PUBLISHED = {"state": {"$in": ["in_force", "expired", "retired"]}}
HOLDS = {**IN_FORCE, "standing": {"$exists": False}}  # and no newer version of it does
MUST_READ = {**HOLDS, "must_read": {"$exists": True}}

ARTICLE = Record(
    "article",
    label=_("Article"),
    many=_("Handbook and rules"),
    book="knowledge",
    icon="book-open",
    path="article",
    section="articles",
    form=("F-63",),
    fields=(
        Field("kind", "choice", _("What it is about"), KINDS),
        Field("title", "text", _("Title"), max=80),
        Field("words", "text", _("Text"), max=12_000),
        Field("photos", "blobs", _("Photos"), max=6),
        Field("unit", "link", _("Department that answers for it"), of=("unit",)),
        Field("place", "link", _("Place"), of=("place",)),  # KB-09: of one place alone
        Field("doctor", "link", _("Doctor"), of=("doctor",)),
        # DC-01: a regulation has a version and a day from which it holds.
        Field("version", "number", _("Version"), min=1, max=999, required={"kind": "regulation"}),
        Field("replaces", "link", _("Replaces"), of=("article",)),
        Field("valid_from", "day", _("Holds from"), required={"kind": "regulation"}),
        Field("valid_until", "day", _("Holds until"), required={"kind": "supplier"}),  # KB-07
        Field("verified_on", "day", _("Verified on")),
        # KB-05: before a campaign starts everybody whom it is for knows its terms.
        Field(
            "must_read",
            "choice",
            _("Staff confirm that they know it"),
            READING,
            required={"kind": "campaign"},
        ),
        Field(
            "audience", "choices", _("By whom"), POSTS, required={"must_read": {"$exists": True}}
        ),
        Field("known_by", "day", _("To be known by"), required={"kind": "campaign"}),
        Field("standing", "choice", _("Standing"), (("replaced", _("replaced by a newer one")),)),
        Field("reason", "text", _("Reason"), max=300),
    ),
    starts_as={"state": "draft"},
    acts=(
        Act(
            "drafted",
            _("Write an article"),
            who=AUTHORS,
            creates=True,
            asks=("kind", *TEXT, "version", "replaces", *READERS),
            needs=("kind", "title", "words"),
            stamps=("drafted_at",),
            signs=("drafted_by",),
            icon="pencil",
        ),
        # The rules that are texts come with the program (sync/profiles/shipped).
        Act(
            "shipped",
            _("Came with the program"),
            who=SYSTEM,
            creates=True,
            asks=("kind", "title", "words", "verified_on"),
            needs=("kind", "title", "words"),
            sets=IN_FORCE,
            stamps=("published_at",),
            icon="book-open",
        ),
        Act(
            "rewritten",
            _("Change the draft"),
            who=AUTHORS,
            when=DRAFT,
            asks=(*TEXT, *READERS),
            only_by=("drafted_by",),
            icon="pencil",
        ),
        # DC-01: who leads approves, and not who wrote it; then the text stands as it was read.
        approval(
            "approved",
            _("Approve"),
            who="cs_manager",
            when={**DRAFT, "kind": {"$nin": ["regulation"]}},
            of=TEXT,
        ),
        approval(
            "enacted",
            _("Approve the regulation"),
            who="gm",
            when={**DRAFT, "kind": "regulation"},
            of=TEXT,
        ),
        Act(
            "published",
            _("Put into force"),
            who=AUTHORS,
            when=APPROVED,
            asks=("verified_on",),
            needs=("verified_on",),
            sets=IN_FORCE,
            stamps=("published_at",),
            icon="megaphone",
        ),
        Act(
            "verified",
            _("Verified: still right"),
            who=AUTHORS,
            when=IN_FORCE,
            asks=("verified_on",),
            needs=("verified_on",),
            adds={"verifications": 1},
            icon="file-check",
        ),
        Act(
            "retired",
            _("Withdraw"),
            who=AUTHORS,
            when=IN_FORCE,
            asks=("reason",),
            needs=("reason",),
            sets={"state": "retired"},
            stamps=("retired_at",),
            icon="trash-2",
        ),
        Act(
            "expired",
            _("Its time is over"),
            who=SYSTEM,
            when={**IN_FORCE, "valid_until": {"$exists": True}},
            sets={"state": "expired"},
            stamps=("expired_at",),
        ),
        Act("replaced", _("Replaced"), who=SYSTEM, sets={"standing": "replaced"}),
        Act("reinstated", _("In force again"), who=SYSTEM, adds={"reinstatements": 1}),
    ),
    channels=(
        ("all", PUBLISHED),
        ("{owner}", UNPUBLISHED),
        ("post:cs_manager", UNPUBLISHED),
        ("post:gm", {**UNPUBLISHED, "kind": "regulation"}),
        "{told}",
    ),
    states=(
        ("in_force", _("in service")),
        ("draft", _("draft")),
        ("approved", _("approved")),
        ("expired", _("expired")),
        ("retired", _("no longer in use")),
    ),
    title=("title",),
    line=("kind", "unit", "place"),
    side="standing",
    facts=("kind", "valid_until", "verified_on", "owner"),
    finds=("title",),
    full_text=("words",),
    finds_when=HOLDS,
    holds_from=("valid_from", "valid_until"),
    # nobody guesses; what the handbook does not say is asked, and answered in time.
    unanswered={"act": "task.raised", "field": "words", "with": {"kind": "ask"}},
    lists=(
        List("in_force", by="published_at", where=IN_FORCE),
        # KB-06: what is changed is the next version, which begins with the text as it stands.
        List("versions", by="opened_at", parts=("replaces",)),
    ),
    open_when=UNPUBLISHED,
    indexed=("audience",),
)

# KB-07 and what else holds for a time: who answers is told before, and then it is over.
EXPIRES = Ladder(
    "article_expires",
    label=_("Holds until"),
    record="article",
    rule="KB-07",
    starts="published_at",
    runs_while={**IN_FORCE, "valid_until": {"$exists": True}},
    rungs=(
        Rung(
            "warn",
            _("It ends soon: write the next version"),
            tell=("owner", "head@{unit}"),
            until="valid_until",
            before="article.warn_before",
        ),
        Rung("over", _("It does not hold any more"), (), ("owner",), "valid_until", says="expired"),
    ),
    answers=("retired",),
)


def _asked_again(
    name: str, label: str, rule: str, of: dict[str, Any], every: str, due: str, *above: Rung
) -> Ladder:
    """Return the clock that asks again, each time so long after it was last found right."""
    rung = Rung("due", due, (every,), ("owner", "head@{unit}"), "verified_on")
    return Ladder(
        f"article_{name}",
        label=label,
        record="article",
        rule=rule,
        starts="published_at",
        runs_while={**HOLDS, "kind": of},
        rungs=(rung, *above),
        answers=("verified", "retired"),
    )


# KB-01, KB-02: departments are asked often, so that what people say to clients stays right.
VERIFY = _asked_again(
    "verify",
    _("Verify"),
    "KB-02",
    {"$nin": [*RULES_OF_WORK]},
    "article.verify_every",
    _("Ask whether it is still right"),
)
# DC-03: rules are looked over and revised at intervals.
REVIEW = _asked_again(
    "review",
    _("Look it over"),
    "DC-03",
    {"$in": [*RULES_OF_WORK]},
    "article.review_every",
    _("Look the rule over, revise it where needed"),
    Rung(
        "manager",
        _("The rule was not looked over"),
        ("article.review_every", "article.review_manager_after"),
        ("cs_manager",),
        "verified_on",
    ),
)

RULES = (
    Follow(
        "article_replaced",
        on="article.published",
        to="replaces",
        says="article.replaced",
        unsays="article.reinstated",
        when={"published_at": {"$exists": True}},
        rule="DC-01",
    ),
    # KB-05, DC-02: whoever must know it has a receipt to give.
    Follow(
        "article_receipts",
        on="article.published",
        makes="receipt.due",
        when={**MUST_READ, "audience": {"$exists": True}},
        for_each=Find("person", active=True, posts=Of("audience")),
        key=("of", "person"),
        gives={
            "of": Of("_id"),
            "title": Of("title"),
            "person": Each("_id"),
            "units": Each("units"),
            "how": Of("must_read"),
            "known_by": Of("known_by"),
        },
        rule="KB-05",
    ),
    # DC-01: a regulation that comes into force is announced.
    Follow(
        "regulation_announced",
        on="article.published",
        makes="announcement.announced",
        when={**IN_FORCE, "kind": "regulation"},
        gives={
            "kind": "regulation",
            "title": Of("title"),
            "article": Of("_id"),
            "from_day": Of("valid_from"),
        },
        rule="DC-01",
    ),
)

SHIPS: tuple[Shipped, ...] = articles("article")
