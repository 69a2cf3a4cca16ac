"""The chain of acts: whatever is done to stored acts behind the program's back is found."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
import sqlalchemy as sa

from server import cli
from server.acts.site import Site
from server.database import chain, engines
from server.database.store import Store
from server.database.tables import acts, counter, quarantine
from server.operations.audit import chain_walk
from server.operations.backup import making, restoring
from tests.cast import SITE, Cast, cast, made_site
from tests.clock import Clock
from tests.server.feed import sits_down
from tests.server.test_commands import run

TAMPERINGS = 200
NEWER_TABLES = (
    *("security_events", "reads", "erasures", "refused_days", "withdrawn_acts"),
    *("statements", "settling", "found"),
)


def head_of(site: Site) -> tuple[int, bytes]:
    with site.reading() as connection:
        return Store(connection).head()


def walked(site: Site, *heads: tuple[int, bytes]) -> chain_walk.Walk:
    with site.reading() as connection:
        return chain_walk.walk(connection, heads)


def work(people: Cast, count: int = 30) -> None:
    """Let people wait and get water, several acts in a push."""
    for _ in range(count):
        waiting = people.lin.new("waiting")
        for act in ("started", "water_given"):
            data = {"place": "place:lobby-1"} if act == "started" else {}
            people.lin.says(f"waiting.{act}", waiting, **data)
        if random.random() < 0.5:
            people.lin.hands_in()
    people.lin.hands_in()


def test_every_way_in_chains_its_acts(site: Site, cast: Cast, clock: Clock) -> None:
    work(cast)
    site.record_act("place.added", "place:new", {"name": "新", "kind": "room"}, by="system:site")
    done = walked(site)
    assert done.problems == [] and done.number > 60
    assert (done.number, done.head) == head_of(site)


def test_refolding_and_a_restart_leave_the_chain_as_it_is(site: Site, cast: Cast) -> None:
    work(cast)
    before = head_of(site)
    site.refold()
    again = Site(site.config, site.now)
    assert head_of(again) == before and walked(again, before).problems == []
    again.close()


Tampering = Callable[[sa.Connection, random.Random], None]


def one_of(connection: sa.Connection, dice: random.Random, *, but_last: int = 0) -> Any:
    rows = connection.execute(sa.select(acts).order_by(acts.c.number)).all()
    return dice.choice(rows[: len(rows) - but_last])


def set_act(connection: sa.Connection, identifier: str, **values: Any) -> None:
    connection.execute(sa.update(acts).where(acts.c.id == identifier).values(values))


def body_changed(connection: sa.Connection, dice: random.Random) -> None:
    row = one_of(connection, dice)
    body = orjson.loads(bytes(row.body))
    where = dice.choice(["by", "at", "data", "device", "seen"])
    body[where] = {"by": "person:zhao", "data": {"note": "x"}, "device": "device:x"}.get(where, 7)
    set_act(connection, row.id, body=orjson.dumps(body))


def one_bit(connection: sa.Connection, dice: random.Random) -> None:
    row = one_of(connection, dice)
    body = bytearray(row.body)
    body[dice.randrange(len(body))] ^= 1 << dice.randrange(7)
    set_act(connection, row.id, body=bytes(body))


def column_changed(connection: sa.Connection, dice: random.Random) -> None:
    row = one_of(connection, dice)
    name, value = dice.choice(
        [("record", "waiting:x"), ("by_", "person:zhao"), ("at", row.at + 1),
         ("received_at", row.received_at - 1), ("act", "waiting.ended")]
    )  # fmt: skip
    set_act(connection, row.id, **{name: value})


def removed(connection: sa.Connection, dice: random.Random) -> None:
    row = one_of(connection, dice)
    connection.execute(sa.delete(acts).where(acts.c.id == row.id))


def inserted(connection: sa.Connection, dice: random.Random) -> None:
    row = one_of(connection, dice)
    identifier = row.id[:-4] + "ZZZZ"
    body = orjson.dumps({**orjson.loads(bytes(row.body)), "_id": identifier})
    number = dice.choice([None, 0, -3, row.number, row.number + 1])
    values = {**row._mapping, "id": identifier, "body": body, "number": number}
    connection.execute(sa.insert(acts).values(values))


def swapped(connection: sa.Connection, dice: random.Random) -> None:
    first, second = one_of(connection, dice), one_of(connection, dice)
    while second.id == first.id:
        second = one_of(connection, dice)
    set_act(connection, first.id, number=second.number, chain=second.chain)
    set_act(connection, second.id, number=first.number, chain=first.chain)


def renumbered(connection: sa.Connection, dice: random.Random) -> None:
    row = one_of(connection, dice)
    set_act(connection, row.id, number=row.number + dice.choice([-1, 1, 7, 1_000]))


def rehashed(connection: sa.Connection, dice: random.Random) -> None:
    row = one_of(connection, dice)
    set_act(connection, row.id, chain=dice.randbytes(32))


def cut(connection: sa.Connection, dice: random.Random) -> None:
    """Take out the end and write a head that fits: only a head kept elsewhere tells."""
    row = one_of(connection, dice, but_last=1)
    connection.execute(sa.delete(acts).where(acts.c.number > row.number))
    connection.execute(sa.update(counter).values(acts=row.number, head=row.chain))


def rewritten(connection: sa.Connection, dice: random.Random) -> None:
    """Change an act and chain all that follow anew: only a head kept elsewhere tells."""
    body_changed(connection, dice)
    number, head = 0, chain.START
    for row in connection.execute(sa.select(acts).order_by(acts.c.number)).all():
        one = (row.received_at, bytes(row.body))
        ((*_, number, head),), number, head = chain.linked([one], number, head, 0, 1)
        said = orjson.loads(bytes(row.body))
        set_act(connection, row.id, chain=head, by_=said["by"], at=said["at"])
    connection.execute(sa.update(counter).values(acts=number, head=head))


KINDS: tuple[Tampering, ...] = (
    body_changed, one_bit, column_changed, removed, inserted, swapped, renumbered, rehashed, cut,
    rewritten,
)  # fmt: skip


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_each_of_two_hundred_tamperings_is_found(site: Site, cast: Cast) -> None:
    work(cast)
    kept = head_of(site)
    missed = []
    for seed in range(TAMPERINGS):
        dice = random.Random(seed)
        tamper = KINDS[seed % len(KINDS)]
        with site.engine.connect() as connection:
            tamper(connection, dice)
            found = chain_walk.walk(connection, [kept]).problems
            connection.rollback()
        if not found:
            missed.append((seed, tamper.__name__))
    assert missed == []
    assert walked(site, kept).problems == [], "the tampering itself was not taken back"


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_without_a_head_elsewhere_a_rewritten_history_passes(site: Site, cast: Cast) -> None:
    """What the head is kept elsewhere for: the threat model says so."""
    work(cast)
    kept = head_of(site)
    with site.engine.connect() as connection:
        rewritten(connection, random.Random(3))
        assert chain_walk.walk(connection).problems == []
        assert chain_walk.walk(connection, [kept]).problems != []
        connection.rollback()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_head_stands_in_a_backup_and_the_doctor_says_it(
    site: Site, cast: Cast, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    work(cast)
    made = making.make(site.config, tmp_path / "backups", site.now())
    head = chain.named(*head_of(site))
    assert made.manifest.head == head
    work(cast)
    where = ["--data", str(site.config.data), "--site", SITE]
    assert cli.main(["audit", "verify", *where, "--backup", str(made.path), "--head", head]) == 0
    assert "2 heads kept elsewhere" in capsys.readouterr().out
    cli.main(["doctor", *where])
    assert f"head {chain.named(*head_of(site))}" in capsys.readouterr().out
    # Put back, the history is shorter than what was kept since: that is said, and then goes on.
    newest = chain.named(*head_of(site))
    site.engine.dispose()
    restoring.restore(made.path, site.config, site.now(), replace=True)
    assert cli.main(["audit", "verify", *where, "--head", newest]) == 1
    assert "not there any more" in capsys.readouterr().out
    assert cli.main(["audit", "verify", *where, "--backup", str(made.path)]) == 0


def test_a_head_that_is_none_is_said(tmp_path: Path) -> None:
    assert run(tmp_path, "audit", "verify", "--head", "12:abc").returncode == 2


def test_the_migration_chains_what_is_there(tmp_path: Path, clock: Clock) -> None:
    site = made_site(tmp_path, clock)
    sits_down(cast(site, clock).lin)
    with site.engine.connect() as connection:  # as the version before left it
        raw = connection.connection.driver_connection
        assert raw is not None
        for statement in (
            "drop trigger security_events_fixed"
            if site.config.is_sqlite
            else "drop rule security_events_fixed on security_events",
            *(f"drop table {name}" for name in NEWER_TABLES),
            "drop index records_hidden",
            *(f"alter table records drop column {name}" for name in ("hides", "words")),
            *(f"alter table acts drop column {name}" for name in ("number", "chain")),
            *(f"alter table counter drop column {name}" for name in ("acts", "head")),
            *(
                f"alter table accounts drop column {name}"
                for name in ("must_change", "totp_secret", "totp_since", "totp_used", "recovery")
            ),
            *(f"alter table sessions drop column {name}" for name in ("stage", "confirmed_at")),
            "update alembic_version set version_num = '0004'",
        ):
            raw.execute(statement)
        raw.commit()
    site.close()
    engines.connect(site.config.database).dispose()
    again = Site(site.config, clock)
    done = walked(again)
    assert done.problems == [] and done.number > 10
    work(cast(again, clock))
    assert walked(again, (done.number, done.head)).problems == []
    again.close()
    shutil.rmtree(tmp_path)


def test_an_act_that_was_withdrawn_stays_a_link_of_the_chain(site: Site, cast: Cast) -> None:
    """A2: what came before its record, from somebody without a right to it, is taken out again."""
    waiting = cast.lin.new("waiting")
    early = cast.lin.says("waiting.water_given", waiting)
    cast.lin.hands_in(early)
    cast.chen.does("waiting.started", waiting, place="place:lobby-2")
    done = walked(site)
    assert done.problems == []
    assert (done.withdrawn, done.number) == (1, head_of(site)[0])
    with site.writing() as connection:
        connection.execute(sa.delete(quarantine).where(quarantine.c.act_id == early["_id"]))
    assert "nobody can decide" in walked(site).problems[0]
