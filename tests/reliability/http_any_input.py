"""H1: whatever schemathesis makes of /openapi.json is sent; no answer is a mistake of the server's.

Wu asks the office, Lin asks /sync, of a real server on SQLite. Half of the cases fit the
description and half do not; in most, names are exchanged for ids, fields and values that there
are, so that they reach further than a 404. An error that only the log saw counts too.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import logging
import math
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable

from server.acts.site import Site
from server.http import accounts, openapi
from server.routes import ROUTES
from tests import memory_disk
from tests.cast import WORDS, cast, made_site
from tests.clock import Clock
from tests.reliability import known_values, mutants
from tests.reliability.known_values import Known
from tests.reliability.registry import Property, Result, Trial
from tests.server.served import Served, serving

LIN, WU = "person:lin", "person:wu"
OF_LIN = ("sync", "_session")  # first parts of the paths that Lin asks for; Wu asks for all others
PATIENCE = (5.0, 20.0)  # s, to connect and between two bytes
ENDS = ("/sign-in", "/sign-out", "/_session")
HELD = (5.0, 0.15)  # of an address that holds what it has nothing to say to yet
LONGEST = 1 << 20  # bytes that are read of an answer
OURS = {"sec-fetch-site": "same-origin"}  # a form of our own page
MOST_EACH = 24  # cases of an address in one turn
MODES = (schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE)


class Errors(logging.Handler):
    """Keeps what a server logs as its own mistake."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        self.said.append(f"{record.name}: {record.getMessage()[:80]} {error!r}"[:300])


@dataclass
class Caller:
    """Sends cases to a server and remembers which went wrong."""

    errors: Errors
    many: int
    calls: int = 0
    outside: int = 0  # calls that were sent to sign in
    statuses: dict[str, int] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)  # by address and kind of mistake
    _session: requests.Session = field(default_factory=requests.Session)
    _tokens: dict[str, str] = field(default_factory=dict)
    _served: Served | None = None

    def goes_to(self, served: Served) -> None:
        """Send what comes to another server."""
        self._served = served
        self._tokens.clear()

    @property
    def served(self) -> Served:
        """The server."""
        assert self._served is not None
        return self._served

    def result(self, addresses: int) -> Result:
        """Return what was counted."""
        groups = ("2xx", "3xx", "4xx", "5xx", "held")
        found = {name: self.statuses.get(name, 0) for name in groups}
        counts = {"calls": self.calls, "addresses": addresses, **found, "outside": self.outside}
        return Result(counts, list(self.problems.values()))

    @property
    def enough(self) -> bool:
        """Say whether there were as many calls as were asked for."""
        return self.calls >= self.many

    def send(self, case: Any) -> None:
        """Send one case; note a 5xx, a broken answer, and an error in the log."""
        self.calls += 1
        label, before = case.operation.label, len(self.errors.said)
        try:
            status = self._asked(case)
        except requests.ReadTimeout:
            status = 0
            if not _holds(case):
                self._wrong(label, "no answer", case)
        except requests.RequestException as error:
            status = 0
            self._wrong(label, f"the answer broke off: {type(error).__name__}", case)
        group = f"{status // 100}xx" if status else "held"
        self.statuses[group] = self.statuses.get(group, 0) + 1
        if status >= 500:
            self._wrong(label, str(status), case)
        for said in self.errors.said[before:]:
            self._wrong(label, said, case)

    def _asked(self, case: Any) -> int:
        person = LIN if case.operation.path.split("/")[1] in OF_LIN else WU
        sent = case.as_transport_kwargs(base_url=self.served.address)
        sent["cookies"] = {accounts.cookie_name(self.served.site): self._token(person)}
        usual = {"Content-Type": case.media_type or "application/json"}
        sent["headers"] = {**usual, **(sent.get("headers") or {}), **(case.headers or {}), **OURS}
        if isinstance(case.body, bytes):
            sent.pop("json", None)
            sent["data"] = case.body
        holds = _holds(case)
        with self._session.request(
            **sent, allow_redirects=False, stream=True, timeout=HELD if holds else PATIENCE
        ) as answer:
            _ = next(answer.iter_content(65_536 if holds else LONGEST), b"")
        self._session.cookies.clear()
        # Some of what is sent ends a session, or changes whose it is.
        sent_away = answer.headers.get("location", "").startswith("/sign-in")
        if answer.status_code == 401 or sent_away or case.operation.path.endswith(ENDS):
            self._tokens.pop(person, None)
            self.outside += sent_away
        return answer.status_code

    def _token(self, person: str) -> str:
        if person not in self._tokens:
            self._tokens[person] = self.served.token(person)
        return self._tokens[person]

    def _wrong(self, label: str, what: str, case: Any) -> None:
        shown = f"{what} from {label}: {_shown(case)}"
        self.problems.setdefault(f"{label} {what[:60]}", shown[:600])


def _holds(case: Any) -> bool:
    """Say whether an address may wait before it answers, or never end."""
    path = case.operation.path
    return path == "/events" or path.endswith("/_changes")


def _shown(case: Any) -> str:
    parts = {"path": case.path_parameters, "query": case.query, "body": case.body}
    return ", ".join(f"{name} {value!r}" for name, value in parts.items() if value)


@contextmanager
def _hospital() -> Iterator[Site]:
    """Lend a hospital where a little of everything has happened."""
    clock = Clock()
    with tempfile.TemporaryDirectory(dir=memory_disk.folder()) as folder:
        site = made_site(Path(folder), clock)
        people = cast(site, clock)
        lin, wu = people.lin, people.wu
        visit, wait, complaint = (lin.new(kind) for kind in ("arrival", "waiting", "complaint"))
        lin.does("arrival.registered", visit, name="张晓丽", place="place:lobby-1")
        lin.does("waiting.started", wait, place="place:lobby-1", subject=visit)
        lin.does("complaint.taken", complaint, place="place:lobby-1", words=WORDS, name="王芳")
        wu.does("doctor.added", wu.new("doctor"), name="何连舟", place="place:lobby-1")
        clock.passes(minutes=9)
        lin.does("waiting.water_given", wait)
        lin.hands_in({**lin.says("waiting.started", wait, place="place:nowhere"), "v": 99})
        try:
            yield site
        finally:
            site.close()


def _cases(operation: Any, mode: Any, known: Known, luck: Random) -> Any:
    made = operation.as_strategy(generation_mode=mode)
    return st.tuples(made, st.integers(0, 2**32)).map(
        lambda drawn: known.fit(drawn[0], Random(drawn[1] ^ luck.getrandbits(32)))
    )


def _turn(caller: Caller, operation: Any, number: int, many: int) -> None:
    """Send so many cases of one address, of each mode a half."""
    known = known_values.known_to(caller.served.site, without=(LIN, WU))
    takes_anything = operation.path_parameters or operation.query or operation.body
    shares = ((many + 1) // 2, many // 2) if takes_anything else (many,)
    for mode, most in zip(MODES, shares, strict=False):
        if not most:
            continue

        @seed(number)
        @settings(
            max_examples=most,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=_cases(operation, mode, known, Random(number)))
        def sent(case: Any) -> None:
            if not caller.enough:
                caller.send(case)

        with contextlib.suppress(Unsatisfiable):  # nothing there contradicts the description
            sent()


def _described() -> dict[str, Any]:
    """Return the description, with the cookie as the only way to sign in; whose is ours to say.

    Without any, schemathesis looks long for names in a path that contradict the description.
    """
    description = json.loads(json.dumps(openapi.description(ROUTES)))  # as it is served
    for operations in description["paths"].values():
        for operation in operations.values():
            operation["security"] = operation["security"][:1]
    return description


def answers(trial: Trial) -> Result:
    """H1: so many calls."""
    errors, described = Errors(), schemathesis.openapi.from_dict(_described())
    operations = [found.ok() for found in described.get_all_operations()]
    caller = Caller(errors, trial.many)
    each = min(MOST_EACH, math.ceil(trial.many / len(operations)))
    logging.getLogger().addHandler(errors)
    try:
        for turn in itertools.count(trial.seed):
            with _hospital() as site, serving(site) as served:
                caller.goes_to(served)
                for operation in operations:
                    _turn(caller, operation, turn, each)
                    if caller.enough or (trial.until_red and caller.problems):
                        return caller.result(len(operations))
    finally:
        logging.getLogger().removeHandler(errors)
    raise AssertionError


PROPERTIES = [
    Property(
        "H1",
        "Whatever is sent to whatever address, no answer is a mistake of the server's",
        answers,
        full=6_000,
        quick=200,
        mutants=mutants.ADDRESSES,
        seconds=70,
        parts=4,
    )
]
