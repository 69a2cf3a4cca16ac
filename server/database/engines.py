"""Opens the database, SQLite or PostgreSQL; the only module that knows their drivers."""

from __future__ import annotations

import os
import secrets
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import pysqlite3
import sqlalchemy as sa
from sqlalchemy import event

from server.base import private_files
from server.base.cannot_start import CannotStart
from server.database import tables

VERSION = "0160"  # of the tables: the newest file of migrations/versions
# Below it a WAL may be reset while another connection writes, which damages the file.
OLDEST_SQLITE = (3, 51, 3)
WIRE = "floorwalk"  # PostgreSQL's notification channel, by which processes announce commits
# synchronous=NORMAL loses acknowledged acts when the power fails: measured.
PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "busy_timeout=5000",
    "foreign_keys=ON",
    "trusted_schema=OFF",
    "wal_autocheckpoint=1000",
    "cache_size=-16384",
    "temp_store=MEMORY",
)
# A generic plan that was cached while tables were small would scan them from end to end for ever.
# A lock that does not come ends in "busy", and the client tries again.
SETTINGS = (
    "plan_cache_mode = force_custom_plan",
    "jit = off",
    "lock_timeout = '10s'",
    "idle_in_transaction_session_timeout = '60s'",
)
CONNECTS_WITHIN = 10  # s
# SQLSTATEs deadlock_detected and serialization_failure.
DEADLOCK, NOT_IN_TURN = "40P01", "40001"
LOCKED = "55P03"  # lock_not_available: the lock_timeout of SETTINGS is over


class TooOld(RuntimeError):
    """The SQLite at hand has a bug that can damage the file."""


class NewerDatabase(CannotStart):
    """The tables are of a newer version than this program."""


def connect(url: str | sa.URL) -> sa.Engine:
    """Return the engine of a database; nothing is read or written yet."""
    address = sa.make_url(url)
    is_sqlite = address.get_backend_name() == "sqlite"
    return _sqlite(address) if is_sqlite else _postgresql(address)


def _sqlite(url: sa.URL) -> sa.Engine:
    if pysqlite3.sqlite_version_info < OLDEST_SQLITE:
        wanted = ".".join(map(str, OLDEST_SQLITE))
        raise TooOld(f"SQLite {pysqlite3.sqlite_version} may lose data; {wanted} is needed.")
    engine = sa.create_engine(
        url, module=pysqlite3, pool_size=8, max_overflow=24, hide_parameters=True
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # else reads run outside the transaction: lost updates
        for pragma in PRAGMAS:
            connection.execute("PRAGMA " + pragma)

    @event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        # A deferred transaction that turns to writing fails at once, whatever busy_timeout says.
        write = connection.get_execution_options().get("write", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

    return engine


def _postgresql(url: sa.URL) -> sa.Engine:
    engine = sa.create_engine(
        url,
        pool_size=8,
        max_overflow=8,
        pool_pre_ping=True,
        hide_parameters=True,  # what people entered is no business of a log
        connect_args={"connect_timeout": CONNECTS_WITHIN},
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.autocommit = True
        for setting in SETTINGS:
            connection.execute("SET " + setting)
        connection.autocommit = False

    return engine


def announcer(engine: sa.Engine) -> Callable[[sa.Connection, int], None]:
    """Return a function that announces, with a transaction's commit, that it moved the seq."""
    if engine.dialect.name != "postgresql":
        return lambda connection, seq: None

    name = _name(engine)

    def announce(connection: sa.Connection, seq: int) -> None:
        connection.exec_driver_sql("select pg_notify(%s, %s)", (WIRE, f"{name} {seq}"))

    return announce


def _name(engine: sa.Engine) -> str:
    """Return a name for this engine's announcements, by which it ignores its own."""
    return f"{os.getpid()}-{id(engine)}"


class Listener:
    """A PostgreSQL connection that hears what other processes announce.

    Raises ConnectionError when there is none to be had.
    """

    def __init__(self, engine: sa.Engine) -> None:
        self._own = _name(engine).encode()
        fairy = engine.raw_connection()
        self._driver = cast(Any, fairy.driver_connection)
        fairy.detach()  # it stays open for ever, so the pool must not count it
        try:
            self._driver.autocommit = True
            self._driver.execute(f"listen {WIRE}")
            self._number = int(self._driver.fileno())  # kept: a cut connection has none to ask for
        except Exception as error:  # the driver's own types stay in this module
            self._driver.close()
            raise ConnectionError(str(error)) from None

    def fileno(self) -> int:
        """Return the file descriptor that becomes readable when there is something to take."""
        return self._number

    def take(self) -> bool:
        """Say whether another process announced a commit; raises ConnectionError when cut off."""
        try:
            self._driver.pgconn.consume_input()
        except Exception as error:
            raise ConnectionError(str(error)) from None
        heard = False
        while (notice := self._driver.pgconn.notifies()) is not None:
            heard |= notice.extra.split()[0] != self._own
        return heard

    def close(self) -> None:
        """Close the connection."""
        self._driver.close()


def is_full(error: sa.exc.DBAPIError) -> bool:
    """Say whether a statement failed because the disk has no room."""
    state = getattr(error.orig, "sqlstate", None)
    return state == "53100" or "disk is full" in str(error.orig)


def is_busy(error: sa.exc.DBAPIError) -> bool:
    """Say whether a statement failed because others held the database for too long."""
    state = getattr(error.orig, "sqlstate", None)
    busy = ("database is locked", "database table is locked")
    return state in (DEADLOCK, NOT_IN_TURN, LOCKED) or any(text in str(error.orig) for text in busy)


def is_broken(error: BaseException) -> bool:
    """Say whether a write failed because of the database, not of what was written or of others."""
    if not isinstance(error, sa.exc.DBAPIError):
        return False
    is_ours = isinstance(error, sa.exc.DataError | sa.exc.IntegrityError | sa.exc.ProgrammingError)
    return not is_ours and not is_busy(error)


def was_in_the_way(error: sa.exc.DBAPIError) -> bool:
    """Say whether a transaction failed by a deadlock or conflict and may be tried again."""
    return getattr(error.orig, "sqlstate", None) in (DEADLOCK, NOT_IN_TURN)


@contextmanager
def reading(engine: sa.Engine) -> Iterator[sa.Connection]:
    """Yield a read-only transaction that sees one moment of the database."""
    with engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection = connection.execution_options(isolation_level="REPEATABLE READ")
        with connection.begin():
            yield connection


@contextmanager
def writing(engine: sa.Engine) -> Iterator[sa.Connection]:
    """Yield a writing transaction, committed when the block ends without an error."""
    with engine.connect() as connection:
        connection = connection.execution_options(write=True)
        with connection.begin():
            yield connection


def prepare(engine: sa.Engine) -> None:
    """Create or upgrade the tables; give a database uuid, epoch and secret where it has none."""
    if engine.dialect.name == "sqlite" and engine.url.database:
        private_files.make_file(Path(engine.url.database))
    if not sa.inspect(engine).has_table("alembic_version"):
        with writing(engine) as connection:
            create(connection)
    with writing(engine) as connection:
        version = connection.exec_driver_sql("select version_num from alembic_version").scalar()
    if str(version) > VERSION:
        raise NewerDatabase(
            f"The database is of version {version}, this program knows {VERSION}:"
            " use the newer program, or put back a backup of before."
        )
    if version != VERSION:
        upgrade(engine)
    with writing(engine) as connection:
        if connection.execute(sa.select(tables.counter)).first() is None:
            connection.execute(sa.insert(tables.counter).values(id=1, seq=0, reference=0))
        keys = {row.key for row in connection.execute(sa.select(tables.meta.c.key))}
        for key in ("uuid", "epoch", "secret"):
            if key not in keys:
                value = secrets.token_hex(32) if key == "secret" else uuid.uuid4().hex
                connection.execute(sa.insert(tables.meta).values(key=key, value=value))


def create(connection: sa.Connection) -> None:
    """Create all tables; a test compares the result with that of the migrations."""
    tables.metadata.create_all(connection)
    connection.exec_driver_sql("create table alembic_version (version_num varchar(32) not null)")
    connection.exec_driver_sql(f"insert into alembic_version values ('{VERSION}')")  # noqa: S608


def upgrade(engine: sa.Engine, to: str = "head") -> None:
    """Run the migrations that the database has not seen."""
    from alembic import command
    from alembic.config import Config

    script = Config()
    script.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with writing(engine) as connection:
        script.attributes["connection"] = connection
        command.upgrade(script, to)
