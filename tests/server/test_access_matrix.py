"""Access matrix: every address, for every post, from everywhere (X1).

The addresses come from the route table. One without a row here fails, and so does a row without an
address. A cell is a person asking: they get in, or they are told that they may not, or nothing.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from server.acts.site import Site
from server.database.tables import throttle
from server.http.openapi import addresses
from server.routes import ROUTES
from sync.posts import ADMINS, DECIDERS, FLOOR, OFFICE, SECURITY, of_profile
from tests.cast import WORDS, Cast
from tests.security.test_hidden_records_look_absent import photo
from tests.server.feed import sits_down
from tests.server.in_process import Inside, inside

# Where somebody works, as seen from what they ask for, which is in lobby 1.
WHERE: dict[str, dict[str, list[str]]] = {
    "own place": {"places": ["place:lobby-1"]},
    "other place": {"places": ["place:area-2"]},
    "other unit": {"places": [], "units": ["unit:er"]},
    "nowhere": {"places": []},
}
SEE_ALL_WAITING = {"guide_supervisor", "cs_manager"}
# PR-03: departments and the general manager have it from their own rung on, not before.
SEE_ALL_COMPLAINTS = {"guide_supervisor", "cs_agent", "cs_supervisor", "cs_manager"}
# Who writes a text with photos, or keeps the minutes or the files: departments and the office too.
SEE_REFUSALS = {"guide_supervisor", "cs_manager"}
FORM = {"sec-fetch-site": "same-origin", "content-type": "application/x-www-form-urlencoded"}


@dataclass(frozen=True)
class Person:
    """A person who asks; `post` is a post, "no post", "gone" or "nobody"."""

    post: str
    where: str = "own place"

    @property
    def login(self) -> str | None:
        """The name that their session is kept under."""
        plain = f"{self.post}-{self.where}".replace("_", "-").replace(" ", "-")
        return None if self.post == "nobody" else plain

    @property
    def is_in(self) -> bool:
        """Say whether they are signed in."""
        return self.post not in ("nobody", "gone")

    def holds(self, posts: Any) -> bool:
        """Say whether they hold one of the posts."""
        return self.is_in and self.post in posts

    def sees(self, everywhere: set[str]) -> bool:
        """Say whether they see what is in lobby 1 and belongs to somebody else."""
        return (
            self.is_in
            and self.post not in ("no post", *SECURITY)  # an administrator sees no patients
            and (self.where == "own place" or self.post in everywhere)
        )


# Posts that nothing names yet (test_shape_of_posts.py) differ in where they work: one of each.
ALIKE = {post.works: post.name for post in of_profile("hospital") if post.later}
ASKING = [
    post.name for post in of_profile("hospital") if not post.later or post.name == ALIKE[post.works]
]
PEOPLE = [
    Person("nobody"),
    *(Person(post, where) for post in (*ASKING, "no post", "gone") for where in WHERE),
]

RULES: dict[str, Callable[[Person], bool]] = {
    "anybody": lambda who: True,
    "no one": lambda who: False,
    "signed in": lambda who: who.is_in,
    "anybody with a post": lambda who: who.post != "no post",
    "floor": lambda who: who.holds(FLOOR),
    "office": lambda who: who.holds(OFFICE),
    "admin": lambda who: who.holds(ADMINS),
    "security": lambda who: who.holds(SECURITY),
    "registers at a desk": lambda who: who.holds({*FLOOR} & {*OFFICE}),
    "sees the refusal": lambda who: who.holds(SEE_REFUSALS),
    "decider": lambda who: who.holds(DECIDERS),
    "sees the waiting": lambda who: who.sees(SEE_ALL_WAITING),
    "sees the complaint": lambda who: who.sees(SEE_ALL_COMPLAINTS),
    "edits the waiting": lambda who: who.holds({*FLOOR} & {*OFFICE}) and who.sees(SEE_ALL_WAITING),
    "desk sees the waiting": lambda who: who.holds(OFFICE) and who.sees(SEE_ALL_WAITING),
    "desk sees the complaint": lambda who: who.holds(OFFICE) and who.sees(SEE_ALL_COMPLAINTS),
}


@dataclass(frozen=True)
class Row:
    """One address: who gets in, and what is sent. `held` is an answer that goes on for ever."""

    rule: str
    json: Any = None
    names: dict[str, str] = field(default_factory=dict)
    form: dict[str, str] = field(default_factory=dict)
    held: bool = False


A_COMPLAINT = {"kind": "complaint", "section": "complaints"}  # a kind that takes notes
RECORD = ("/office/records/{kind}/{id}", "/office/{section}/{id}")
TABLE: dict[str, Row] = {
    **dict.fromkeys(
        ("GET /sign-in", "POST /sign-in", "POST /sign-out", "GET /healthz"),
        Row("anybody"),
    ),
    **dict.fromkeys(
        ("GET /openapi.json", "GET /worker.js", "GET /manifest.webmanifest"), Row("anybody")
    ),
    # A stage of a sign-in is for whoever is in it; everybody else is sent to the sign-in page.
    **{
        f"{method} /sign-in/{stage}": Row("no one")
        for method in ("GET", "POST")
        for stage in ("code", "change", "enrol")
    },
    "GET /account": Row("signed in"),
    "POST /account/password": Row("signed in"),
    "POST /account/factor": Row("signed in"),
    "GET /": Row("anybody with a post"),  # the others are told that they have none
    "GET /metrics": Row("admin"),
    "GET /static/{name}": Row("anybody", names={"name": "manifest.json"}),
    "GET /floor": Row("signed in"),
    "GET /floor/{rest}": Row("signed in", names={"rest": "lobby"}),
    # Replication
    **dict.fromkeys(("GET /sync/", "GET /sync/_up"), Row("anybody")),
    "GET /sync/_all_dbs": Row("signed in"),
    **{
        f"{method} {path}/_session": Row(rule, json={"name": "x", "password": "y"})
        for path in ("", "/sync", "/sync/{site}")
        for method, rule in (("GET", "signed in"), ("POST", "no one"), ("DELETE", "anybody"))
    },
    "GET /sync/{site}": Row("signed in"),
    "GET /sync/{site}/": Row("signed in"),
    "PUT /sync/{site}": Row("signed in"),
    "PUT /sync/{site}/": Row("signed in"),
    "GET /sync/{site}/_changes": Row("signed in"),
    "POST /sync/{site}/_changes": Row("signed in", json={}),
    "GET /sync/{site}/_all_docs": Row("signed in"),
    "POST /sync/{site}/_all_docs": Row("signed in", json={"keys": []}),
    "POST /sync/{site}/_all_docs/queries": Row("signed in", json={"queries": [{}]}),
    "GET /sync/{site}/_manifest": Row("signed in"),
    "GET /sync/{site}/_removed": Row("signed in"),
    "POST /sync/{site}/_revs_diff": Row("signed in", json={}),
    "POST /sync/{site}/_bulk_get": Row("signed in", json={"docs": []}),
    "POST /sync/{site}/_bulk_docs": Row("signed in", json={"docs": [], "new_edits": False}),
    "POST /sync/{site}/_ensure_full_commit": Row("signed in", json={}),
    "PUT /sync/{site}/_local/{id}": Row("signed in", json={}, names={"id": "mine"}),
    "GET /sync/{site}/_local/{id}": Row("signed in", names={"id": "mine"}),
    "DELETE /sync/{site}/_local/{id}": Row("signed in", names={"id": "mine"}),
    "GET /sync/{site}/_blob/{sha256}": Row("sees the complaint"),
    "PUT /sync/{site}/_blob/{sha256}": Row("no one", json={}),  # no photo
    "GET /sync/{site}/_blob/{sha256}/parts": Row("signed in"),
    "PUT /sync/{site}/_blob/{sha256}/parts": Row("no one", json={}),
    "POST /sync/{site}/_sealed": Row("signed in", names={}, json={}),  # 422: nothing to open
    "GET /sync/{site}/{id}": Row("sees the waiting"),
    "PUT /sync/{site}/{id}": Row("no one", json={}),  # no act
    "GET /sync/{site}/{id}/{name}": Row("sees the complaint"),
    "PUT /sync/{site}/{id}/{name}": Row("no one", json={}),
    "PUT /demo/clock": Row("no one", json={}),
    # The office
    "GET /events": Row("office", held=True),
    **dict.fromkeys(
        (
            *("GET /office", "GET /office/", "GET /office/menu", "GET /office/notices"),
            *("POST /office/notices", "GET /office/waiting", "GET /office/visits"),
            *("GET /office/complaints", "GET /office/records", "GET /office/rounds"),
        ),
        Row("office"),
    ),
    "GET /office/records/{kind}": Row("office", names={"kind": "doctor"}),
    "POST /office/records/{kind}": Row("admin", names={"kind": "doctor"}),
    "GET /office/{section}": Row("office", names={"section": "visits"}),
    "POST /office/{section}": Row("registers at a desk", names={"section": "visits"}),
    "GET /office/reconcile": Row("decider"),
    "POST /office/reconcile": Row("sees the refusal", form={"record": "{refusal}"}),
    **dict.fromkeys(
        (
            *("GET /office/people", "POST /office/people", "GET /office/settings"),
            *("GET /office/devices", "GET /office/replication"),
        ),
        Row("admin"),
    ),
    "GET /office/security": Row("security"),
    "POST /office/security/export": Row("security"),
    "POST /office/security/erase": Row("security"),
    "GET /office/people/{id}": Row("admin", names={"id": "lin"}),
    "POST /office/people/{id}": Row("admin", names={"id": "lin"}),
    "POST /office/people/{id}/password": Row("admin", names={"id": "lin"}),
    "POST /office/people/{id}/factor": Row("admin", names={"id": "lin"}),
    "GET /office/settings/{key}": Row("admin", names={"key": "waiting.water_after"}),
    "POST /office/settings/{key}": Row("admin", names={"key": "waiting.water_after"}),
    "GET /office/complaints/{id}/slip": Row("desk sees the complaint"),
    "POST /office/export/{kind}": Row("office", form={"format": "csv"}),
    "GET /office/several/{kind}": Row("office"),
    "POST /office/several/{kind}": Row("registers at a desk", form={"do": "water_given"}),
    "POST /office/views/{kind}": Row("office"),
    **{
        f"GET {path}{rest}": Row("desk sees the waiting")
        for path in RECORD
        for rest in ("", "/form")
    },
    **{
        f"POST {path}/{verb}": Row("desk sees the waiting")
        for path in RECORD
        for verb in ("do/{verb}", "undo", "reveal", "form")
    },
    **{f"POST {path}/note": Row("desk sees the complaint", names=A_COMPLAINT) for path in RECORD},
    **{f"POST {path}/edit": Row("edits the waiting", form={"field": "name"}) for path in RECORD},
}
ENDS_SESSIONS = ("/_session", "/sign-out")


def all_addresses() -> list[str]:
    return [f"{method} {path}" for method, path in addresses(ROUTES)]


def test_every_address_has_a_row_and_every_row_an_address() -> None:
    assert sorted(TABLE) == sorted(set(all_addresses())), "say in TABLE who gets in there"


@dataclass
class House:
    """The site with everybody in it, and what they ask for."""

    inside: Inside
    names: dict[str, str]
    complaint: str

    def ask(self, who: Person, address: str) -> httpx.Response:
        """Ask as somebody."""
        row = TABLE[address]
        method, _, path = address.partition(" ")
        names = {**self.names, **row.names}
        if "/complaints/{id}" in path or path.endswith("/{id}/{name}"):
            names["id"] = self.complaint.partition(":")[2] if "office" in path else self.complaint
        elif row.names == A_COMPLAINT:
            names["id"] = self.complaint.partition(":")[2]
        elif path.startswith("/office") and "id" not in row.names:
            names["id"] = self.names["id"].partition(":")[2]
        for name, value in names.items():
            path = path.replace(f"{{{name}}}", value)
        given: dict[str, Any] = {"headers": {"accept": "text/html"}}
        if path.startswith(("/sync", "/_session", "/demo")):
            given["headers"]["accept"] = "application/json"
        if row.json is not None:
            given["json"] = row.json
        elif method == "POST":
            given["headers"].update(FORM)
            given["data"] = {key: value.format(**names) for key, value in row.form.items()}
        if method == "POST" and path in ("/sign-in", "/_session", "/sync/_session"):
            with self.inside.site.writing() as connection:  # nobody was here a moment ago
                connection.execute(throttle.delete())
        answer = self.inside.ask(who.login, method, path, **given)
        if who.login and path.endswith(ENDS_SESSIONS) and method != "GET":
            self.sign_in(who)
        return answer

    def sign_in(self, who: Person) -> None:
        """Begin a session."""
        assert who.login is not None
        self.inside.sign_in(who.login)


def got_in(answer: httpx.Response, path: str) -> bool:
    """Say whether somebody got in; being sent to sign in is not that, a form to correct is."""
    if answer.status_code in (301, 302, 303, 307):
        to = answer.headers["location"]
        return path in ("/", "/sign-in", "/sign-out") or not (
            to.startswith("/sign-in") or to == "/"
        )
    return answer.status_code not in (400, 401, 403, 404, 405, 415, 429)


@pytest.fixture
def house(site: Site, cast: Cast) -> Iterator[House]:
    """Everybody there is, and in lobby 1 somebody waiting and a complaint with a photo."""
    waiting = sits_down(cast.chen)
    complaint, body = cast.wu.new("complaint"), photo(7)
    sha = hashlib.sha256(body).hexdigest()
    taken = {"place": "place:lobby-1", "words": WORDS, "photos": [sha]}
    with inside(site) as application:
        put = application.ask(
            "wu",
            "PUT",
            f"/sync/demo/_blob/{sha}",
            content=body,
            headers={"content-type": "image/jpeg"},
        )
        assert put.status_code == 201, put.text
        verdict = cast.wu.does("complaint.taken", complaint, **taken)
        assert verdict.good, verdict
        names = {"site": "demo", "id": waiting, "kind": "waiting", "section": "waiting"}
        names |= {"sha256": sha, "verb": "water_given"}
        refused = cast.lin.says("waiting.started", cast.lin.new("waiting"), place="place:lobby-2")
        assert cast.lin.hands_in(refused)[0].code == "not_your_place"
        names["refusal"] = "refusal:" + refused["_id"].partition(":")[2]
        document = application.ask("wu", "GET", f"/sync/demo/{complaint}").json()
        names["name"] = next(iter(document["_attachments"]))
        made = House(application, names, complaint)
        for who in PEOPLE:
            if who.login is not None:
                posts = [] if who.post in ("no post", "gone") else [who.post]
                data = {"name": who.login, "posts": posts, **WHERE[who.where]}
                identifier = f"person:{who.login}"
                assert site.record_act("person.added", identifier, data, by="person:wu").good
                made.sign_in(who)
                if who.post == "gone":
                    seen = site.record(identifier)["acts"]["last"]  # type: ignore[index]
                    change = {"active": False}
                    assert site.record_act(
                        "person.changed", identifier, change, by="person:wu", seen=seen
                    ).good
        yield made


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_matrix(house: House) -> None:
    wrong, cells, begun = [], 0, time.monotonic()
    for address, row in TABLE.items():
        path = address.partition(" ")[2]
        everywhere = "sees" in row.rule  # else where somebody works makes no difference
        for who in PEOPLE:
            if not everywhere and who.where not in ("own place", "nowhere"):
                continue
            expected = RULES[row.rule](who)
            if row.held and expected:
                continue
            answer = house.ask(who, address)
            cells += 1
            assert answer.status_code < 500, (address, who, answer.text)
            if got_in(answer, path) != expected:
                wrong.append((address, who.post, who.where, answer.status_code, row.rule))
    print(f"X1 cells={cells} wrong={len(wrong)} in {time.monotonic() - begun:.0f} s")
    assert not wrong, "\n".join(map(str, wrong))
    assert cells >= 1_000
