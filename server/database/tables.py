"""The database's tables, the same on SQLite and PostgreSQL. Moments are integer milliseconds."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import TEXT

metadata = sa.MetaData()
Big, Small, Bytes = sa.BigInteger, sa.SmallInteger, sa.LargeBinary
# Ids are ordered by their bytes, whatever locale a PostgreSQL was set up with.
Text = sa.Text().with_variant(TEXT(collation="C"), "postgresql")

_Kind = sa.types.TypeEngine[Any] | type[sa.types.TypeEngine[Any]]


def _table(name: str, *columns: sa.Column[Any] | sa.Index, rowid: bool = True) -> sa.Table:
    """Declare a table; `rowid=False` clusters SQLite's rows by key, as they are read."""
    return sa.Table(name, metadata, *columns, sqlite_with_rowid=rowid)


def _key(name: str, kind: _Kind = Text) -> sa.Column[Any]:
    return sa.Column(name, kind, primary_key=True, autoincrement=False)


def _column(name: str, kind: _Kind = Text) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False)


def _maybe(name: str, kind: _Kind = Text) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=True)


def _index_of_some(name: str, column: str, where: str) -> sa.Index:
    """Declare an index of the few rows that a condition, in SQL, holds for."""
    condition = sa.text(where)
    return sa.Index(name, column, sqlite_where=condition, postgresql_where=condition)


# Acts, records and the change log

acts = _table(
    "acts",
    _key("id"),
    _column("record"),
    _column("act"),
    _column("at", Big),  # as folded; the body keeps `said_at` when the device's clock was off
    _column("received_at", Big),
    _column("by_"),
    _column("device"),
    _column("body", Bytes),
    # Its place in the chain of all acts and the chain's hash there: server/database/chain.py.
    _maybe("number", Big),
    _maybe("chain", Bytes),
    sa.Index("acts_record", "record", "at", "id"),
    rowid=False,
)
# Acts that were taken out, since they came before their record from people without a right to
# it: in quarantine they wait for a decision, here they are links of the chain.
withdrawn_acts = _table(
    "withdrawn_acts",
    _column("id"),
    _column("record"),
    _column("act"),
    _column("at", Big),
    _column("received_at", Big),
    _column("by_"),
    _column("device"),
    _column("body", Bytes),
    _key("number", Big),
    _maybe("chain", Bytes),
)
records = _table(
    "records",
    _key("id"),
    _column("type"),
    _column("state"),
    _maybe("place"),
    _maybe("owner"),
    _column("seq", Big),
    _column("gen", Big),
    _column("rev"),
    _column("opened_at", Big),
    _maybe("due_at", Big),
    _column("unsettled", Big),
    _column("channels"),  # JSON list: who is offered it now
    _column("past"),  # JSON object: who was, and at which seq the removal stands
    # JSON list: people whom it is hidden from, whatever channels they hold
    sa.Column("hides", Text, nullable=False, server_default="[]"),
    _column("history", Bytes),  # 16 bytes a revision, the newest first
    _column("body", Bytes),
    _maybe("words"),  # all that a search finds it by; of the server alone, no part of the document
    sa.Index("records_seq", "seq", unique=True),
    sa.Index("records_due", "type", "state", "due_at"),
    sa.Index("records_opened", "type", "opened_at"),
    _index_of_some("records_hidden", "type", "hides <> '[]'"),
    _index_of_some("records_unsettled", "unsettled", "unsettled > 0"),
)
changes = _table(
    "changes",
    _key("channel"),
    _key("seq", Big),
    _column("record"),
    _column("removed", Small),
    rowid=False,
)
# `reference` is the seq at which people, places, settings or calendars changed last; `acts` and
# `head` are number and hash of the newest act of the chain.
counter = _table(
    "counter",
    _key("id", Small),
    _column("seq", Big),
    _column("reference", Big),
    _maybe("acts", Big),
    _maybe("head", Bytes),
)
meta = _table("meta", _key("key"), _column("value"))
quarantine = _table(
    "quarantine",
    _key("id"),  # SHA-256 of the body
    _maybe("act_id"),
    _maybe("act"),
    _maybe("record"),
    _maybe("by_"),
    _maybe("device"),
    _column("received_at", Big),
    _column("code"),
    _column("details"),
    _column("body", Bytes),
    _maybe("refusal"),  # the record that shows it
    _maybe("decided_at", Big),
    sa.Index("quarantine_code", "code", "decided_at"),
    sa.Index("quarantine_act", "act_id"),
)

# How much was refused of a person, a device or a refusal that stands for many, in a day.
refused_days = _table(
    "refused_days",
    _key("owner"),
    _key("day", Big),  # since 1970
    _key("code"),
    _column("count", Big),
    _column("bytes", Big),
    rowid=False,
)

# Timers and jobs

timers = _table(
    "timers",
    _key("record"),
    _key("ladder"),
    _key("rung", Small),
    _column("due_at", Big),
    _maybe("told_at", Big),
    _index_of_some("timers_due", "due_at", "told_at is null"),
    rowid=False,
)
jobs = _table(
    "jobs",
    _key("key"),  # what, whom, which moment: the same job twice is one job
    _column("kind"),
    _column("payload"),
    _column("run_after", Big),
    _column("attempts", Big),
    _maybe("claimed_at", Big),
    _maybe("done_at", Big),
    _maybe("failed"),
    _index_of_some("jobs_ready", "run_after", "done_at is null"),
)

# Rules: what the clock said of each, what is to be settled, what records are found by

statements = _table(
    "statements",
    _key("rule"),
    _key("scope"),
    _key("key"),
    _column("n", Big),
    _column("wanted", Small),
    _column("act"),  # the newest act that said it
    _column("record"),  # what it was said of
    sa.Index("statements_scope", "scope"),
    rowid=False,
)
# One row for each rule and scope. Waking it counts `version` up; settled it is `done` up to the
# version that was claimed, so that what wakes it meanwhile is not lost.
settling = _table(
    "settling",
    _key("rule"),
    _key("scope"),
    _column("version", Big),
    _column("done", Big),
    _column("today", Big),  # ms: the latest midnight or moment that woke it
    _column("since", Big),  # ms: the earliest moment at which something is different
    _maybe("claim"),  # whose it is now, by a word of their own
    _maybe("claimed_at", Big),
    _column("attempts", Big),
    _column("run_after", Big),  # ms; later than now after a failure alone
    _maybe("failed"),
    _index_of_some("settling_open", "run_after", "version > done"),
    rowid=False,
)
found = _table(
    "found",
    _key("kind"),
    _key("name"),
    _key("value"),  # a letter for what it is, then the value as it sorts
    _key("record"),
    sa.Index("found_record", "record"),
    rowid=False,
)

# People and devices

grants = _table(
    "grants",
    _key("person"),
    _key("at", Big),
    _column("posts"),
    _column("places"),
    _column("units"),
    _column("active", Small),
)
accounts = _table(
    "accounts",
    _key("person"),
    _column("login"),
    _column("password_hash"),
    _column("failures", Big),
    _maybe("locked_until", Big),
    _column("created_at", Big),
    _maybe("must_change", Small),  # 1: somebody else knows the password
    _maybe("totp_secret"),  # base32; the second factor is on when `totp_since` is set
    _maybe("totp_since", Big),
    _maybe("totp_used", Big),  # the time step of the newest code that was taken: none counts twice
    _maybe("recovery"),  # JSON list: SHA-256 of each recovery code that is left
    sa.Index("accounts_login", "login", unique=True),
)
sessions = _table(
    "sessions",
    _key("token_hash"),
    _column("person"),
    _maybe("device"),
    _column("created_at", Big),
    _column("seen_at", Big),
    _column("expires_at", Big),
    _maybe("user_agent"),
    _maybe("stage"),  # what is left of the sign-in: code, change or enrol; nobody is in until then
    _maybe("confirmed_at", Big),  # when the password was given last in this session
    sa.Index("sessions_person", "person"),
)
throttle = _table("throttle", _key("key"), _key("at", Big))
devices = _table(
    "devices",
    _key("id"),
    _maybe("person"),
    _maybe("version"),
    _column("last_seen_at", Big),
    _maybe("waiting", Big),
    _maybe("oldest_at", Big),
    _maybe("offset_ms", Big),
    _maybe("persisted", Small),
    _maybe("user_agent"),
    _maybe("pulled_seq", Big),  # up to which change it said that it has everything
    _maybe("pulled_at", Big),
)
# The slowest requests of each process, for the office's page about replication.
slow_requests = _table(
    "slow_requests",
    _key("request"),
    _column("at", Big),
    _column("ms", Big),
    _column("route"),
    _column("method"),
    _column("status", Small),
    _maybe("person"),
    _maybe("device"),
    sa.Index("slow_requests_at", "at"),
)
locals_ = _table(
    "locals",
    _key("person"),
    _key("device"),
    _key("id"),
    _column("body", Bytes),
)
blobs = _table(
    "blobs",
    _key("sha256"),
    _column("size", Big),
    _column("kind"),
    _maybe("digest"),  # "md5-" and base64: CouchDB's name; not known yet of older ones
    _column("at", Big),
)
# Who sent a blob, that is, who had the bytes: they may see it, and it counts as theirs.
senders = _table(
    "senders",
    _key("sha256"),
    _key("person"),
    _column("at", Big),
    sa.Index("senders_person", "person", "at"),
    rowid=False,
)
# Which records name a blob: who may see one of them may see it.
uses = _table("uses", _key("sha256"), _key("record"), rowid=False)

# What a security officer asks: who came in, what failed, whose rights changed. Rows are added and
# forgotten by age, never changed; no patient's data stands in one.
security_events = _table(
    "security_events",
    _key("id"),  # a ULID: ordered by moment
    _column("at", Big),
    _column("kind"),
    _maybe("person"),
    _maybe("login"),
    _maybe("address"),
    _maybe("device"),
    _maybe("subject"),  # the id of the record or person it was about
    _column("detail"),  # JSON object
    sa.Index("security_events_kind", "kind", "at"),
    sa.Index("security_events_person", "person", "at"),
)
# How many records each person read on a day (days since 1970 at the hospital).
reads = _table("reads", _key("person"), _key("day", Big), _column("records", Big))
# Acts whose private values were erased: what the chain has instead of their bodies.
erasures = _table(
    "erasures",
    _key("act"),
    _column("record"),
    _column("erasure"),  # the record that says who erased it, when and why
    _column("at", Big),
    _column("was", Bytes),  # SHA-256 of the body as the chain has it
    _column("is_now", Bytes),  # SHA-256 of the body without its private values
    sa.Index("erasures_record", "record"),
)
# On both databases a row of the security log cannot be rewritten by the program.
for _dialect, _statement in (
    (
        "sqlite",
        "create trigger security_events_fixed before update on security_events"
        " begin select raise(abort, 'the security log is never changed'); end",
    ),
    (
        "postgresql",
        "create rule security_events_fixed as on update to security_events do instead nothing",
    ),
):
    sa.event.listen(
        security_events,
        "after_create",
        sa.DDL(_statement).execute_if(dialect=_dialect),  # type: ignore[no-untyped-call]
    )
