"""PR-03: a complaint about Lin never reaches Lin, nor what came of it, on any path; nor does one
about Wu reach Wu.

Histories are drawn by lot. After each step the whole world of the person is looked at: what a
tablet holds that pulled at each step, every address of the sync protocol, every page of the office.
"""

from __future__ import annotations

import hashlib
from random import Random
from typing import Any

import orjson
import pytest

from server.acts.site import Site
from server.clocks import escalation, reaction_jobs, reactions
from server.office.board import live_events
from server.replication import blobs
from tests.cast import Cast, Tablet
from tests.clock import Clock
from tests.server import database_rows
from tests.server.in_process import Inside, inside

DB = "/sync/demo"
WORD = "窗口的人很凶"  # what must not be read by whom it is about
NUMBER = "T-0000-424242"
PHOTO = b"\x89PNG\r\n\x1a\n" + b"of a complaint"
SHA = hashlib.sha256(PHOTO).hexdigest()
STEPS = 10
OFFICE = (
    "/office/",
    "/office/complaints",
    "/office/complaints?view=settled",
    f"/office/complaints?q={WORD[:3]}",
    "/office/waiting",
    "/office/visits",
    "/office/notices",
    "/office/reconcile",
    "/office/records/letter",
    "/office/settings",
    "/office/people",
)


@pytest.fixture(autouse=True)
def more_people(site: Site) -> None:
    """A second manager and the general manager, so that somebody stands beside and above Wu."""
    people = {
        "person:gao": {"name": "高远", "posts": ["gm"], "places": ["place:site"]},
        "person:he": {"name": "何平", "posts": ["cs_supervisor"], "places": ["place:site"]},
        "person:yu": {"name": "于洋", "posts": ["guide"], "places": ["place:lobby-1"]},
    }
    for record, data in people.items():
        assert site.record_act("person.added", record, data, by="system:site").good
    site.listens = reactions.LISTENS


class World:
    """What one person's tablet holds, and everything that can be asked in their name."""

    def __init__(self, inner: Inside, person: str) -> None:
        self.inner, self.person = inner, person
        self.held: dict[str, Any] = {}
        self.since = "0"

    def pulls(self) -> str:
        """Pull as a tablet does; return all that came, as text."""
        self.inner.sign_in(self.person)  # days pass
        path = f"{DB}/_changes?include_docs=true&removed=true&since={self.since}"
        text = self.inner.ask(self.person, "GET", path).text
        answer = orjson.loads(text)
        if answer.get("reset"):
            self.held, self.since = {}, "0"
            return text
        for row in answer["results"]:
            if row.get("removed") or "doc" not in row or row["doc"] is None:
                self.held.pop(row["id"], None)
            else:
                self.held[row["id"]] = row["doc"]
        self.since = answer["last_seq"]
        return text

    def says(self, names: list[str]) -> dict[str, str]:
        """Return {way: answer} of every address that may tell of records with these ids."""
        ask = self.inner.ask
        docs = [{"id": name} for name in names]
        ways = {
            "tablet": orjson.dumps(self.held).decode(),
            "feed": ask(self.person, "GET", f"{DB}/_changes?include_docs=true&since=0").text,
            "sliced": ask(
                self.person, "GET", f"{DB}/_changes?include_docs=true&since=0&slice=now&limit=9999"
            ).text,
            "removed": ask(self.person, "GET", f"{DB}/_removed?since=0").text,
            "all": ask(self.person, "GET", f"{DB}/_all_docs?include_docs=true").text,
            "manifest": ask(
                self.person, "GET", f"{DB}/_manifest?since={self.since}&bucket={EVERY_BUCKET}"
            ).text,
        }
        listed = orjson.loads(ways["all"])
        assert listed["total_rows"] == len(listed["rows"])
        for path in OFFICE:
            ways[path] = ask(self.person, "GET", path).text
        ways["bulk"] = _without(
            ask(self.person, "POST", f"{DB}/_bulk_get?revs=true", json={"docs": docs}).text, names
        )
        for name in names:
            kind, _, rest = name.partition(":")
            for path in (
                f"{DB}/{name}",
                f"{DB}/{name}/{SHA}.png",
                f"/office/records/{kind}/{rest}",
                f"/office/complaints/{rest}",
                f"/office/complaints/{rest}/slip",
                f"/office/complaints/{rest}/form",
            ):
                answer = ask(self.person, "GET", path)
                assert answer.status_code in (303, 403, 404), (path, answer.status_code)
        return ways


EVERY_BUCKET = ",".join(map(str, range(64)))


def _without(text: str, names: list[str]) -> str:
    """Return an answer without the ids that the question itself named."""
    for name in names:
        text = text.replace(name, "")
    return text


class History:
    """Steps by lot around one complaint about one person."""

    def __init__(self, site: Site, cast: Cast, clock: Clock, lot: Random, about: str) -> None:
        self.site, self.clock, self.lot, self.about = site, clock, lot, about
        self.taker = lot.choice((cast.lin, cast.chen))
        self.office = cast.chen if about == "person:wu" else cast.wu
        self.complaint = self.taker.new("complaint")
        self.named = False

    def begins(self) -> None:
        known = {"about": [self.about]} if self.lot.random() < 0.5 else {}
        self.named = bool(known)
        verdict = self.taker.does(
            "complaint.taken",
            self.complaint,
            place="place:lobby-1",
            words=WORD,
            number=NUMBER,
            photos=[SHA],
            **known,
        )
        assert verdict.good, verdict

    def goes_on(self) -> None:
        step = self.lot.choice((self._names, self._talks, self._waits, self._refused, self._works))
        step()

    def _seen(self) -> str:
        return str(database_rows.one(self.site, self.complaint)["acts"]["last"])

    def _names(self) -> None:
        verdict = self.office.does(
            "complaint.named", self.complaint, about=[self.about], seen=self._seen()
        )
        assert verdict.good, verdict
        self.named = True

    def _talks(self) -> None:
        self.office.does("complaint.noted", self.complaint, text=WORD, seen=self._seen())

    def _waits(self) -> None:
        self.clock.passes(hours=self.lot.choice((1, 25, 80)))
        escalation.tick(self.site)

    def _refused(self) -> None:
        """An act of the person it is about, or one with words in it, that is refused."""
        teller = Tablet(self.about, self.site, self.clock, "device:" + "0" * 25 + "X")
        teller.does("complaint.settled", self.complaint, resolution=WORD)
        bad = {"act": "complaint.taken", "data": {"about": [self.about], "words": WORD}}
        self.office.hands_in({**bad, "_id": "act:" + "7" * 26, "record": "complaint:" + "7" * 26})

    def _works(self) -> None:
        reaction_jobs.work(self.site, reactions.kinds(self.site), self.clock)


def of_it(site: Site, complaint: str) -> list[str]:
    """Return the ids of the complaint, of its acts, and of all that is about it."""
    about = [
        row["id"]
        for row in database_rows.rows(site, "records")
        if complaint.encode() in bytes(row["body"]) or WORD.encode() in bytes(row["body"])
    ]
    acts = [row["id"] for row in database_rows.rows(site, "acts") if row["record"] in about]
    return [*about, *acts]


def channels_of(site: Site, record: str) -> list[str]:
    """Return the channels of a stored record."""
    row = next(row for row in database_rows.rows(site, "records") if row["id"] == record)
    channels: list[str] = orjson.loads(row["channels"])
    return channels


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("about", ["person:lin", "person:wu"])
def test_whom_it_is_about_never_hears_of_it(
    site: Site, cast: Cast, clock: Clock, about: str, seed: int
) -> None:
    history = History(site, cast, clock, Random(seed), about)
    with inside(site) as inner:
        world = World(inner, about.partition(":")[2])
        world.pulls()
        history.begins()
        for _ in range(STEPS):
            history.goes_on()
            came = world.pulls()
            if not history.named:
                continue
            names = of_it(site, history.complaint)
            assert WORD not in came
            for way, text in world.says(names).items():
                if way == "removed":  # names what they had themselves, and nothing else
                    continue
                assert WORD not in text, way
                assert NUMBER not in text, way
                assert [name for name in names if name in text] == [], way


def test_lin_is_told_once_that_it_is_gone_and_never_of_what_she_did_not_have(
    site: Site, cast: Cast, clock: Clock
) -> None:
    """PR-03: a row of removal names what the person had; of the rest not even the id is said."""
    had, unknown = cast.chen.new("complaint"), cast.chen.new("complaint")
    with inside(site) as inner:
        world = World(inner, "lin")
        cast.chen.does("complaint.taken", had, place="place:lobby-1", words=WORD)
        world.pulls()
        assert had in world.held
        cast.chen.does(
            "complaint.taken", unknown, place="place:lobby-1", words=WORD, about=["person:lin"]
        )
        seen = database_rows.one(site, had)["acts"]["last"]
        cast.wu.does("complaint.named", had, about=["person:lin"], seen=seen)
        rows = orjson.loads(world.pulls())["results"]
        assert [row["id"] for row in rows] == [had]
        assert had not in world.held
        cast.wu.does("complaint.noted", had, text="…")
        assert orjson.loads(world.pulls())["results"] == []
        assert unknown not in inner.ask("lin", "GET", f"{DB}/_removed?since=0").text


def test_it_comes_back_when_it_was_somebody_else(site: Site, cast: Cast) -> None:
    complaint = cast.chen.new("complaint")
    with inside(site) as inner:
        world = World(inner, "lin")
        cast.chen.does(
            "complaint.taken", complaint, place="place:lobby-1", words=WORD, about=["person:lin"]
        )
        world.pulls()
        assert complaint not in world.held
        edit = {"field": "about", "old": ["person:lin"], "new": ["person:yu"]}
        seen = database_rows.one(site, complaint)["acts"]["last"]
        assert cast.wu.does("complaint.edited", complaint, seen=seen, **edit).good
        world.pulls()
        assert complaint in world.held
        assert complaint not in inner.ask("yu", "GET", f"{DB}/_all_docs").text


def test_a_complaint_about_its_owner_goes_to_the_supervisor(
    site: Site, cast: Cast, clock: Clock
) -> None:
    """C-05, PR-03: Lin takes a complaint about Lin; Chen has it, and hears of it."""
    complaint = cast.lin.new("complaint")
    taken = {"place": "place:lobby-1", "words": WORD, "about": ["person:lin"]}
    assert cast.lin.does("complaint.taken", complaint, **taken).good
    reaction_jobs.work(site, reactions.kinds(site), clock)
    reaction_jobs.work(site, reactions.kinds(site), clock)
    record = database_rows.one(site, complaint)
    assert record["owner"] == "person:chen"
    notices = [
        one for one in database_rows.records(site, "notice").values() if one["about"] == complaint
    ]
    assert [(one["to"], one["what"]) for one in notices] == [
        ("person:chen", "complaint.reassigned")
    ]


def test_lin_may_not_speak_of_it_any_more_but_what_she_said_before_counts(
    site: Site, cast: Cast, clock: Clock
) -> None:
    """PR-03: an act that she entered before she was named is hers; a later one finds nothing."""
    complaint = cast.lin.new("complaint")
    cast.lin.does("complaint.taken", complaint, place="place:lobby-1", words=WORD)
    clock.passes(minutes=1)
    early = cast.lin.says("complaint.responded", complaint, response="已道歉")
    clock.passes(minutes=1)
    seen = database_rows.one(site, complaint)["acts"]["last"]
    assert cast.wu.does("complaint.named", complaint, about=["person:lin"], seen=seen).good
    clock.passes(minutes=1)
    late = cast.lin.says("complaint.responded", complaint, response="再道歉")
    undo = cast.lin.says("complaint.undone", complaint, undoes=early["_id"])
    codes = [verdict.code for verdict in cast.lin.hands_in(early, late, undo)]
    assert codes == [None, "not_found", "not_found"]


def test_a_photo_of_it_is_not_served_to_whom_it_is_about(
    site: Site, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    complaint = cast.lin.new("complaint")
    taken = {"place": "place:lobby-1", "words": WORD, "photos": [SHA], "about": ["person:lin"]}
    with inside(site) as inner:
        path = blobs.path_of(site.config.blobs, SHA)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(PHOTO)
        site.arrived(blobs.Blob(SHA, len(PHOTO), "image/png", "md5-x"), "person:lin")
        assert inner.ask("lin", "GET", f"{DB}/_blob/{SHA}").status_code == 200
        assert cast.lin.does("complaint.taken", complaint, **taken).good
        assert inner.ask("lin", "GET", f"{DB}/_blob/{SHA}").status_code == 404
        assert inner.ask("chen", "GET", f"{DB}/_blob/{SHA}").status_code == 200


def test_a_live_page_of_whom_it_is_about_hears_nothing(site: Site, cast: Cast) -> None:
    before = site.hub.seq
    complaint = cast.chen.new("complaint")
    cast.chen.does(
        "complaint.taken", complaint, place="place:lobby-1", words=WORD, about=["person:wu"]
    )
    for person, hears in (("person:wu", False), ("person:chen", True)):
        channels = site.rights(person).channels
        message, _ = live_events._message(site, person, channels, before)
        assert (complaint in message, "complaint" in message) == (hears, hears)


def test_what_wu_was_told_of_it_goes_with_it(site: Site, cast: Cast, clock: Clock) -> None:
    """PR-03: the notices about it are hidden with it, those of before and those to come."""
    complaint = cast.chen.new("complaint")
    cast.chen.does("complaint.taken", complaint, place="place:lobby-1", words=WORD)
    clock.passes(hours=28)
    escalation.tick(site)
    with inside(site) as inner:
        world = World(inner, "wu")
        world.pulls()
        told = [name for name, body in world.held.items() if body.get("about") == complaint]
        assert told, "Wu was never told"
        seen = database_rows.one(site, complaint)["acts"]["last"]
        about = {"about": ["person:wu"], "seen": seen}
        assert cast.chen.does("complaint.named", complaint, **about).good
        world.pulls()
        assert not {complaint, *told} & set(world.held)
        clock.passes(hours=24 * 14)
        escalation.tick(site)
        steps = [
            s for climbed in database_rows.one(site, complaint)["rungs"].values() for s in climbed
        ]
        later = [step for step in steps if step["at"] == clock()]
        assert later
        assert all("person:wu" not in step["told"] and step["told"] for step in later)
        world.pulls()
        assert complaint not in orjson.dumps(world.held).decode()
