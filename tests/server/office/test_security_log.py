"""The security log: what an officer asks for stands in it, and no patient does."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from starlette.applications import Starlette

from server.acts import security_log
from server.acts.security_log import EventFilter
from server.acts.site import Site
from server.clocks.periodic_tasks import Schedule
from server.database import tables
from server.http import accounts
from server.operations.backup import making, restoring
from tests.cast import WORDS, Cast
from tests.clock import DAY, Clock
from tests.server.in_process import inside
from tests.server.office.window import OURS, Window

Opening = Callable[..., Window]


def logged(site: Site, kind: str | None = None) -> list[Any]:
    """Return the events, the oldest first."""
    with site.reading() as connection:
        return security_log.events(connection, EventFilter(kind=kind))[::-1]


def test_signing_in_is_logged_with_login_address_and_moment(
    site: Site,
    clock: Clock,
    window: Opening,
) -> None:
    window("wu")
    row = logged(site, "signed_in")[-1]
    assert (row.person, row.login, row.at) == ("person:wu", "wu", clock())
    assert row.address == "testclient" and row.device.startswith("device:")


def test_wrong_guesses_and_the_lock_out_are_logged(site: Site, window: Opening) -> None:
    guesser = window()
    for n in range(6):
        guesser.signs_in("wu", f"wrong-{n}")
    assert [row.login for row in logged(site, "sign_in_failed")] == ["wu"] * 5
    (out,) = logged(site, "locked_out")
    assert out.login == "wu" and '"seconds":900' in out.detail


def test_what_was_typed_as_a_login_that_nobody_has_is_not_kept(
    site: Site,
    window: Opening,
) -> None:
    window().signs_in("my secret password", "x")
    (row,) = logged(site, "sign_in_failed")
    assert row.login is None and "secret" not in str(tuple(row))


def test_basic_is_logged_once_and_not_with_every_request(site: Site) -> None:
    accounts.set_password(site, "person:lin", "lin", "floorwalk")
    with inside(site) as application:
        for _ in range(3):
            answer = application.ask(None, "GET", "/sync/demo", auth=("lin", "floorwalk"))
            assert answer.status_code == 200
    assert len(logged(site, "signed_in")) == 1


def test_a_reset_and_a_change_of_rights_are_logged(
    site: Site,
    clock: Clock,
    window: Opening,
) -> None:
    wu = window("wu")
    page = wu.opens("/office/people/chen")
    wu.fills_in(page, "/password", login="chen", password="another one")
    (reset,) = logged(site, "password_set")
    assert (reset.person, reset.subject) == ("person:wu", "person:chen")
    clock.passes(seconds=1)
    seen = (site.record("person:zhao") or {})["acts"]["last"]
    change = {"posts": ["cs_agent"]}
    assert site.record_act("person.changed", "person:zhao", change, by="person:wu", seen=seen).good
    row = logged(site, "rights_changed")[-1]
    assert (row.person, row.subject) == ("person:wu", "person:zhao")
    assert '"posts":[[],["cs_agent"]]' in row.detail
    before = len(logged(site, "rights_changed"))
    site.record_act("person.changed", "person:zhao", {"phone": "12345"}, by="person:wu")
    assert len(logged(site, "rights_changed")) == before


def test_a_reveal_is_logged_without_the_patient(site: Site, cast: Cast) -> None:
    complaint = cast.lin.new("complaint")
    said = {"place": "place:lobby-1", "words": WORDS, "name": "司徒青云", "phone": "13800138000"}
    assert cast.lin.does("complaint.taken", complaint, **said).good
    assert cast.wu.does("complaint.revealed", complaint).good
    (row,) = logged(site, "revealed")
    assert (row.person, row.subject, row.device) == ("person:wu", complaint, cast.wu.device)
    everything = str([tuple(row) for row in logged(site)])
    assert not any(text in everything for text in ("司徒青云", "13800138000", WORDS))


def test_reads_are_counted_for_a_person_and_a_day(site: Site, cast: Cast) -> None:
    for _ in range(3):
        said = {"place": "place:lobby-1", "words": WORDS}
        assert cast.lin.does("complaint.taken", cast.lin.new("complaint"), **said).good
    with inside(site) as application:
        page = application.ask("chen", "GET", "/sync/demo/_changes?include_docs=true").json()
        read = len(page["results"])
        assert read >= 3
        bare = application.ask("chen", "GET", "/sync/demo/_changes").json()  # ids alone
        assert len(bare["results"]) == read
        one = page["results"][-1]["id"]
        application.ask("chen", "GET", f"/sync/demo/{one}")
    site.reads.write(site.writing)
    with site.reading() as connection:
        rows = [tuple(row) for row in security_log.reads_of(connection, EventFilter())]
    assert rows == [("person:chen", security_log.day_of(site.now()), read + 1)]


def test_counts_that_could_not_be_written_are_not_lost(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.reads.add("person:lin", 4, site.now())

    def fails(*_: Any) -> None:
        raise sa.exc.OperationalError("", {}, Exception("locked"))

    with monkeypatch.context() as broken:
        broken.setattr(security_log, "write_reads", fails)
        with pytest.raises(sa.exc.OperationalError):
            site.reads.write(site.writing)
    site.reads.write(site.writing)
    site.reads.add("person:lin", 2, site.now())
    site.reads.write(site.writing)
    with site.reading() as connection:
        assert [row.records for row in security_log.reads_of(connection, EventFilter())] == [6]


def test_a_row_is_never_changed(site: Site) -> None:
    with site.writing() as connection:
        security_log.record_event(connection, "signed_in", site.now(), person="person:lin")
    change = sa.update(tables.security_events).values(person="person:chen")
    try:
        with site.writing() as connection:
            connection.execute(change)
    except sa.exc.DBAPIError as error:
        assert "never changed" in str(error)
    assert {row.person for row in logged(site, "signed_in")} == {"person:lin"}


def test_the_log_is_forgotten_by_age(site: Site, clock: Clock) -> None:
    with site.writing() as connection:
        security_log.record_event(connection, "signed_in", site.now(), person="person:lin")
    site.reads.add("person:lin", 4, site.now())
    site.reads.write(site.writing)
    clock.passes(days=366)
    with site.writing() as connection:
        security_log.record_event(connection, "signed_in", site.now(), person="person:chen")
    Schedule(site).tidy()
    assert [row.person for row in logged(site, "signed_in")] == ["person:chen"]
    with site.reading() as connection:
        assert security_log.reads_of(connection, EventFilter()) == []


def test_the_page_filters_and_the_export_is_logged(
    site: Site,
    clock: Clock,
    app: Starlette,
    window: Opening,
) -> None:
    window("chen")
    wu = window("wu")
    wu.signs_in("chen", "=HYPERLINK(1)")
    page = wu.opens("/office/security")
    assert "Sign-in failed" in page.text and "陈静" in page.text
    only = wu.opens("/office/security?person=chen&kind=signed_in")
    assert "陈静" in only.row("Signed in") and "event-2" not in only.html
    assert "Nothing happened that fits" in wu.opens("/office/security?day=2020-01-01").text
    form = wu.opens("/office/security?person=chen").form("/export")
    answer = wu.client.post(form.action, data=form.fields, headers=OURS)
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.reader(io.StringIO(answer.text.lstrip("\ufeff"))))
    assert rows[0] == [*security_log.COLUMNS]
    assert len(rows) > 2 and all("person:chen" in (row[2], row[6]) for row in rows[1:])
    assert [row.person for row in logged(site, "exported")] == ["person:wu"]
    assert window("chen").opens("/office/security").status == 404


def test_a_cell_that_would_be_a_formula_is_text(site: Site) -> None:
    with site.writing() as connection:
        security_log.record_event(connection, "sign_in_failed", site.now(), login="=1+1")
        text = security_log.as_csv(connection, EventFilter())
    assert ",'=1+1," in text


def test_a_thousand_events_are_paged(site: Site, clock: Clock, window: Opening) -> None:
    with site.writing() as connection:
        for n in range(450):
            security_log.record_event(
                connection, "signed_in", clock() - DAY + n, person="person:lin"
            )
    wu = window("wu")
    page = wu.opens("/office/security?kind=signed_in")
    assert page.html.count('<tr id="event-') == 200
    older = wu.opens(page.links["Next page"])
    assert older.html.count('<tr id="event-') == 200
    assert wu.opens(older.links["Next page"]).html.count('<tr id="event-') == 51


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_papers_backups_and_restores_are_logged(
    site: Site, cast: Cast, window: Opening, tmp_path: Path
) -> None:
    complaint = cast.lin.new("complaint")
    assert cast.lin.does("complaint.taken", complaint, place="place:lobby-1", words=WORDS).good
    wu = window("wu")
    for paper in ("slip", "form"):
        assert wu.opens(f"/office/complaints/{complaint.partition(':')[2]}/{paper}").status == 200
    assert [row.subject for row in logged(site, "exported")] == [complaint] * 2
    made = making.make(site.config, tmp_path / "to", site.now())
    assert [row.subject for row in logged(site, "backup_made")] == [made.path.name]
    site.engine.dispose()
    restoring.restore(made.path, site.config, site.now(), replace=True)
    again = Site(site.config, site.now)
    assert len(logged(again, "restored")) == 1 and logged(again, "backup_made") == []
    again.close()
