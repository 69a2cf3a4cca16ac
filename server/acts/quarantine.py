"""Quarantine: refused bodies, kept whole within a quota and shown to their author and the office.

What nobody can decide one by one is shown together: refusals that are alike beyond ALIKE, and all
beyond the number that a person or a device has in a day. One record stands for them and counts
them. Beyond the bytes of a day a body is not kept, and its sender hears that.
"""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from server.acts import access, timers
from server.acts.access import Actor
from server.acts.verdict import MOST_BYTES, Refused, Verdict
from sync.act import ACT_ID, RECORD_ID, derived_id
from sync.check_act import Declarations
from sync.worktime import DAY

if TYPE_CHECKING:
    from server.acts.intake import Intake

log = logging.getLogger("floorwalk.intake")

# Refusals that may be an attack: they are logged with their author's id.
SUSPICIOUS = {"other_body", "another_person", "system_only", "bad_revision", "deleted"}
# Bodies that are no act, or none that could ever be taken in: nobody decides about each of them.
HOPELESS = {"not_an_act", "malformed", "deleted", "attachments", "bad_revision", "act_too_long"}
ALIKE = 20  # hopeless ones of one person or device and one reason in a day that are shown singly
AT_LEAST = 1_024  # bytes that a body counts for: many small ones fill tables too
SHOWN = 200_000  # letters of a body that its refusal shows
MEGABYTE = 1 << 20


@dataclass(frozen=True)
class Sent:
    """A refused document as it came: its body as bytes, their hash, and the name it goes by."""

    fields: dict[str, Any]
    body: bytes
    sha: str
    identifier: str

    @classmethod
    def of(cls, document: Any) -> Sent:
        """Describe a document."""
        body = orjson.dumps(document, option=orjson.OPT_SORT_KEYS)
        sha = hashlib.sha256(body).hexdigest()
        fields = document if isinstance(document, dict) else {}
        return cls(fields, body, sha, fields["_id"] if has_text(fields, "_id") else sha)


def keep(
    intake: Intake, document: Any, refused: Refused, actor: Actor, received_at: int
) -> Verdict:
    """Store a refused body, and show it to its author and the office; return the verdict."""
    sent = Sent.of(document)
    code = refused.code
    if intake.unit.store.quarantined(sent.sha) is None:
        code = _keep_new(intake, sent, refused, actor, received_at)
    if refused.code in SUSPICIOUS:
        log.warning(
            "refused",
            extra={"code": refused.code, "act": sent.identifier[:200], "person": actor.id},
        )
    return Verdict(sent.identifier, "refused", code, refused.details)


def _keep_new(intake: Intake, sent: Sent, refused: Refused, actor: Actor, received_at: int) -> str:
    """Keep a body that was not refused before; return the code its sender hears."""
    store, reference = intake.unit.store, intake.unit.reference
    day, size = received_at // DAY, max(AT_LEAST, min(len(sent.body), MOST_BYTES))
    owners = [owner for owner in (actor.id, actor.device) if owner]
    most_bytes = reference.number("refused.size_at_most") * MEGABYTE
    kept = [store.refused_on(owner, day, refused.code) for owner in owners]
    if any(one.size + size > most_bytes for one in kept):
        _together(intake, sent, refused, actor, received_at, is_kept=False)
        return "not_kept"
    for owner in owners:
        store.count_refused(owner, day, refused.code, size)
    alike = ALIKE if refused.code in HOPELESS else reference.number("refused.day_at_most")
    most = reference.number("refused.day_at_most")
    if any(one.alike >= alike or one.count >= most for one in kept):
        _together(intake, sent, refused, actor, received_at, is_kept=True)
    else:
        refusal = _refusal_id(intake, sent, refused)
        _store(intake, sent, refused, actor, received_at, refusal)
        _note(intake, refusal, sent, refused, actor, received_at)
    return refused.code


def _together(
    intake: Intake, sent: Sent, refused: Refused, actor: Actor, at: int, *, is_kept: bool
) -> None:
    """Show a refusal in the one record that stands for all of its kind, person and day.

    How many they are is said at each doubling: a count that moved with each would be a flood too.
    """
    unit, day = intake.unit, at // DAY
    code = refused.code if is_kept else "not_kept"
    parts = ("together", str(actor.id), actor.device, code, str(day))
    refusal = "refusal:" + derived_id(unit.secret, day * DAY, *parts).removeprefix("act:")
    if is_kept:
        _store(intake, sent, refused, actor, at, refusal)
    count = unit.store.count_refused(refusal, day, code, 0)
    if count == 1:
        _note(intake, refusal, sent, Refused(code), actor, at, count=1)
    elif count & (count - 1) == 0:
        later = at + count.bit_length()  # ms: of two counts of one moment the higher one stands
        intake.say("refusal.counted", refusal, {"count": count}, later, str(count))


def _store(
    intake: Intake, sent: Sent, refused: Refused, actor: Actor, at: int, refusal: str
) -> None:
    """Quarantine a body; one that is too long for an act is none, and is not kept whole."""
    names = [text(sent.fields, name) for name in ("_id", "act", "record")]
    details = orjson.dumps(refused.details).decode()[:10_000]
    body = sent.body if len(sent.body) <= MOST_BYTES else b""
    columns = (*names, actor.id, text(sent.fields, "device"), at, refused.code, details, body)
    intake.unit.store.keep_refused((sent.sha, *columns, refusal, None))


def _refusal_id(intake: Intake, sent: Sent, refused: Refused) -> str:
    """Return the id of a refusal: the act's own letters, by which its device finds it.

    Where these are taken, or the id belongs to another body, the id is derived from the body's
    hash.
    """
    own = "refusal:" + sent.identifier.removeprefix("act:")
    if ACT_ID.match(sent.identifier) and refused.code != "other_body":
        intake.unit.look_up((), [own])
        if not intake.unit.is_made(own):
            return own
    return "refusal:" + derived_id(intake.unit.secret, 0, sent.sha).removeprefix("act:")


def _note(
    intake: Intake,
    refusal: str,
    sent: Sent,
    refused: Refused,
    actor: Actor,
    received_at: int,
    **more: Any,
) -> None:
    fields = sent.fields
    data: dict[str, Any] = {
        "act": str(fields.get("act", ""))[:60],
        "who": actor.id,
        "device": str(fields.get("device", actor.device))[:60],
        "code": refused.code,
        "details": orjson.dumps(refused.details).decode()[:1_000],
        "body": sent.body[: 4 * SHOWN].decode(errors="replace")[:SHOWN],
        **more,
    }
    if has_text(fields, "record") and RECORD_ID.match(fields["record"]):
        data["about"] = fields["record"]
    data["hidden_from"] = access.named_in(intake.declarations, fields) or None
    if (place := _place_of_one_who_waits(intake.declarations, fields)) is not None:
        data |= {"urgent_at": received_at, "place": place or None}
    # Before the year 2100: a refused body may hold any number, and this one is shown as a date.
    if isinstance(fields.get("at"), int) and 0 < fields["at"] < 4_102_444_800_000:
        data["made_at"] = fields["at"]
    intake.say("refusal.noted", refusal, data, received_at)


def _place_of_one_who_waits(declarations: Declarations, sent: dict[str, Any]) -> str | None:
    """Return the place where a refused act would have started a clock, "" for none said.

    None for any other act: nobody waits for what is decided about it.
    """
    name = str(sent.get("act", ""))
    declared, data = declarations["acts"].get(name), sent.get("data")
    if declared is None or not declared["creates"] or not isinstance(data, dict):
        return None
    kind = name.partition(".")[0]
    starts = {one["starts"] for one in timers.ladders_of(declarations, kind).values()}
    if starts.isdisjoint(declared["stamps"]):
        return None
    place = data.get("place")
    return place if isinstance(place, str) and RECORD_ID.match(place) else ""


def has_text(document: Any, name: str) -> bool:
    """Say whether a document has a member that is text."""
    return isinstance(document, dict) and isinstance(document.get(name), str)


def text(document: dict[str, Any], name: str) -> str | None:
    """Return the beginning of such a member, or None."""
    return document[name][:200] if has_text(document, name) else None
