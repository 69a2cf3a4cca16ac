"""The in-app channel: a notice is a record, so that a tablet without a network gets it later.

It reaches the tablet by replication, and the office with the live event of its commit.
"""

from __future__ import annotations

from typing import Any

from sync.act import Act, derived_id, make
from sync.check_act import Record


def notice_id(
    secret: str, at: int, about: str, what: str, rung: int, person: str, *moment: str
) -> str:
    """Return the id of the one notice of `what` about a record, for a person and a moment."""
    identifier = derived_id(secret, at, "notice", about, what, str(rung), person, *moment)
    return "notice:" + identifier.removeprefix("act:")


def notice_act(
    record: Record,
    person: str,
    *,
    what: str,
    at: int,
    moment: tuple[int, str],
    site: str,
    secret: str,
    post: str | None = None,
    rung: int = 0,
    due_at: int | None = None,
    late_by: int | None = None,
    reason: str | None = None,
) -> Act:
    """Return the act that notifies a person; `moment` is (ms, id) of the event it is about."""
    notice = notice_id(secret, moment[0], record["_id"], what, rung, person, moment[1])
    values = {
        "to": person,
        "about": record["_id"],
        "what": what,
        "post": post,
        "rung": rung or None,
        "name": str(record.get("title") or "")[:200] or None,
        "place": record.get("place"),
        "due_at": due_at,
        "late_by": late_by,
        "reason": reason,
    }
    data = {name: value for name, value in values.items() if value is not None}
    identifier = derived_id(secret, moment[0], "notice.told", notice)
    return _system("notice.told", notice, data, at, identifier, site)


def annulment_act(
    record: Record,
    person: str,
    *,
    what: str,
    at: int,
    moment: tuple[int, str],
    site: str,
    secret: str,
    rung: int = 0,
    reason: str | None = None,
) -> Act:
    """Return the act that marks a notice as no longer valid, for its reader to see."""
    notice = notice_id(secret, moment[0], record["_id"], what, rung, person, moment[1])
    data = {"reason": reason} if reason else {}
    identifier = derived_id(secret, at, "notice.annulled", notice)
    return _system("notice.annulled", notice, data, at, identifier, site)


def _system(
    name: str, record: str, data: dict[str, Any], at: int, identifier: str, site: str
) -> Act:
    """Return an act of the server; a retry gives the same id, so nobody is told twice."""
    return make(
        name,
        record,
        data,
        at=at,
        by="system:clock",
        device="device:server",
        site=site,
        identifier=identifier,
    )
