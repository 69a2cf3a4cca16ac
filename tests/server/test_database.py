"""The tables, and the migrations that lead to them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pysqlite3
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from server.database import engines, tables
from tests import databases, postgres
from tests.databases import BOTH


@pytest.mark.parametrize("kind", BOTH)
def test_migrations_add_up_to_the_tables(tmp_path: Path, kind: str) -> None:
    url = f"sqlite:///{tmp_path}/migrated.db"
    engine = engines.connect(url if kind == "sqlite" else databases.postgres().bare_database())
    engines.upgrade(engine)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, tables.metadata) == []
        if kind == "postgresql":
            assert texts_out_of_order(connection) == []
    engine.dispose()
    script = ScriptDirectory(str(Path(engines.__file__).parent / "migrations"))
    assert script.get_current_head() == engines.VERSION


def test_on_postgresql_texts_are_ordered_by_their_bytes() -> None:
    """A PostgreSQL that was set up in Chinese would put ids in another order than SQLite does."""
    engine = engines.connect(databases.postgres().new_database())
    with engine.connect() as connection:
        assert texts_out_of_order(connection) == []
    engine.dispose()


def texts_out_of_order(connection: sa.Connection) -> list[str]:
    """Return the columns of text whose order depends on the language of the database."""
    found = connection.exec_driver_sql(
        "select table_name || '.' || column_name from information_schema.columns"
        " where table_schema = 'public' and data_type = 'text'"
        " and collation_name is distinct from 'C'"
    )
    return [*found.scalars()]


def test_a_database_that_migrations_made_needs_nothing_more(tmp_path: Path) -> None:
    engine = engines.connect(f"sqlite:///{tmp_path}/migrated.db")
    engines.upgrade(engine)
    engines.prepare(engine)
    with engines.reading(engine) as connection:
        assert connection.execute(sa.select(tables.counter.c.seq)).scalar_one() == 0


def test_a_new_database_keeps_what_is_committed_when_the_power_fails(tmp_path: Path) -> None:
    engine = engines.connect(f"sqlite:///{tmp_path}/new.db")
    engines.prepare(engine)
    with engine.connect() as connection:
        said = {
            name: connection.exec_driver_sql(f"pragma {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert said == {
        "journal_mode": "wal",
        "synchronous": 2,  # FULL
        "foreign_keys": 1,
        "busy_timeout": 5000,
    }


def test_a_sqlite_that_may_lose_data_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pysqlite3, "sqlite_version_info", (3, 51, 2))
    with pytest.raises(engines.TooOld):
        engines.connect("sqlite:///x.db")


def test_identity_stays_when_the_server_starts_again(tmp_path: Path) -> None:
    engine = engines.connect(f"sqlite:///{tmp_path}/new.db")
    found = []
    for _ in range(2):
        engines.prepare(engine)
        with engines.reading(engine) as connection:
            found.append({row.key: row.value for row in connection.execute(tables.meta.select())})
    assert found[0] == found[1]
    assert set(found[0]) == {"uuid", "epoch", "secret"}


def test_two_writers_wait_for_each_other(tmp_path: Path) -> None:
    engine = engines.connect(f"sqlite:///{tmp_path}/new.db")
    engines.prepare(engine)
    with engines.writing(engine) as first:
        first.execute(sa.update(tables.counter).values(seq=1))
        with engines.reading(engine) as reader:  # reads go on meanwhile
            assert reader.execute(sa.select(tables.counter.c.seq)).scalar_one() == 0
    with engines.reading(engine) as reader:
        assert reader.execute(sa.select(tables.counter.c.seq)).scalar_one() == 1


def test_the_program_that_adds_users_is_found_without_sbin_on_the_path(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "useradd").write_text("#!/bin/sh\n")
    (tmp_path / "useradd").chmod(0o755)
    monkeypatch.setattr(postgres, "SBIN", (str(tmp_path),))
    monkeypatch.setenv("PATH", "/nowhere")
    postgres.find_useradd()
    assert shutil.which("useradd") == str(tmp_path / "useradd")
