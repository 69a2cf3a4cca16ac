"""Receipts: one person has read, or signed, what they must know (F-61; KB-05, DC-02, P-08).

A record for each and no map of the text: two hundred readers would send the text two hundred times.
"""

from sync.declare import Act, Field, Ladder, List, Record, Rung
from sync.posts import SYSTEM
from sync.words import _

DUE = {"state": "due"}
KNOWN = {**DUE, "known_by": {"$exists": True}}

RECEIPT = Record(
    "receipt",
    label=_("Receipt of reading"),
    many=_("To read and sign"),
    book="knowledge",
    icon="signature",
    path="receipt",
    section="receipts",
    form=("F-61",),
    key=("of", "person"),
    fields=(
        Field("title", "text", _("Title"), max=80),
        Field("of", "link", _("What is read"), of=("article", "announcement")),
        Field("person", "link", _("Who reads it"), of=("person",)),
        Field("units", "names", _("Units")),
        Field(
            "how",
            "choice",
            _("How it is confirmed"),
            (("read", _("to be read")), ("sign", _("to be read and signed"))),
        ),
        Field("known_by", "day", _("To be known by")),
        Field("signature", "signature", _("Signature")),
    ),
    starts_as=DUE,
    acts=(
        Act(
            "due",
            _("To be read"),
            who=SYSTEM,
            creates=True,
            again=True,
            asks=("of", "person", "units", "how", "known_by", "title"),
            needs=("of", "person"),
            stamps=("given_at",),
            icon="book-open",
        ),
        Act(
            "read",
            _("I have read it"),
            who=("anybody",),
            when={**DUE, "how": "read"},
            sets={"state": "read"},
            stamps=("read_at",),
            only_by=("person",),
            icon="check",
        ),
        # DC-02: the signature is over the text that was read back, and nobody gives it for
        # somebody else.
        Act(
            "signed",
            _("Sign that I know it"),
            who=("anybody",),
            when={**DUE, "how": "sign"},
            asks=("signature",),
            needs=("signature",),
            sets={"state": "signed"},
            stamps=("read_at",),
            only_by=("person",),
            undo=False,
            icon="signature",
        ),
    ),
    channels=("{person}", "head@{units}", "post:cs_manager", "{told}"),
    states=(("due", _("to be read")), ("read", _("read")), ("signed", _("signed"))),
    title=("title",),
    line=("person", "known_by"),
    side="state",
    facts=("of", "person", "known_by"),
    finds=("title",),
    reads="of",
    stands=True,
    lists=(
        List("due", by="given_at", where=DUE),
        List("of_text", by="given_at", parts=("of",)),
    ),
    open_when=DUE,
    concerns=("person",),
)

READING = Ladder(
    "receipt_due",
    label=_("Read and confirm"),
    record="receipt",
    rule="KB-05",
    starts="given_at",
    runs_while=DUE,
    rungs=(
        Rung(
            "warn",
            _("Read it and confirm"),
            ("receipt.within",),
            ("{person}",),
            before="receipt.warn_before",
        ),
        Rung("over", _("Not read in time"), ("receipt.within",), ("{person}", "head@{units}")),
    ),
    answers=("read", "signed"),
)
KNOW = Ladder(
    "receipt_known",
    label=_("Know it before it starts"),
    record="receipt",
    rule="KB-05",
    starts="given_at",
    runs_while=KNOWN,
    rungs=(
        Rung(
            "warn",
            _("Read it before it starts"),
            tell=("{person}",),
            until="known_by",
            before="receipt.warn_before",
        ),
        Rung("over", _("It starts, and is not known"), (), ("head@{units}",), "known_by"),
    ),
    answers=("read", "signed"),
)
