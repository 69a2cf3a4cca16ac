"""Intake of acts: each is checked, judged, folded and stored in one transaction, or quarantined.

The order: is the act well formed (verdict.py), may its author record it (access.py), what does its
record become (sync.fold), and at the end of the transaction what is written (unit_of_work.py). A
refused act is stored whole before its sender hears that it was refused.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from typing import Any

import orjson

from server.acts import access
from server.acts.access import Actor, Rights
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
from sync.act import ACT_ID, RECORD_ID, Act, derived_id, make
from sync.selector import same

log = logging.getLogger("floorwalk.intake")

# Refusals that may be an attack: they are logged with their author's id.
SUSPICIOUS = {"other_body", "another_person", "system_only", "bad_revision", "deleted"}


class Intake:
    """The intake of one transaction; the unit's `finish` must be called once at its end."""

    def __init__(self, unit: UnitOfWork, site: str) -> None:
        self.unit = unit
        self.site = site
        self.declarations = unit.declarations

    def accept(self, documents: Sequence[Any], actor: Actor, received_at: int) -> list[Verdict]:
        """Take in a sender's documents at `received_at` (ms); return their verdicts in order."""
        self.unit.look_up(
            [doc["_id"] for doc in documents if _has_text(doc, "_id")],
            [doc["record"] for doc in documents if _has_text(doc, "record")],
        )
        return [self._take_one(document, actor, received_at) for document in documents]

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
                self.unit.add(act, at)
        return verdicts

    def admit(self, refusal: str, by: str, at: int) -> list[Verdict]:
        """Take in the body of a refusal after all, as its author's act, whatever rights they had.

        `by` is who admits it, `at` the moment (ms). Raises Refused when it is no act of its
        author's, or none that could be understood.
        """
        row = self.unit.store.refused_body(refusal)
        if row is None:
            raise Refused("not_found")
        act = as_made(orjson.loads(row.body))
        if self.unit.act(str(act.get("_id"))) is not None:
            return [Verdict(act["_id"], "known")]
        well_formed(self.declarations, act, self.site)
        if act["by"] != row.by_:
            raise Refused("another_person")
        act = at_a_plausible_moment(act, row.received_at, self.unit.reference)
        self.unit.add({**act, "admitted_by": by}, at)
        return [Verdict(act["_id"], "ok")]

    def _take_one(self, document: Any, actor: Actor, received_at: int) -> Verdict:
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
        self.unit.add(act, received_at)
        return Verdict(act["_id"], "ok")

    def _seen_before(self, act: Act, stored: Act, actor: Actor) -> Verdict:
        if actor.system:  # its ids are derived from the event: the same id is the same act
            return Verdict(act["_id"], "known")
        if stored["by"] != actor.id:
            raise Refused("another_person")
        if not same(as_said(stored), act):
            raise Refused("other_body")
        return Verdict(act["_id"], "known")

    # Judging

    def _judged(self, act: Act, actor: Actor, received_at: int) -> Act:
        """Return the act as it will be stored; raises Refused."""
        well_formed(self.declarations, act, self.site)
        if len(orjson.dumps(act)) > MOST_BYTES:
            raise Refused("act_too_long")
        if actor.system:
            return act
        if act["by"] != actor.id:
            raise Refused("another_person")
        act = at_a_plausible_moment(act, received_at, self.unit.reference)
        return self._by_right(act, received_at)

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
        that nobody made yet may be spoken of; its creating act may still be on its way.
        """
        code = access.may_say(self.declarations, act, rights)
        if code is not None:
            return code
        declared = self.declarations["acts"].get(act["act"])
        if declared is not None and declared["creates"]:
            ancestors = self.unit.reference.ancestors
            code = access.may_make_in(self.declarations, act, rights, ancestors)
            if code is not None:
                return code
        if not self.unit.is_made(act["record"]):
            return None
        if not access.may_see(rights, *self.unit.channels(act["record"])):
            return "not_found"
        return self._why_not_about(act, rights)

    def _why_not_about(self, act: Act, rights: Rights) -> str | None:
        """Return why somebody may not undo or decide what the act is about, or None.

        Nobody decides about an act of their own, nor admits one of theirs that was refused.
        """
        verb = act["act"].partition(".")[2]
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
        """Store a refused body, and show it to its author and the office; return the verdict."""
        body = orjson.dumps(document, option=orjson.OPT_SORT_KEYS)
        sha = hashlib.sha256(body).hexdigest()
        fields_sent = document if isinstance(document, dict) else {}
        identifier = fields_sent["_id"] if _has_text(fields_sent, "_id") else sha
        if self.unit.store.quarantined(sha) is None:
            refusal = self._refusal_id(identifier, sha, refused)
            details = orjson.dumps(refused.details).decode()
            columns = {
                name: _text(fields_sent, name) for name in ("_id", "act", "record", "device")
            }
            self.unit.store.keep_refused(
                (
                    sha,
                    columns["_id"],
                    columns["act"],
                    columns["record"],
                    actor.id,
                    columns["device"],
                    received_at,
                    refused.code,
                    details,
                    body,
                    refusal,
                    None,
                )
            )
            self._note(refusal, fields_sent, body, refused, actor, received_at)
        if refused.code in SUSPICIOUS:
            log.warning(
                "refused",
                extra={"code": refused.code, "act": identifier, "person": actor.id},
            )
        return Verdict(identifier, "refused", refused.code, refused.details)

    def _refusal_id(self, identifier: str, sha: str, refused: Refused) -> str:
        """Return the id of a refusal: the act's own letters, by which its device finds it.

        Where these are taken, or the id belongs to another body, the id is derived from the body's
        hash.
        """
        own = "refusal:" + identifier.removeprefix("act:")
        if ACT_ID.match(identifier) and refused.code != "other_body":
            self.unit.look_up((), [own])
            if not self.unit.is_made(own):
                return own
        return "refusal:" + derived_id(0, sha).removeprefix("act:")

    def _note(
        self,
        refusal: str,
        fields_sent: dict[str, Any],
        body: bytes,
        refused: Refused,
        actor: Actor,
        received_at: int,
    ) -> None:
        data: dict[str, Any] = {
            "act": str(fields_sent.get("act", ""))[:60],
            "who": actor.id,
            "device": str(fields_sent.get("device", actor.device))[:60],
            "code": refused.code,
            "details": orjson.dumps(refused.details).decode()[:1_000],
            "body": body.decode(errors="replace")[:200_000],
        }
        if _has_text(fields_sent, "record") and RECORD_ID.match(fields_sent["record"]):
            data["about"] = fields_sent["record"]
        # Before the year 2100: a refused body may hold any number, and this one is shown as a date.
        if isinstance(fields_sent.get("at"), int) and 0 < fields_sent["at"] < 4_102_444_800_000:
            data["made_at"] = fields_sent["at"]
        self._say("refusal.noted", refusal, data, received_at)

    def _settled_before(self, document: Any, act: Act, at: int) -> None:
        """Close earlier refusals of this very body: it is good now and needs no decision."""
        for row in self.unit.refused_before(act["_id"]):
            body = orjson.dumps(document, option=orjson.OPT_SORT_KEYS)
            if row.id == hashlib.sha256(body).hexdigest():
                self.unit.store.settle_refused(row.id, at)
                self._say("refusal.admitted", row.refusal, {"reason": "taken_in"}, at)

    def _say(self, name: str, record: str, data: dict[str, Any], at: int) -> None:
        """Make an act of the server's own and add it."""
        values = {key: value for key, value in data.items() if value is not None}
        act = make(
            name,
            record,
            values,
            at=at,
            by="system:site",
            device="device:server",
            site=self.site,
            identifier=derived_id(at, name, record),
        )
        self.unit.look_up((), [record])
        self.unit.add(act, at)


def _has_text(document: Any, name: str) -> bool:
    return isinstance(document, dict) and isinstance(document.get(name), str)


def _text(document: dict[str, Any], name: str) -> str | None:
    return document[name][:200] if _has_text(document, name) else None
