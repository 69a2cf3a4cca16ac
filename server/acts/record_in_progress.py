"""A record during one transaction: acts are added to it in memory before it is written."""

from __future__ import annotations

import hashlib

import orjson

from server.acts import attachment_stubs, effects, reached_rungs, timers
from server.acts.verdict import belongs_after
from server.base import pinyin
from server.database.store import Store, Stored
from sync import fold, search_words, statements
from sync.act import Act
from sync.check_act import Declarations, Record

ID_BYTES = 16  # of a revision's MD5
# Members that no act sets; `due_at` too where a kind has ladders. Before version 0150 of the tables
# a record had its pinyin in it; now both ends make what it is found by.
DERIVED = ("_rev", "pinyin", attachment_stubs.MEMBER)


class RecordInProgress:
    """A record while acts are added; one that belongs earlier makes it fold from the beginning."""

    def __init__(
        self, identifier: str, stored: Stored | None, declarations: Declarations, store: Store
    ) -> None:
        self.id = identifier
        self.stored = stored
        self.new: list[Act] = []
        self.touched = False
        self.offered: set[str] = set()  # channels it was in during the transaction, as far as asked
        self.fitting: list[Act] = []  # new acts that took effect, unless the record is folded again
        self.timers: list[timers.TimerRow] | None = None  # those it will have; None without ladders
        self._late = False
        self._declarations = declarations
        self._store = store
        self._withdrawn: set[str] = set()
        self._has_acts = stored is not None  # else there is nothing to ask for
        self._acts: list[bytes] | None = None  # its stored acts, when they were read already
        self._record: Record | None = None
        self.words: str | None = None  # what a search finds it by, once it is `written`
        self._pinyin: str | None = None  # of a record as earlier versions wrote it
        self.attached: attachment_stubs.Stubs = {}
        if stored is not None:
            body = orjson.loads(stored.body)
            self.attached = attachment_stubs.stubs(body)
            self._pinyin = body.get("pinyin")
            self._record = bare(declarations, body)
        self.before = self._record
        # By `get`: a damaged one is folded again from its acts.
        stored_state = (self._record or {}).get("state", "unknown")
        self.is_made: bool = stored_state != "unknown"
        self.questions = len((self._record or {}).get("unsettled", ()))  # open before
        self._stored_acts_n = int((self._record or {}).get("acts", {}).get("n", 0))
        self.size = 0 if stored is None else len(stored.body)
        self.rewound = False  # a new act changed what was the case earlier

    @property
    def record(self) -> Record | None:
        """The record as of all its acts; None before the first."""
        if self._late:
            self._record = fold.fold(self._declarations, self.all_acts())
            self._late = False
        return self._record

    def all_acts(self) -> list[Act]:
        """Return its acts, stored ones and those of this transaction."""
        return [*self.stored_acts(), *self.new]

    def stored_acts(self) -> list[Act]:
        """Return the acts it had before this transaction."""
        if self._acts is None:
            acts = self._store.acts_of([self.id]) if self._has_acts else {}
            self._acts = acts.get(self.id, [])
        return [act for act in map(orjson.loads, self._acts) if act["_id"] not in self._withdrawn]

    @property
    def acts_at_last(self) -> int:
        """How many acts it will have, as far as is known without folding."""
        return len(self.new) + self._stored_acts_n

    @property
    def is_late(self) -> bool:
        """Say whether it will have to be folded from the beginning."""
        return self._late

    def add(self, act: Act) -> None:
        """Add an act, wherever in the order it belongs."""
        self.touched = True
        self.new.append(act)
        self.rewound |= act["act"].partition(".")[2] in reached_rungs.ABOUT
        declarations = self._declarations
        declared = declarations["acts"].get(act["act"])
        self.is_made |= declared is not None and bool(declared["creates"])
        self.size += len(orjson.dumps(act["data"]))
        if self._late:
            return
        is_simple = statements.is_simple(self._record, act)
        if is_simple and (self._record is None or belongs_after(declarations, act, self._record)):
            self._record = fold.apply(declarations, self._record, act)
            if effects.fits(self._record["acts"]["recent"][-1]):
                self.fitting.append(act)
        else:
            self._late = self.rewound = True

    def withdraw(self, act: str) -> None:
        """Take an act out again: it is none of the record's."""
        self._withdrawn.add(act)
        self.new = [one for one in self.new if one["_id"] != act]
        self.touched = self._late = self.rewound = True

    def fold_again(self, acts: list[bytes] | None = None) -> None:
        """Fold the record from its acts anew; `acts` are the stored ones, if read already."""
        self._acts, self._has_acts = acts, True
        self.touched = self._late = True

    def written(self, record: Record) -> tuple[bytes, bytes]:
        """Return a record's JSON without a revision, and that one's MD5; note its search words.

        A record in which nothing else changed keeps the pinyin that an earlier version wrote: a new
        revision of every record would send each tablet all of them.
        """
        self.words = self._search_words(record)
        plain, digest = _encoded(record)
        if self.stored is not None and self._pinyin is not None:
            as_before = _encoded({**record, "pinyin": self._pinyin})
            if self.stored.history[:ID_BYTES] == as_before[1]:
                return as_before
        return plain, digest

    def _search_words(self, record: Record) -> str | None:
        """Return what a search finds the record by; what is folded again is spelt again as well."""
        texts = _read_by_search(self._declarations, record)
        stored, before = self.stored, self.before
        if stored is None or before is None or not self.new:
            return pinyin.found_by(*texts) or None
        if texts == _read_by_search(self._declarations, before):
            return stored.words
        return pinyin.found_by(*texts) or None

    def is_as_stored(self, digest: bytes, channels: list[str], hides: list[str]) -> bool:
        """Say whether the record, whom it is for and hidden from, and its words are stored so."""
        stored = self.stored
        return (
            stored is not None
            and stored.history[:ID_BYTES] == digest
            and (stored.channels, stored.hides) == (channels, hides)
            and stored.words == self.words
        )


def _read_by_search(declarations: Declarations, record: Record) -> tuple[list[str], list[str]]:
    return (
        search_words.searched_texts(declarations, record),
        search_words.full_texts(declarations, record),
    )


def _encoded(record: Record) -> tuple[bytes, bytes]:
    plain = orjson.dumps(record, option=orjson.OPT_SORT_KEYS)
    return plain, hashlib.md5(plain, usedforsecurity=False).digest()


def bare(declarations: Declarations, record: Record) -> Record:
    """Return a stored record as its acts made it, without members that the server adds."""
    for name in DERIVED:
        record.pop(name, None)
    if timers.has_ladders(declarations, record["type"]):
        record.pop("due_at", None)
    return record
