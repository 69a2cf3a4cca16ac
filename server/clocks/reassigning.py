"""Gives a record that is about its own owner to somebody above them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import orjson

from server.acts import duty, recipients
from server.acts.access import SYSTEM_ACTOR, is_hidden
from server.acts.delivery import in_app
from server.acts.reached_rungs import CLOCK
from server.acts.recipients import Telling
from server.database.store import Store
from sync.act import Act, derived_id, make
from sync.check_act import Record

if TYPE_CHECKING:
    from server.acts.site import Site

VERB = "reassigned"


def is_about_owner(record: Record, hides: Sequence[str]) -> bool:
    """Say whether a record is hidden from its own owner."""
    return is_hidden(hides, record.get("owner", ""))


def reassign(site: Site, act: Act, now: int) -> None:
    """Make somebody else the owner if the record is hidden from its owner; twice shows once.

    The next above the owner's posts who may open it, and they are told. Until there is somebody it
    stays as it is: its ladders climb past the owner anyway.
    """
    with site.reading() as connection:
        row = Store(connection).records([act["record"]]).get(act["record"])
    record = orjson.loads(row.body) if row is not None else {}
    name = f"{record.get('type')}.{VERB}"
    if row is None or name not in site.declarations["acts"]:
        return
    if not is_about_owner(record, row.hides):
        return
    owner = record["owner"]
    reference = site.reference()
    duties = duty.RollCall(site, now)
    telling = Telling(site.declarations, reference, record, row.hides, now, duties)
    held = (reference.records.get(owner) or {}).get("posts") or ("",)
    posts = [post for each in held for post in recipients.above(site.declarations, each)]
    found = recipients.next_of(telling, posts)
    if found is None:
        return
    heir, post = found
    at = max(now, record["acts"]["recent"][-1]["at"] + 1)
    given = make(
        name,
        record["_id"],
        {"owner": heir},
        at=at,
        by=CLOCK,
        device="device:server",
        site=site.config.name,
        seen=record["acts"]["last"],
        identifier=derived_id(site.secret, act["at"], name, act["_id"]),
    )
    notice = in_app.notice_act(
        record,
        heir,
        what=name,
        at=at,
        moment=(act["at"], given["_id"]),
        site=site.config.name,
        secret=site.secret,
        post=post,
    )
    site.accept([given, notice], SYSTEM_ACTOR, received_at=now)
