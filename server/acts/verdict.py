"""Verdicts on acts that were sent, and the checks that need nothing but act and declarations."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from server.acts.reference import Reference
from sync import check_act, fold, setting_values
from sync.act import VERSION, Act
from sync.check_act import Declarations
from sync.display_format import text_hash
from sync.memoize import memoize

MOST_BYTES = 1_000_000  # of one act; a signature of many strokes is a quarter of it
REVISION = 32
ADDED = ("admitted_by", "late_authority")  # members that the server adds to a stored act
NEWER = {"unknown_act", "not_asked"}  # problems of an act that a newer tablet may have made


@dataclass(frozen=True)
class Verdict:
    """The outcome for one document: `state` is ok, known (stored before) or refused.

    `code` says why it was refused, `details` in which fields.
    """

    id: str
    state: str
    code: str | None = None
    details: dict[str, Any] = field(default_factory=dict)

    @property
    def good(self) -> bool:
        """Say whether the act is stored."""
        return self.state != "refused"


class Refused(Exception):
    """Raised when an act may not be taken in; its body goes to quarantine."""

    def __init__(self, code: str, **details: Any) -> None:
        super().__init__(code)
        self.code = code
        self.details = details


def as_made(document: Any) -> Act:
    """Return the act without members of replication; raises Refused for a document that is none."""
    if not isinstance(document, dict):
        raise Refused("not_an_act")
    if document.get("_deleted"):
        raise Refused("deleted")
    if "_attachments" in document:
        raise Refused("attachments")
    act = dict(document)
    rev, revisions = act.pop("_rev", None), act.pop("_revisions", None)
    if rev is None and revisions is None:
        return act
    if not isinstance(rev, str) or not rev.startswith("1-") or not 2 < len(rev) <= 2 + 2 * REVISION:
        raise Refused("bad_revision")
    if revisions is not None and revisions != {"start": 1, "ids": [rev[2:]]}:
        raise Refused("bad_revision")
    return act


def well_formed(declarations: Declarations, act: Act, site: str) -> None:
    """Raise Refused unless the act is one that this server understands and of this site."""
    version = act.get("v")
    if isinstance(version, int) and not isinstance(version, bool) and version > VERSION:
        raise Refused("newer_app", v=version)
    problems = check_act.check(declarations, act)
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        problems.setdefault("v", "not_a_number")
    if problems:
        if not NEWER.isdisjoint(problems.values()):
            raise Refused("newer_app", fields=problems)
        raise Refused("malformed", fields=problems)
    if act["act"] == "setting.changed":
        _bounded(declarations, act)
    if act["site"] != site:
        raise Refused("other_site")
    _signed(declarations, act)


def _bounded(declarations: Declarations, act: Act) -> None:
    """Raise Refused when a setting would leave its bounds: nobody could sign in to mend it."""
    setting = declarations["settings"].get(act["record"].removeprefix("setting:"))
    if setting is None:
        raise Refused("malformed", fields={"value": "not_a_choice"})
    field = setting_values.field_of(setting["unit"])
    if code := setting_values.problem(setting, act["data"].get(field)):
        raise Refused("malformed", fields={field: code})
    if stray := act["data"].keys() - {field, "reason"}:
        raise Refused("malformed", fields=dict.fromkeys(sorted(stray), "not_asked"))


def _signed(declarations: Declarations, act: Act) -> None:
    """Raise Refused when a signature's hash is not that of the text that was shown."""
    kind = act["act"].partition(".")[0]
    for name in _signatures(declarations["records"][kind]):
        signature = act["data"].get(name)
        if signature is not None and text_hash(act.get("text") or "") != signature["of"]:
            raise Refused("other_text_signed", fields={name: "other_text_signed"})


@memoize
def _signatures(kind: dict[str, Any]) -> list[str]:
    return [field_["name"] for field_ in kind["fields"] if field_["kind"] == "signature"]


def at_a_plausible_moment(act: Act, received_at: int, reference: Reference) -> Act:
    """Return the act at a moment (ms) that ladders may run from (T5).

    A device's clock may be a little ahead, and a device may honestly have been offline for days; a
    moment beyond both limits is drawn in, and the original one stays in the act as `said_at`.
    """
    latest = received_at + reference.length("acts.ahead_at_most")
    earliest = received_at - reference.length("acts.offline_at_most")
    at = act["at"]
    if at > latest:
        at = received_at
    elif at < earliest:
        at = earliest
    return act if at == act["at"] else {**act, "at": at, "said_at": act["at"]}


def as_said(stored: Act) -> Act:
    """Return a stored act as its device sent it."""
    sent = {key: value for key, value in stored.items() if key not in ADDED}
    if "said_at" in sent:
        sent["at"] = sent.pop("said_at")
    return sent


def belongs_after(declarations: Declarations, act: Act, record_: dict[str, Any]) -> bool:
    """Say whether the act comes after all acts that the record was folded from."""
    last = record_["acts"]["recent"][-1]
    newest = {"act": last["act"], "at": last["at"], "_id": last["id"]}
    return fold.order(declarations, act) > fold.order(declarations, newest)
