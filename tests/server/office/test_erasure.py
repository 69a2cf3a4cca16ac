"""Erasure and retention: what people told of themselves goes, everywhere, and the rest holds."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from server import cli
from server.acts import erasure
from server.acts.attachment_stubs import path_of
from server.acts.site import Site
from server.clocks import retention
from server.database import tables
from server.database.tables import quarantine
from server.operations.audit import chain_walk
from server.operations.backup import making, restoring
from tests.cast import SITE, Cast
from tests.clock import Clock
from tests.security.test_hidden_records_look_absent import photo
from tests.server.in_process import inside
from tests.server.office.window import Window

NAME, PHONE, SAID = "司徒青云", "13800138000", "等了两个小时没有人理我"
SECRETS = (NAME, PHONE, SAID)


def everything(site: Site) -> str:
    """Return all that the database holds, as text."""
    text = []
    with site.reading() as connection:
        for table in tables.metadata.sorted_tables:
            for row in connection.execute(sa.select(table)):
                text += [
                    value.decode(errors="replace") if isinstance(value, bytes) else str(value)
                    for value in row
                ]
    return "\n".join(text)


def complains(cast: Cast, site: Site) -> tuple[str, str]:
    """Let somebody complain with a photo, and correct their phone; return complaint and photo."""
    body = photo(7)
    sha = hashlib.sha256(body).hexdigest()
    complaint = cast.wu.new("complaint")
    with inside(site) as application:
        answer = application.ask(
            "wu", "PUT", f"/sync/demo/_blob/{sha}", content=body,
            headers={"content-type": "image/jpeg"},
        )  # fmt: skip
        assert answer.status_code == 201
    said = {
        "place": "place:lobby-1",
        "words": SAID,
        "name": NAME,
        "phone": "12345",
        "photos": [sha],
    }
    assert cast.wu.does("complaint.taken", complaint, **said).good
    assert cast.wu.does("complaint.edited", complaint, field="phone", old="12345", new=PHONE).good
    # Somebody else's phone number about it, refused and shown in the office.
    refused = cast.zhao.says("complaint.edited", complaint, field="phone", old="12345", new=PHONE)
    assert cast.zhao.hands_in(refused)[0].code
    return complaint, sha


def walked(site: Site) -> list[str]:
    with site.reading() as connection:
        return chain_walk.walk(connection).problems


def test_nothing_of_it_is_left_and_the_rest_holds(site: Site, cast: Cast) -> None:
    complaint, sha = complains(cast, site)
    assert all(secret in everything(site) for secret in SECRETS)
    before = site.record(complaint) or {}
    done = erasure.erase(site, complaint, by="person:wu", reason="asked for on 11-25")
    assert done.entries >= 3 and done.refused == 1 and done.files == [sha]
    left = everything(site)
    assert [secret for secret in (*SECRETS, sha) if secret in left] == []
    assert not path_of(site.config.blobs, sha).exists()
    after = site.record(complaint) or {}
    assert after["_rev"] != before["_rev"] and "_attachments" not in after
    kept = ("state", "place", "taken_at", "severity", "owner", "opened_at")
    assert {name: after.get(name) for name in kept} == {name: before.get(name) for name in kept}
    assert walked(site) == []
    assert site.refold()[1] == 0
    assert (site.record(done.erasure) or {})["about"] == complaint


def test_tablets_hear_of_it_and_cannot_bring_it_back(site: Site, cast: Cast) -> None:
    complaint = cast.lin.new("complaint")
    act = cast.lin.says("complaint.taken", complaint, place="place:lobby-1", words=SAID, name=NAME)
    assert cast.lin.hands_in(act)[0].good
    with inside(site) as application:
        page = application.ask("lin", "GET", "/sync/demo/_changes?include_docs=true").json()
        erasure.erase(site, complaint, by="system:site", reason="x")
        since = f"/sync/demo/_changes?include_docs=true&since={page['last_seq']}"
        (row,) = application.ask("lin", "GET", since).json()["results"]
        assert row["id"] == complaint and NAME not in str(row)
        old = application.ask("lin", "GET", "/sync/demo/_changes?include_docs=true").text
        assert NAME not in old
    assert cast.lin.hands_in(act)[0].state == "known", "offered again after a restore"
    assert NAME not in everything(site) and walked(site) == []


def test_whoever_blanks_an_act_by_hand_is_found(site: Site, cast: Cast) -> None:
    complaint, _ = complains(cast, site)
    done = erasure.erase(site, complaint, by="system:site", reason="x")
    with site.writing() as connection:
        row = connection.execute(
            sa.select(tables.acts).where(tables.acts.c.record == "person:lin")
        ).first()
        assert row is not None
        body = bytes(row.body).replace(b"guide", b"admin")
        change = sa.update(tables.acts).where(tables.acts.c.id == row.id)
        connection.execute(change.values(body=body))
        forged = {
            "act": row.id, "record": row.record, "erasure": done.erasure, "at": 1,
            "was": hashlib.sha256(bytes(row.body)).digest(),
            "is_now": hashlib.sha256(body).digest(),
        }  # fmt: skip
        connection.execute(sa.insert(tables.erasures).values(forged))
    assert "which is not so" in walked(site)[0]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_an_older_backup_does_not_bring_it_back(
    site: Site, cast: Cast, clock: Clock, tmp_path: Path
) -> None:
    complaint, sha = complains(cast, site)
    made = making.make(site.config, tmp_path / "to", clock())
    erasure.erase(site, complaint, by="person:wu", reason="x")
    site.engine.dispose()
    restoring.restore(made.path, site.config, clock.passes(seconds=1), replace=True)
    again = Site(site.config, clock)
    left = everything(again)
    assert [secret for secret in (*SECRETS, sha) if secret in left] == []
    assert not path_of(site.config.blobs, sha).exists() and walked(again) == []
    again.close()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_command_asks_once_more(
    site: Site, cast: Cast, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    complaint, _ = complains(cast, site)
    where = ["--reason", "x", "--data", str(site.config.data), "--site", SITE]
    monkeypatch.setattr("builtins.input", lambda _: "no")
    assert cli.main(["erase", complaint, *where]) == 1 and NAME in everything(site)
    monkeypatch.setattr("builtins.input", lambda _: complaint)
    assert cli.main(["erase", complaint, *where]) == 0 and NAME not in everything(site)
    assert cli.main(["erase", "complaint:none", *where, "--yes"]) == 1
    assert "There is no record" in capsys.readouterr().err


def test_an_administrator_erases_in_the_office_and_it_is_logged(
    site: Site, cast: Cast, window: Callable[..., Window]
) -> None:
    complaint, _ = complains(cast, site)
    wu = window("wu")
    page = wu.opens("/office/security")
    assert wu.fills_in(page, "/erase", record=complaint).status == 422
    assert wu.fills_in(page, "/erase", record="complaint:x", reason="x").status == 422
    done = wu.fills_in(page, "/erase", record=complaint, reason="asked for on 11-25")
    assert "asked for on 11-25" in done.row("Private details erased")
    assert NAME not in everything(site)
    assert (
        window("chen").sends("/office/security/erase", record=complaint, reason="x").status == 404
    )


def test_what_was_decided_long_ago_and_what_nothing_names_goes(
    site: Site, cast: Cast, clock: Clock
) -> None:
    refused = cast.lin.says(
        "waiting.started", cast.lin.new("waiting"), place="place:lobby-2", name=NAME
    )
    assert cast.lin.hands_in(refused)[0].code == "not_your_place"
    with site.reading() as connection:
        refusal = connection.scalar(sa.select(quarantine.c.refusal))
    body = photo(8)
    sha = hashlib.sha256(body).hexdigest()
    with inside(site) as application:
        application.ask(
            "wu", "PUT", f"/sync/demo/_blob/{sha}", content=body,
            headers={"content-type": "image/jpeg"},
        )  # fmt: skip
    clock.passes(days=200)
    assert retention.tidy(site) == (0, 1), "nobody decided about it yet"
    assert not path_of(site.config.blobs, sha).exists()
    assert cast.wu.does("refusal.dismissed", str(refusal), reason="x").good
    clock.passes(days=80)
    retention.tidy(site)
    assert NAME in everything(site)
    clock.passes(days=11)
    assert retention.tidy(site) == (1, 0) and NAME not in everything(site)
    assert retention.tidy(site) == (0, 0) and walked(site) == []
    assert (site.record(str(refusal)) or {})["state"] == "dismissed"
