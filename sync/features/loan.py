"""Loans of wheelchairs, trolleys and umbrellas to whoever needs one: lent, back, late (E-02)."""

from sync.declare import Act, Field, Ladder, List, Record, Rung
from sync.posts import FLOOR, SYSTEM
from sync.reveals import REVEALED
from sync.rules import Find, Follow, Judge, Of
from sync.words import _

LENT = {"state": "lent"}
COPIED = ("item", "number", "many")  # what the item was called when it was lent
ONE = {"$not": {"many": True}}  # of a stock another one is left
DESK_GUIDES = ("owner", "guide@{place}")

LOAN = Record(
    "loan",
    label=_("Loan"),
    many=_("Loans"),
    book="floor",
    icon="wheelchair",
    path="loan",
    section="loans",
    form=("F-64",),
    fields=(
        Field("equipment", "link", _("Item lent"), of=("equipment",), alone=ONE),
        Field("many", "flag", _("Several alike, lent one by one"), takes=("equipment", "many")),
        Field("item", "text", _("Item"), max=60, takes=("equipment", "name")),
        Field("number", "text", _("Inventory number"), max=40, takes=("equipment", "number")),
        Field("name", "text", _("Borrower"), max=60, private=True, editable=True),
        Field("phone", "phone", _("Borrower's phone"), private=True, editable=True),
        Field("deposit", "text", _("Deposit"), max=60, editable=True),
        Field("place", "link", _("Place"), of=("place",)),
        Field("subject", "link", _("Visit"), of=("arrival",)),
        Field(
            "twice",
            "choice",
            _("Lent twice at once"),
            (("yes", _("lent twice at once")),),
        ),
        Field("words", "text", _("Note"), max=200),
    ),
    starts_as=LENT,
    acts=(
        Act(
            "lent",
            _("Lend"),
            who=FLOOR,
            creates=True,
            asks=("equipment", *COPIED, "name", "phone", "deposit", "place", "subject"),
            needs=("equipment", "name", "place"),
            stamps=("lent_at",),
            icon="wheelchair",
        ),
        Act(
            "returned",
            _("Returned"),
            who=FLOOR,
            when=LENT,
            sets={"state": "returned"},
            stamps=("returned_at",),
            signs=("returned_to",),
            icon="corner-up-left",
        ),
        Act(
            "extended",
            _("Extended once"),
            who=FLOOR,
            when={**LENT, "extended_at": {"$exists": False}},
            asks=("words",),
            stamps=("extended_at",),
            signs=("extended_by",),
            icon="clock",
        ),
        # Of two loans of one chair one names another chair than was taken.
        Act(
            "exchanged",
            _("It is another item"),
            who=FLOOR,
            when=LENT,
            asks=("equipment", *COPIED),
            needs=("equipment",),
            icon="arrow-left-right",
        ),
        Act(
            "damaged",
            _("Returned damaged"),
            who=FLOOR,
            when=LENT,
            asks=("words",),
            needs=("words",),
            sets={"state": "damaged"},
            stamps=("returned_at",),
            signs=("returned_to",),
            icon="circle-alert",
        ),
        Act(
            "lost",
            _("Lost"),
            who=FLOOR,
            when=LENT,
            asks=("words",),
            needs=("words",),
            sets={"state": "lost"},
            stamps=("lost_at",),
            icon="circle-x",
        ),
        Act("doubled", _("Lent twice at once"), who=SYSTEM, sets={"twice": "yes"}),
        Act("single", _("Lent once"), who=SYSTEM, sets={"twice": None}),
        REVEALED,
    ),
    channels=("{place}", "{owner}", "{told}", "post:guide_supervisor", "post:cs_manager"),
    states=(
        ("lent", _("lent out")),
        ("returned", _("returned")),
        ("damaged", _("returned damaged")),
        ("lost", _("lost")),
    ),
    title=("item",),
    line=("number", "twice", "name", "phone"),
    side="state",
    facts=("number", "name", "phone", "lent_at", "place", "owner"),
    finds=("name", "phone", "item", "number"),
    finds_when=LENT,
    lists=(
        List("lent", by="lent_at", where=LENT),
        List("of_item", by="lent_at", parts=("equipment",)),
        List("of_visit", by="lent_at", parts=("subject",)),
    ),
    open_when=LENT,
    editors=FLOOR,
    indexed=("equipment",),
)


def _return_ladder(name: str, starts: str, more: dict[str, object]) -> Ladder:
    """Return the clock of a loan that counts from one moment, while it is not extended or is."""
    return Ladder(
        name,
        label=_("Have it brought back"),
        record="loan",
        rule="E-02",
        starts=starts,
        runs_while={**LENT, **more},
        rungs=(
            Rung("due", _("Ask for it back"), ("equipment.return",), DESK_GUIDES),
            Rung(
                "supervisor",
                _("Tell the guide supervisor"),
                ("equipment.return", "loan.supervisor_after"),
                ("guide_supervisor",),
            ),
        ),
        answers=("returned",),
    )


RETURN = _return_ladder("loan_return", "lent_at", {"extended_at": {"$exists": False}})
EXTENDED = _return_ladder("loan_return_extended", "extended_at", {"extended_at": {"$exists": True}})
OVERNIGHT = Ladder(
    "loan_overnight",
    label=_("Out overnight"),
    record="loan",
    rule="E-02",
    starts="lent_at",
    runs_while=LENT,
    rungs=(Rung("due", _("Still out at closing time"), ("loan.over",), ("guide_supervisor",)),),
    answers=("returned",),
)
TWICE = Ladder(
    "loan_twice",
    label=_("Lent twice at once"),
    record="loan",
    rule="E-02",
    starts="lent_at",
    runs_while={**LENT, "twice": "yes"},
    rungs=(Rung("due", _("Find out who has it"), (), ("owner", "guide_supervisor")),),
    answers=("exchanged", "returned"),
)


def _follow(name: str, state: str, says: str, unsays: str) -> Follow:
    """Return what becomes of the item while a loan of it is in a state."""
    on = ("loan.lent", "loan.returned", "loan.damaged", "loan.lost")
    return Follow(
        name,
        on=on,
        when={"state": state, **ONE},
        to="equipment",
        says=f"equipment.{says}",
        unsays=f"equipment.{unsays}",
        rule="E-02",
    )


RULES = (
    _follow("loan_out", "lent", "lent", "back"),
    _follow("loan_lost", "lost", "missed", "found"),
    _follow("loan_damaged", "damaged", "harmed", "cleared"),
    # Two tablets without a network lend one chair: both loans stand, and both say so.
    Judge(
        "loan_twice",
        of="loan",
        on=("lent",),
        finds=Find("loan", equipment=Of("equipment"), open=True),
        when={**LENT, **ONE},
        says="loan.doubled",
        clears="loan.single",
        rule="E-02",
    ),
)
