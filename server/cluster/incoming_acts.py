"""Intake of acts from a cluster: a hospital's own acts that it had lost, and those in letters.

Both pass through the intake: what is no act of ours is quarantined and harms no other. An act in a
letter is trusted on the word of the hospital that sent it, which the act names from then on: `site`
says whose it is, and `letter` in which one it came.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import orjson

from server.acts.access import Actor
from server.acts.intake import Intake
from server.acts.verdict import Refused, Verdict, as_made, well_formed
from server.cluster.account import NAME
from sync.act import ACT_ID, RECORD_ID, Act, derived_id, make
from sync.check_act import ENGINE, WANTED
from sync.field_kinds import ENDS, STARTS
from sync.posts import SYSTEM

MOST_ACTS = 200  # in one letter
# Members that a server adds to an act.
MARKS = ("said_at", "admitted_by", "late_authority", "letter", "erased")
LINK = Actor(None, "device:link")


class IncomingActs(Intake):
    """The intake of acts that came from the cluster, in one transaction."""

    def returned(self, documents: Sequence[Any], at: int) -> list[Verdict]:
        """Take in acts of this hospital that it does not have (any more), as they once were."""
        return [self._return_one(document, at) for document in documents]

    def opened(self, letters: Sequence[Any], at: int) -> list[Verdict]:
        """Take in the acts of letters, and record for each letter how many were taken."""
        return [verdict for letter in letters for verdict in self._open_one(letter, at)]

    def kept_apart(self, documents: Sequence[Any], code: str, at: int) -> list[Verdict]:
        """Quarantine documents that could not be taken in at all."""
        return [self._keep(document, Refused(code), LINK, at) for document in documents]

    # Own acts

    def _return_one(self, document: Any, at: int) -> Verdict:
        try:
            act, received_at = as_returned(document, self.site, set(self.declarations["records"]))
        except Refused as refused:
            return self._keep(document, refused, LINK, at)
        if self.unit.act(act["_id"]) is not None:
            return Verdict(act["_id"], "known")
        self.unit.add(act, received_at)
        return Verdict(act["_id"], "ok")

    # Letters

    def _open_one(self, letter: Any, at: int) -> list[Verdict]:
        try:
            sender, acts = self._read(letter)
        except Refused as refused:
            return [self._keep(letter, refused, LINK, at)]
        identifier = derived_id(
            self.unit.secret, letter["sent_at"], "letter.arrived", letter["_id"]
        )
        if self.unit.act(identifier) is not None:
            return [Verdict(identifier, "known")]
        verdicts = [self._take_from(sender, act, identifier, at) for act in acts]
        taken = [act for act, verdict in zip(acts, verdicts, strict=True) if verdict.good]
        data = {
            "from_site": sender,
            "what": letter.get("what"),
            "words": letter.get("words"),
            "about": taken[0]["record"] if taken else letter.get("about"),
            "taken": len(taken),
            "kept_apart": len(acts) - len(taken),
        }
        arrived = make(
            "letter.arrived",
            "letter:" + letter["_id"].partition(":")[2],
            {name: value for name, value in data.items() if value is not None},
            at=at,
            by="system:link",
            device="device:server",
            site=self.site,
            identifier=identifier,
        )
        well_formed(self.declarations, arrived, self.site)
        self.unit.add(arrived, at)
        return [*verdicts, Verdict(identifier, "ok")]

    def _read(self, letter: Any) -> tuple[str, list[Any]]:
        fields = letter if isinstance(letter, dict) else {}
        texts = ("_id", "from", "to", "acts")
        if not all(isinstance(fields.get(name), str) for name in texts):
            raise Refused("malformed")
        if not isinstance(fields.get("sent_at"), int) or not STARTS < fields["sent_at"] < ENDS:
            raise Refused("malformed")
        if not NAME.match(fields["from"]) or not RECORD_ID.match(fields["_id"]):
            raise Refused("malformed")
        if (fields["from"] == self.site and fields.get("what") != "returned") or fields[
            "to"
        ] not in (
            self.site,
            "*",
        ):
            raise Refused("other_site")
        for name, most in (("what", 40), ("words", 4_000), ("about", 200)):
            if not isinstance(fields.get(name, ""), str) or len(fields.get(name, "")) > most:
                raise Refused("malformed")
        if "about" in fields and not RECORD_ID.match(fields["about"]):
            raise Refused("malformed")
        try:
            acts = orjson.loads(fields["acts"])
        except orjson.JSONDecodeError:
            raise Refused("malformed") from None
        if not isinstance(acts, list) or len(acts) > MOST_ACTS:
            raise Refused("malformed")
        return fields["from"], acts

    def _take_from(self, sender: str, document: Any, letter: str, at: int) -> Verdict:
        try:
            act = self._judged_from(sender, as_made(document), at)
        except Refused as refused:
            return self._keep(document, refused, LINK, at)
        if self.unit.act(act["_id"]) is not None:
            return Verdict(act["_id"], "known")
        self.unit.add({**act, "letter": letter}, at)
        return Verdict(act["_id"], "ok")

    def _judged_from(self, sender: str, act: Act, at: int) -> Act:
        """Return another hospital's act as it is stored here; raises Refused.

        It may make records and act on those that came from there: on no other, and by no act that
        only a server makes or that is decided here.
        """
        well_formed(self.declarations, act, sender)
        act = with_names_of(sender, act, own_names(self.declarations))
        well_formed(self.declarations, act, sender)  # a name may have become too long
        kind, _, verb = act["act"].partition(".")
        declared = self.declarations["acts"].get(act["act"])
        by_letter = self.declarations["records"][kind]["by_letter"]
        if not by_letter or (declared is None and verb in ENGINE and verb != "undone"):
            raise Refused("not_by_letter")
        if declared is not None and tuple(declared["who"]) == SYSTEM:
            raise Refused("system_only")
        self.unit.look_up([act["_id"]], [act["record"]])
        if self.unit.is_made(act["record"]) and self._maker(act["record"]) != sender:
            raise Refused("not_found")
        if act["at"] > at:
            act = {**act, "at": at, "said_at": act["at"]}
        return act

    def _maker(self, record: str) -> str | None:
        current = self.unit.in_progress(record).record
        first = self.unit.act(current["acts"]["first"]) if current else None
        return str(first["site"]) if first else None


def as_returned(document: Any, site: str, kinds: set[str]) -> tuple[Act, int]:
    """Return (act, the ms at which it was received) of a document that this hospital once sent up.

    It was judged then, by the declarations and rights of its day; checked again is only what the
    rest of the server relies on. Raises Refused.
    """
    if not isinstance(document, dict):
        raise Refused("not_an_act")
    received_at = document.get("received_at")
    unsaid = ("received_at", *(("_rev", "_revisions") if "erased" in document else ()))
    act = as_made({name: value for name, value in document.items() if name not in unsaid})
    plain = {name: value for name, value in act.items() if name not in MARKS}
    for problem in _problems(plain, site, act):
        raise Refused(problem)
    if act["act"].partition(".")[0] not in kinds:
        raise Refused("newer_app")
    if not isinstance(received_at, int) or not STARTS < received_at < ENDS:
        received_at = act["at"]
    return act, received_at


def _problems(plain: Act, site: str, act: Act) -> Iterator[str]:
    texts = ("_id", "act", "record", "by", "device", "site")
    if not all(isinstance(plain.get(name), str) and len(plain[name]) <= 200 for name in texts):
        yield "malformed"
        return
    kind, _, verb = plain["act"].partition(".")
    if not ACT_ID.match(plain["_id"]) or not RECORD_ID.match(plain["record"]) or not verb:
        yield "malformed"
    if not isinstance(plain.get("data"), dict) or not plain["record"].startswith(kind + ":"):
        yield "malformed"
    elif not all(
        name in plain["data"] and fits(plain["data"][name])
        for name, fits in WANTED.get(verb, {}).items()
    ):
        yield "malformed"  # the fold relies on these members, whenever the act was judged
    at = plain.get("at")
    if not isinstance(at, int) or isinstance(at, bool) or not STARTS < at < ENDS:
        yield "malformed"
    if plain["site"] != site and "letter" not in act:
        yield "other_site"


def own_names(declarations: dict[str, Any]) -> tuple[str, ...]:
    """Return the prefixes of ids that each hospital gives by itself: units and reference data."""
    kinds = [kind for kind, one in declarations["records"].items() if one["reference"]]
    return tuple(f"{kind}:" for kind in (*kinds, "unit"))


def with_names_of(site: str, act: Act, own: tuple[str, ...]) -> Act:
    """Return an act in which people and places carry the name of their hospital.

    `person:wu` of the hospital `east` is `person:east.wu` elsewhere, where another Wu works.
    """
    named = {**act, "by": _named(site, act["by"], own), "data": _named(site, act["data"], own)}
    return {**named, "seen": act.get("seen")}


def _named(site: str, value: Any, own: tuple[str, ...]) -> Any:
    if isinstance(value, dict):
        return {key: _named(site, inner, own) for key, inner in value.items()}
    if isinstance(value, list):
        return [_named(site, inner, own) for inner in value]
    if isinstance(value, str) and value.startswith(own) and RECORD_ID.match(value):
        kind, _, name = value.partition(":")
        return value if name.startswith(site + ".") else f"{kind}:{site}.{name}"
    return value
