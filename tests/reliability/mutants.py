"""Mutation testing: faults planted in our own code, and the properties that must notice each."""

from __future__ import annotations

import itertools
import json
import secrets
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from server.acts import (
    access,
    quarantine,
    reached_rungs,
    record_in_progress,
    record_rows,
    timers,
)
from server.acts.change_hub import ChangeHub
from server.acts.delivery import in_app
from server.acts.intake import Intake
from server.acts.record_rows import as_row
from server.acts.site import Site
from server.acts.unit_of_work import UnitOfWork
from server.base import strict_json
from server.database import engines
from server.database.store import Store
from server.office.page_parts.office_request import Desk
from server.replication import checksums as compares
from server.replication.feed_reader import FeedReader
from sync import checksums
from sync.act import derived_id, ulid
from tests.reliability import world
from tests.reliability.device import Device
from tests.reliability.hospital_template import template
from tests.reliability.registry import Mutant, replaced
from tests.reliability.server_clients import Page, Trouble

Planted = Callable[[], AbstractContextManager[None]]


def plant(*changes: tuple[Any, str, Any]) -> AbstractContextManager[None]:
    """Plant a fault; the hospital that all histories begin with was made by good code."""
    template()
    return replaced(*changes)


def instead(owner: Any, name: str, value: Any) -> Planted:
    """Return what replaces one member while it is planted."""
    return lambda: plant((owner, name, value))


# The server


def commits_are_lost() -> AbstractContextManager[None]:
    """Every seventh transaction is rolled back although all was well."""
    real, count = engines.writing, itertools.count(1)

    @contextmanager
    def writing(engine: sa.Engine) -> Iterator[sa.Connection]:
        with real(engine) as connection:
            yield connection
            if next(count) % 7 == 0:
                connection.exec_driver_sql("rollback")
                connection.exec_driver_sql("begin")

    return plant((engines, "writing", writing))


def acts_are_taken_twice() -> AbstractContextManager[None]:
    """Nobody looks whether an act is known, and the database does not mind."""

    def insert(store: Store, table: str, rows: list[Any], then: str = "") -> None:
        real(store, table, rows, then or "on conflict do nothing" if table == "acts" else then)

    real = Store._insert

    return plant((UnitOfWork, "act", lambda unit, identifier: None), (Store, "_insert", insert))


def rungs_are_told_again() -> AbstractContextManager[None]:
    """Mutant: a rung has no key, and who was notified is not stored."""

    def reaching(secret: str, record: dict[str, Any], ladder: str, rung: int, due_at: int) -> str:
        return derived_id(secret, due_at, record["_id"], ladder, str(rung), record["acts"]["last"])

    return plant(
        (reached_rungs, "reaching_id", reaching),
        (Store, "claim_timer", lambda *_: True),
        (timers, "told_at", lambda *_: None),
    )


def rights_are_read_once() -> AbstractContextManager[None]:
    """What a person may see is what they might see at first."""
    real, first = Site.rights, dict[Any, Any]()

    def rights(site: Site, person: str, at: int | None = None) -> Any:
        return first.setdefault((id(site), person), real(site, person, at))

    return plant((Site, "rights", rights))


def memory_has_a_gap() -> AbstractContextManager[None]:
    """What is answered from memory lacks the oldest of several changes."""
    real = ChangeHub.changes_since

    def since(hub: ChangeHub, *asked: Any) -> Any:
        found = real(hub, *asked)
        return found[1:] if found and len(found) > 1 else found

    return plant((ChangeHub, "changes_since", since))


def nobody_sees_what_was_spoken_of() -> AbstractContextManager[None]:
    """A record that nobody made is offered to those with an open question alone."""
    real = access.each_channel

    def channels(declarations: Any, record: Any, *around: Any) -> Iterator[list[str]]:
        if record["state"] == "unknown":
            record = {**record, "acts": {**record["acts"], "recent": []}}
        return real(declarations, record, *around)

    return plant((access, "each_channel", channels))


def a_refusal_stops_all(intake: Intake, document: Any, refused: Any, *_: Any) -> Any:
    """One bad act, and the whole push fails."""
    raise RuntimeError(refused.code)


def rows_are_not_counted() -> AbstractContextManager[None]:
    """The server leaves one row out of what a device should hold."""
    real = compares._visible
    return plant((compares, "_visible", lambda *asked: real(*asked)[1:]))


def misnamed(*told: Any) -> Any:
    """Mutant: the feed names another revision than the record's."""
    row, change = as_row(*told)
    wrong = list(row)
    wrong[7] = f"{change.rev[:-1]}{(int(change.rev[-1], 16) + 1) % 16:x}"
    return tuple(wrong), change


def a_refusal_is_noted_each_time() -> AbstractContextManager[None]:
    """Nobody looks whether a body was refused before."""

    def named(intake: Intake, sent: quarantine.Sent, refused: Any) -> str:
        return "refusal:" + derived_id("", 0, sent.sha, secrets.token_hex(4)).removeprefix("act:")

    return plant((Store, "quarantined", lambda *_: None), (quarantine, "_refusal_id", named))


def notices_have_ids_by_chance() -> AbstractContextManager[None]:
    """Mutant: notices have random ids, so that notifying twice shows twice."""
    return plant(
        (in_app, "notice_id", lambda secret, at, *_: "notice:" + ulid(at, secrets.randbits(80))),
        (UnitOfWork, "claim", lambda *_: True),
        (timers, "told_at", lambda *_: None),
    )


# The tablet


def sent_is_arrived() -> AbstractContextManager[None]:
    """The tablet takes an act for arrived when it sends it."""
    real = Device._push

    def push(device: Device, line: Any) -> None:
        waiting = device.waiting(device.person)
        try:
            real(device, line)
        except Trouble:
            for act in waiting:
                device.acknowledged(act["_id"])
            raise

    return plant((Device, "_push", push))


def checkpoint_comes_first() -> AbstractContextManager[None]:
    """The tablet remembers how far it came, and dies before it has written the page."""
    real, count = Device.write_page, itertools.count(1)

    def write(device: Device, page: Page) -> None:
        device.disk.checkpoint = page.last
        if next(count) % 5 == 0:
            raise Trouble("stopped")
        real(device, page)

    return plant((Device, "write_page", write))


def removals_are_skipped() -> AbstractContextManager[None]:
    """The tablet keeps what it may not see any more."""
    real = Device.take_page

    def take(device: Device, rows: Any) -> None:
        real(device, [row for row in rows if "doc" in row])

    return plant((Device, "take_page", take))


def refused_is_not_offered_again() -> AbstractContextManager[None]:
    """What the server kept apart, and lost, is not offered again."""
    real = Device.offer_again

    def offer(device: Device) -> None:
        refused = [row for row in device.disk.acts.values() if row.state == "refused"]
        real(device)
        for row in refused:
            row.state, row.over = "refused", False

    return plant((Device, "offer_again", offer))


# What is sent to addresses


def any_record(desk: Desk, identifier: str) -> Any:
    """Nobody looks whether there is such a record."""
    return desk.site.record(identifier)


def ends_in_the_middle(*_: Any, **__: Any) -> None:
    """A feed fails while it is read."""
    raise RuntimeError("the feed ends here")


NOT_COMMITTED = Mutant("an answer before the commit", commits_are_lost, quick=True)
TAKEN_TWICE = Mutant("no look whether an act is known", acts_are_taken_twice, quick=True)

HISTORIES = (
    NOT_COMMITTED,
    TAKEN_TWICE,
    Mutant("sent is taken for arrived", sent_is_arrived, quick=True),
    Mutant("nothing is offered again", instead(Device, "offer_again", lambda _: None)),
    Mutant("what was refused is not offered again", refused_is_not_offered_again, 1_000),
    Mutant("the checkpoint before the page", checkpoint_comes_first),
    Mutant("removals skipped", removals_are_skipped, quick=True),
    Mutant("rights read once", rights_are_read_once),
    Mutant("refused acts not kept", instead(Store, "keep_refused", lambda *_: None)),
    Mutant(
        "late acts added at the end", instead(record_in_progress, "belongs_after", lambda *_: True)
    ),
    Mutant("rungs told again", rungs_are_told_again),
    Mutant("a gap in memory", memory_has_a_gap, 1_000),
    Mutant("what nobody made is nobody's", nobody_sees_what_was_spoken_of, 1_000),
)
PEERS = (
    Mutant("a gap in memory", memory_has_a_gap, 50),
    Mutant("a revision by another name", instead(record_rows, "as_row", misnamed), 25),
)
MANIFEST = (
    Mutant("sums of nothing", instead(checksums, "weight", lambda _: 0), 20, quick=True),
    Mutant("one row is not counted", rows_are_not_counted, 20),
)
SOCKETS = (
    NOT_COMMITTED,
    replace(TAKEN_TWICE, quick=False),
)  # 40 s on sockets; others try it quickly
RULES = (NOT_COMMITTED, *(replace(HISTORIES[n], quick=False) for n in (2, 6)))
REPLAYS = (
    TAKEN_TWICE,
    Mutant("notices with ids by chance", notices_have_ids_by_chance),
    Mutant("refusals noted each time", a_refusal_is_noted_each_time),
)
POISON = (Mutant("a refusal stops all", instead(Intake, "_keep", a_refusal_stops_all), 2, True),)
CHANCE = (
    Mutant(
        "ids from the machine's dice",
        instead(world, "ulid", lambda at, _: ulid(at, secrets.randbits(80))),
        2,
        quick=True,
    ),
)
ADDRESSES = (
    Mutant("JSON that is none is a crash", instead(strict_json, "loads", json.loads), 400),
    Mutant("a record that is not there is a crash", instead(Desk, "read", any_record), 900),
    Mutant("a feed ends in the middle", instead(FeedReader, "page", ends_in_the_middle), 900),
)
