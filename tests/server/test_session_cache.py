"""The cache of sessions: what it answers from memory, and for how long it may."""

from __future__ import annotations

import pytest

from server.acts import session_cache
from server.acts.session_cache import KEPT_FOR, SURE_FOR, Session, SessionCache

LIN = Session("d1", "person:lin", 0, 1_000)
CHEN = Session("d2", "person:chen", 0, 1_000)


class Watch:
    """A clock (s) that stands."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    made = Watch()
    monkeypatch.setattr(session_cache, "monotonic", made)
    return made


@pytest.fixture
def known(watch: Watch) -> SessionCache:
    made = SessionCache()
    for session in (LIN, CHEN):
        made.keep(session, made.moment())
    return made


def row(session: Session) -> tuple[str, str, int, int]:
    return session.digest, session.person, session.seen_at, session.expires_at


def test_it_is_sure_for_a_second(known: SessionCache, watch: Watch) -> None:
    assert known.find("d1") == LIN
    watch.now += SURE_FOR + 0.1
    assert known.find("d1") is None


def test_it_is_sure_again_once_the_database_was_asked(known: SessionCache, watch: Watch) -> None:
    watch.now += SURE_FOR
    moment, asked = known.moment(), known.digests()
    watch.now += SURE_FOR / 2  # the database took its time: what it said is as old as the question
    assert not known.confirm(asked, [row(LIN), row(CHEN)], moment)
    watch.now += SURE_FOR / 2
    assert known.find("d1") == LIN
    watch.now += 0.1
    assert known.find("d1") is None


def test_a_session_that_ended_or_is_gone_is_not_known_any_more(known: SessionCache) -> None:
    ended = Session("d1", "person:lin", 0, 500)
    assert known.confirm(known.digests(), [row(ended)], known.moment())
    assert known.find("d1") is None and known.find("d2") is None


def test_a_session_that_ended_while_it_was_read_does_not_come_back(known: SessionCache) -> None:
    moment, asked = known.moment(), known.digests()
    known.forget(digest="d1")
    known.keep(LIN, moment)  # read before it ended, written down after
    assert not known.confirm(asked, [row(LIN), row(CHEN)], moment)
    assert known.find("d1") is None and known.find("d2") == CHEN


def test_all_sessions_of_a_person_are_forgotten_at_once(known: SessionCache) -> None:
    known.keep(Session("d3", "person:lin", 0, 1_000), known.moment())
    known.forget(person="person:lin")
    assert [known.find(digest) for digest in ("d1", "d2", "d3")] == [None, CHEN, None]


def test_what_nobody_uses_is_not_looked_up_for_ever(known: SessionCache, watch: Watch) -> None:
    watch.now += KEPT_FOR - 1
    known.confirm(["d1"], [row(LIN)], known.moment())
    assert known.find("d1") == LIN
    watch.now += 2
    assert known.digests() == ["d1"]
