"""What a record is found by stands beside it: made at commit, filled for old databases (§1)."""

from __future__ import annotations

import hashlib

import orjson
import pytest

from server.acts.site import Site
from server.database import engines, tables
from tests.cast import Cast
from tests.clock import Clock
from tests.server import database_rows
from tests.server.conftest import BOTH
from tests.server.test_intake import waits

pytestmark = pytest.mark.parametrize("database", BOTH, indirect=True)


def words(site: Site, record: str) -> list[str]:
    """Return what a record is found by."""
    (row,) = [row for row in database_rows.rows(site, "records") if row["id"] == record]
    return (row["words"] or "").split("\n")


def test_every_reading_of_a_name_stands_beside_its_record(site: Site, cast: Cast) -> None:
    record = waits(cast, name="曾国强")
    assert {"曾国强", "zengguoqiang", "cengguoqiang", "zgq", "cgq"} <= set(words(site, record))
    assert "pinyin" not in database_rows.one(site, record)
    assert words(site, waits(cast)) == [""]


def as_before(site: Site, record: str, pinyin: str) -> None:
    """Have a record as the version before wrote it, and the tables too."""
    columns = tables.records.c
    body = {**database_rows.one(site, record), "pinyin": pinyin}
    del body["_rev"]
    plain = orjson.dumps(body, option=orjson.OPT_SORT_KEYS)
    digest = hashlib.md5(plain, usedforsecurity=False).digest()
    rev = f"1-{digest.hex()}"
    body = orjson.dumps({**body, "_rev": rev}, option=orjson.OPT_SORT_KEYS)
    with site.writing() as connection:
        change = tables.records.update().where(columns.id == record)
        connection.execute(change.values(body=body, history=digest, rev=rev, gen=1))
        connection.exec_driver_sql("alter table records drop column words")
        for name in ("withdrawn_acts", "statements", "settling", "found"):
            connection.exec_driver_sql(f"drop table {name}")
        connection.exec_driver_sql("update alembic_version set version_num = '0140'")


def test_a_database_of_the_version_before_finds_all_readings_and_folds_the_same(
    site: Site, cast: Cast, clock: Clock
) -> None:
    record, other = waits(cast, name="曾国强"), waits(cast, name="王小明")
    as_before(site, record, "cgq cengguoqiang")
    engines.prepare(site.engine)
    assert {"zengguoqiang", "zgq", "cgq"} <= set(words(site, record))
    assert "wxm" in words(site, other)
    before = database_rows.rows(site, "records")
    assert site.refold()[1] == 0, "nothing gets a new revision"
    assert database_rows.rows(site, "records") == before
    assert database_rows.one(site, record)["pinyin"] == "cgq cengguoqiang"
    clock.passes(minutes=1)
    assert cast.lin.does("waiting.water_given", record).good
    changed = database_rows.one(site, record)
    assert changed["_rev"].startswith("2-") and "pinyin" not in changed
    assert "zgq" in words(site, record)
    assert site.refold()[1] == 0


def test_search_words_that_somebody_damaged_are_mended(site: Site, cast: Cast) -> None:
    record = waits(cast, name="张晓丽")
    revision = database_rows.one(site, record)["_rev"]
    with site.writing() as connection:
        change = tables.records.update().where(tables.records.c.id == record)
        connection.execute(change.values(words="x"))
    assert site.refold()[1] == 1
    assert "zxl" in words(site, record)
    assert database_rows.one(site, record)["_rev"] == revision
