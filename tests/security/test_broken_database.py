"""A12: a database that fails is noticed by /healthz, and no log or answer carries a patient."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from server.acts.site import Site
from server.base import json_log, plain_errors
from server.database import engines, tables
from tests.cast import Cast
from tests.server.in_process import Inside, inside

NAME = "司徒青云"


@pytest.fixture
def application(site: Site) -> Iterator[Inside]:
    with inside(site) as made:
        yield made


@pytest.fixture
def lines() -> Iterator[list[str]]:
    """Every line that the server logs, as it would stand on stderr."""
    written: list[str] = []

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            written.append(json_log.Lines().format(record))

    handler = Kept()
    logging.getLogger().addHandler(handler)
    yield written
    logging.getLogger().removeHandler(handler)


def push(application: Inside, cast: Cast) -> int:
    said = {"place": "place:lobby-1", "name": NAME}
    act = cast.lin.says("waiting.started", cast.lin.new("waiting"), **said)
    body = {"docs": [act], "new_edits": False}
    return application.ask("lin", "POST", "/sync/demo/_bulk_docs", json=body).status_code


def health(application: Inside) -> int:
    application.site.health.probed_at = -10.0  # as if the last trial had been a while ago
    return application.ask(None, "GET", "/healthz").status_code


def damage(site: Site, table: str) -> None:
    """Overwrite the pages of a table, as a failing disk does."""
    path = Path(site.engine.url.database or "")
    with site.engine.connect() as connection:
        connection.exec_driver_sql("pragma wal_checkpoint(truncate)")
        root = connection.exec_driver_sql(
            f"select rootpage from sqlite_master where name = '{table}'"
        ).scalar_one()
        size = connection.exec_driver_sql("pragma page_size").scalar_one()
    site.engine.dispose()
    with path.open("r+b") as file:
        file.seek((root - 1) * size)
        file.write(b"\xff" * size)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("table", ["acts", "records", "changes", "counter"])
def test_a_damaged_database_is_not_healthy_and_names_nobody(
    site: Site, cast: Cast, application: Inside, lines: list[str], table: str
) -> None:
    assert push(application, cast) == 201 and health(application) == 200
    damage(site, table)
    assert health(application) == 503, "before anybody was refused"
    assert push(application, cast) >= 500
    assert health(application) == 503
    assert NAME not in "\n".join(lines) and lines


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_push_that_failed_is_remembered_whatever_the_trial_says(
    site: Site, cast: Cast, application: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: Any) -> None:
        raise sa.exc.DatabaseError("insert", {"name": NAME}, Exception("disk image is malformed"))

    with monkeypatch.context() as broken:
        broken.setattr("server.database.store.Store.put_records", fails)
        assert push(application, cast) == 500
    assert health(application) == 503


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_database_that_can_only_be_read_is_not_healthy(
    site: Site, cast: Cast, application: Inside, lines: list[str]
) -> None:
    assert push(application, cast) == 201 and health(application) == 200
    site.engine.dispose()

    def only_read(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA query_only = on")

    sa.event.listen(site.engine, "connect", only_read)
    assert push(application, cast) >= 500
    site.health.broken_at = None
    assert health(application) == 503
    assert NAME not in "\n".join(lines)


def test_a_healthy_trial_leaves_nothing_and_is_not_made_for_everybody(
    site: Site, application: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert health(application) == 200
    with site.reading() as connection:
        for table, column in ((tables.acts, "id"), (tables.records, "id")):
            trials = sa.select(table).where(table.c[column] == "act:trial")
            assert connection.execute(trials).first() is None

    def fails(*_: Any) -> None:
        raise AssertionError("tried again at once")

    monkeypatch.setattr("server.database.store.Store.try_out", fails)
    assert application.ask(None, "GET", "/healthz").status_code == 200


def test_what_a_database_says_about_a_row_is_in_no_log(site: Site, lines: list[str]) -> None:
    row = {"id": NAME, "name": NAME}
    log = logging.getLogger("floorwalk.test")
    with site.engine.connect() as connection:
        connection.exec_driver_sql("create temporary table t (id text primary key, name text)")
        insert = sa.insert(sa.table("t", sa.column("id"), sa.column("name")))
        connection.execute(insert, row)
        try:
            connection.execute(insert, row)
        except sa.exc.IntegrityError as error:
            log.exception("it failed: %s", error)
            assert NAME not in plain_errors.described(error)
            assert "IntegrityError" in plain_errors.described(error)
        connection.rollback()
    try:
        {"a": 1}[NAME]
    except KeyError:
        log.exception("a key")
    (first, second) = lines
    assert NAME not in first + second
    assert "test_broken_database.py" in first and "KeyError" in second


def test_a_busy_database_is_no_broken_one() -> None:
    for text, broken in (("database is locked", False), ("database disk image is malformed", True)):
        error = sa.exc.OperationalError("x", {}, Exception(text))
        assert engines.is_broken(error) == broken
    assert not engines.is_broken(sa.exc.DataError("x", {}, Exception("x")))
    assert not engines.is_broken(ValueError("x"))
