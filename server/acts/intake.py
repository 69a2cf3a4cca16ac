"""Intake of acts: each is checked, judged, folded and stored in one transaction, or quarantined.

The order: is the act well formed (verdict.py), may its author record it (access.py), what does its
record become (sync.fold), and at the end of the transaction what is written (unit_of_work.py). A
refused act is stored whole before its sender hears that it was refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from server.acts import access, quarantine, woken_rules
from server.acts.access import Actor, Rights
from server.acts.quarantine import has_text
from server.acts.reached_rungs import ABOUT, Step
from server.acts.unit_of_work import UnitOfWork
from server.acts.verdict import (
    MOST_BYTES,
    Refused,
    Verdict,
    as_made,
    as_said,
    at_a_plausible_moment,
    well_formed,
)
from sync import copies
from sync.act import ACT_ID, Act, derived_id, make
from sync.selector import same

# What one transaction may take, counted so that a replay gives the same transactions: an act is 1,
# one that is longer is WEIGHT bytes of it each, and so are FOLDED acts of a record that has to be
# folded again. Some 0.1 s. A thousand ordinary acts, as a tablet sends them, are one transaction.
MOST_SPENT = 1_000
WEIGHT = 16_384
FOLDED = 4
MOST_FOLDED = 600  # that one record counts for: the rest of the push must get on all the same


class Intake:
    """The intake of one transaction; the unit's `finish` must be called once at its end."""

    def __init__(self, unit: UnitOfWork, site: str) -> None:
        self.unit = unit
        self.site = site
        self.declarations = unit.declarations

    def accept(self, documents: Sequence[Any], actor: Actor, received_at: int) -> list[Verdict]:
        """Take in a sender's documents at `received_at` (ms); return their verdicts in order.

        They are fewer than the documents once the transaction took its share of the one writer: the
        rest is for the next one, and others come in between.
        """
        unit, verdicts = self.unit, list[Verdict]()
        some = documents[: max(0, int(MOST_SPENT - unit.spent) + 1)]
        unit.look_up(
            [doc["_id"] for doc in some if has_text(doc, "_id")],
            [doc["record"] for doc in some if has_text(doc, "record")],
        )
        for document in some:
            if unit.spent >= MOST_SPENT:
                break
            if unit.spent > MOST_SPENT - MOST_FOLDED and (
                unit.spent + self._folding(document) > MOST_SPENT
            ):
                break
            verdicts.append(self._take_one(document, actor, received_at))
        return verdicts

    def reach_rungs(self, steps: Sequence[Step], at: int) -> list[Verdict]:
        """Take in rungs that were reached, each with its notices, unless another server did.

        A step is won by updating the row of its timer, in this very transaction. A step that is
        lost leaves no trace: another server told of it, or what it waits for was just done.
        """
        self.unit.look_up(
            [act["_id"] for step in steps for act in step.acts],
            [act["record"] for step in steps for act in step.acts],
        )
        verdicts = []
        for step in steps:
            won = self.unit.claim(step.acts[0])
            verdicts.append(Verdict(step.acts[0]["_id"], "ok" if won else "known"))
            for act in step.acts if won else ():
                self._add(act, at)
        return verdicts

    def state(self, acts: Sequence[Act], at: int) -> bool:
        """Take in statements of a rule; False when another was said under one of their ids.

        Raises Refused for one that is not well formed.
        """
        known = [self.unit.act(act["_id"]) for act in acts]
        if any(
            old is not None and not woken_rules.says_the_same(old, act)
            for old, act in zip(known, acts, strict=True)
        ):
            return False
        for old, act in zip(known, acts, strict=True):
            if old is None:
                well_formed(self.declarations, act, self.site)
                self._add(act, at)
        return True

    def admit(self, refusal: str, by: str, at: int) -> list[Verdict]:
        """Take in the body of a refusal after all, as its author's act, whatever rights they had.

        `by` is who admits it, `at` the moment (ms). A refusal may stand for several: each is taken
        in that can be. Raises Refused when none is an act of its author's that could be understood.
        """
        verdicts: list[Verdict] = []
        problem = Refused("not_found")
        for row in self.unit.store.refused_bodies(refusal):
            try:
                verdicts.append(self._admit_one(row, by, at))
            except Refused as refused:
                problem = refused
        if not verdicts:
            raise problem
        return verdicts

    def _admit_one(self, row: Any, by: str, at: int) -> Verdict:
        if not row.body:  # too long to be an act, or decided so long ago that it was swept
            raise Refused("not_found")
        act = as_made(orjson.loads(row.body))
        if self.unit.act(str(act.get("_id"))) is not None:
            return Verdict(act["_id"], "known")
        well_formed(self.declarations, act, self.site)
        if act["by"] != row.by_:
            raise Refused("another_person")
        act = at_a_plausible_moment(act, row.received_at, self.unit.reference)
        self._add({**act, "admitted_by": by}, at)
        return Verdict(act["_id"], "ok")

    def _take_one(self, document: Any, actor: Actor, received_at: int) -> Verdict:
        self.unit.spent += 1
        try:
            act = as_made(document)
            identifier = str(act.get("_id"))
            stored = self.unit.act(identifier) if ACT_ID.match(identifier) else None
            if stored is not None:
                return self._seen_before(act, stored, actor)
            act = self._judged(act, actor, received_at)
        except Refused as refused:
            return self._keep(document, refused, actor, received_at)
        self._settled_before(document, act, received_at)
        self._add(act, received_at)
        return Verdict(act["_id"], "ok")

    def _may_copy(self, act: Act, identifier: str) -> bool:
        unit, reference = self.unit, self.unit.reference
        if act["by"].startswith("system:"):
            return True
        rights = reference.rights(act["by"], act["at"], reference.length("acts.ahead_at_most"))
        return unit.may_be_seen(rights, identifier, unit.hidings.of(identifier))

    def _folding(self, document: Any) -> float:
        """Return what folding a record again will cost, if a document makes that necessary."""
        if not has_text(document, "record") or not isinstance(document.get("at"), int):
            return 0
        work = self.unit.in_progress(document["record"])
        recent = (work.before or {}).get("acts", {}).get("recent")
        is_late = not work.is_late and recent and document["at"] < recent[-1]["at"]
        return min(work.acts_at_last / FOLDED, MOST_FOLDED) if is_late else 0

    def _add(self, act: Act, received_at: int) -> None:
        """Add an act; when it makes its record, judge those that came before it."""
        unit, record = self.unit, act["record"]
        work = unit.in_progress(record)
        act = woken_rules.with_what_was_seen(unit, act)
        was_made, was_late = work.is_made, work.is_late
        unit.add(act, received_at)
        if work.is_late and not was_late:
            unit.spent += min(work.acts_at_last / FOLDED, MOST_FOLDED)
        if work.is_made and not was_made and work.acts_at_last > 1:
            self._judge_early(record, received_at)
        self._fill(act)

    def _fill(self, act: Act) -> None:
        """Say what the act's maker should have copied from a link, and could not know.

        Nobody copies from what they may not see.
        """
        kind, _, _ = act["act"].partition(".")
        declared = self.declarations["acts"].get(act["act"])
        if declared is None or not copies.takes(self.declarations["records"][kind]):
            return
        wanted = copies.taken_from(self.declarations["records"][kind], declared, {}, act["data"])
        unit, work = self.unit, self.unit.in_progress(act["record"])
        if not wanted or not work.is_made:
            return
        record, values = work.record or {}, {}
        for name, (identifier, source) in wanted.items():
            linked = unit.in_progress(identifier).record or {}
            lacks = name not in record and linked.get(source) is not None
            if lacks and self._may_copy(act, identifier):
                values[name] = linked[source]
        if values:
            self.say(f"{kind}.filled", act["record"], values, act["at"] + 1, act["_id"])

    def _judge_early(self, record: str, received_at: int) -> None:
        """Take out what was said of a record before it was, by people without a right to it.

        Then nobody knew whose it would be; now the acts are judged as if they came today.
        """
        unit = self.unit
        for act in unit.in_progress(record).all_acts():
            if act["by"].startswith("system:") or "admitted_by" in act or "letter" in act:
                continue
            rights = unit.reference.rights(
                act["by"], act["at"], unit.reference.length("acts.ahead_at_most")
            )
            code = access.may_say(self.declarations, act, rights)
            if code is None and not unit.offers(rights, record):
                code = "not_found"
            if code is not None:
                unit.withdraw(act)
                author = Actor(unit.reference.records.get(act["by"]), act["device"])
                self._keep(as_said(act), Refused(code), author, received_at)

    def _seen_before(self, act: Act, stored: Act, actor: Actor) -> Verdict:
        if actor.system:  # its ids are derived from the event: the same id is the same act
            self.unit.add(act, 0)  # which says so loudly when it is another one
            return Verdict(act["_id"], "known")
        if stored["by"] != actor.id:
            raise Refused("another_person")
        if "erased" in stored:  # a tablet offers it again as it was: it is not taken back in
            return Verdict(act["_id"], "known")
        if not same(as_said(stored), act):
            raise Refused("other_body")
        return Verdict(act["_id"], "known")

    # Judging

    def _judged(self, act: Act, actor: Actor, received_at: int) -> Act:
        """Return the act as it will be stored; raises Refused."""
        size = len(orjson.dumps(act))
        self.unit.spent += max(0, size / WEIGHT - 1)
        if size > MOST_BYTES:
            raise Refused("act_too_long")
        well_formed(self.declarations, act, self.site)
        if actor.system:
            return act
        if act["by"] != actor.id:
            raise Refused("another_person")
        self._check_room(act, size)
        act = at_a_plausible_moment(act, received_at, self.unit.reference)
        if access.leads_back(act, self.unit.reference.ancestors):
            raise Refused("inside_itself")
        return self._by_right(act, received_at)

    def _check_room(self, act: Act, size: int) -> None:
        """Raise Refused when a record would have too many acts, or grow too long to be read."""
        work, reference = self.unit.in_progress(act["record"]), self.unit.reference
        most = reference.number("record.acts_at_most")
        longest = reference.number("record.size_at_most") * quarantine.MEGABYTE
        if work.acts_at_last >= most or work.size + size > longest:
            raise Refused("record_full")
        if work.questions >= reference.number("record.questions_at_most"):
            raise Refused("record_full")

    def _by_right(self, act: Act, received_at: int) -> Act:
        """Return the act, marked when its author would have no right to it any more.

        Raises Refused unless they had the right at the moment of the act.
        """
        reference = self.unit.reference
        tolerance = reference.length("acts.ahead_at_most")
        rights = reference.rights(act["by"], act["at"], tolerance)
        code = self._why_not(act, rights)
        if code is not None:
            raise Refused(code)
        today = reference.rights(act["by"], max(act["at"], received_at))
        if today is rights or self._why_not(act, today) is None:
            return act
        return {**act, "late_authority": True}

    def _why_not(self, act: Act, rights: Rights) -> str | None:
        """Return why somebody with these rights may not say the act, or None.

        A record that exists must be one that they may see, or could see once: it may have moved
        on while they had no network. One that they never saw does not exist for them. A record
        that nobody made yet may be spoken of by whoever may make such: its creating act may still
        be on its way. For all others the answer is the same whether there is one or not.
        """
        code = access.may_say(self.declarations, act, rights)
        if code is not None:
            return code
        code = self._why_out_of_reach(act, rights)
        if code is not None:
            return code
        before = self.unit.reference.records.get(act["record"])
        if not access.may_grant(act, rights, before):
            return "not_your_post"
        return None if access.may_set(self.declarations, act, rights) else "not_your_post"

    def _why_out_of_reach(self, act: Act, rights: Rights) -> str | None:
        declared = self.declarations["acts"].get(act["act"])
        if declared is not None and declared["creates"]:
            ancestors = self.unit.reference.ancestors
            code = access.may_make_in(self.declarations, act, rights, ancestors)
            if code is not None:
                return code
            return None if not self.unit.is_made(act["record"]) else self._why_hidden(act, rights)
        if not self.unit.is_made(act["record"]):
            kind = act["act"].partition(".")[0]
            return None if access.may_make(self.declarations, kind, rights) else "not_found"
        return self._why_hidden(act, rights)

    def _why_hidden(self, act: Act, rights: Rights) -> str | None:
        if not self.unit.may_be_seen(rights, act["record"], self._hidden_then(act)):
            return "not_found"
        return self._why_not_about(act, rights)

    def _hidden_then(self, act: Act) -> list[str]:
        """Return whom the act's record was hidden from already when the act was entered."""
        hides = self.unit.hidings.of(act["record"])
        if act["by"] not in hides or act["act"].endswith(".undone"):
            return hides
        record = self.unit.in_progress(act["record"]).record
        if record is None:
            return hides
        fields = access.hiding_fields(self.declarations, record["type"])
        named = [record["setters"][name][0] for name in fields if name in record["setters"]]
        # An id is as old as the form that the act was entered in.
        return hides if not named or act["_id"] > min(named) else []

    def _why_not_about(self, act: Act, rights: Rights) -> str | None:
        """Return why somebody may not undo or decide what the act is about, or None.

        Nobody decides about an act of their own, nor admits one of theirs that was refused.
        """
        verb = act["act"].partition(".")[2]
        if verb == "merged":  # into what they may see, which looks like nothing else
            other = act["data"]["into"]
            known = self.unit.is_made(other) and self.unit.may_be_seen(
                rights, other, self.unit.hidings.of(other)
            )
            return None if known else "not_found"
        if act["act"] == "refusal.admitted":
            refused = self.unit.in_progress(act["record"]).record
            return "own_question" if refused and refused.get("who") == act["by"] else None
        target = self.unit.act(act["data"][ABOUT[verb]]) if verb in ABOUT else None
        if target is None:
            return None
        if verb == "decided":
            return "own_question" if target["by"] == act["by"] else None
        if target["by"] != act["by"]:
            return "not_yours"
        limit = self.unit.reference.undo_limit()
        late = access.too_late_to_undo(self.declarations, act, target, rights, limit)
        return "undo_too_late" if late else None

    # Quarantine

    def _keep(self, document: Any, refused: Refused, actor: Actor, received_at: int) -> Verdict:
        return quarantine.keep(self, document, refused, actor, received_at)

    def _settled_before(self, document: Any, act: Act, at: int) -> None:
        """Close earlier refusals of this very body: it is good now and needs no decision."""
        for row in self.unit.refused_before(act["_id"]):
            if row.id == quarantine.Sent.of(document).sha:
                self.unit.store.settle_refused(row.id, at)
                self.say("refusal.admitted", row.refusal, {"reason": "taken_in"}, at)

    def say(self, name: str, record: str, data: dict[str, Any], at: int, *key: str) -> None:
        """Make an act of the server's own and add it; `key` tells it from others of its moment."""
        values = {name: value for name, value in data.items() if value is not None}
        act = make(
            name,
            record,
            values,
            at=at,
            by="system:site",
            device="device:server",
            site=self.site,
            identifier=derived_id(self.unit.secret, at, name, record, *key),
        )
        self.unit.look_up((), [record])
        self._add(act, at)
