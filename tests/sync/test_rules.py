"""What cannot work is refused when it is declared; what can, survives JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest

import sync
from sync.rules import Each, Find, Follow, Judge, Number, Of, Plan, Rule, as_json
from tests import ruled_kinds

MAKES: dict[str, Any] = {"on": "case.settled", "makes": "recall.due", "rule": ""}
SAYS: dict[str, Any] = {"on": "payout.proposed", "to": "case", "says": "case.money_opened"}
JUDGES: dict[str, Any] = {"of": "payout", "on": ("proposed",), "says": "payout.banded", "rule": ""}
DAILY: dict[str, Any] = {"makes": "check.due", "every": "day", "at": "ruled.from", "rule": ""}


def test_rules_survive_json() -> None:
    with ruled_kinds.declared():
        rules = sync.declarations()["rules"]
        assert json.loads(json.dumps(rules)) == rules
        assert {rule.name for rule in ruled_kinds.RULES} <= set(rules)
        assert rules["opening"]["when"] == {"kind": "lobby", "state": "open"}
        assert rules["call_back"]["gives"]["days"] == {"$number": "ruled.answer"}
        assert rules["qualified"]["finds"] == {
            "of": "exam",
            "where": {"person": {"$of": "person"}},
            "open": True,
        }
    assert as_json(Follow("a", gives={"who": Each("_id")}, **MAKES))["gives"] == {
        "who": {"$each": "_id"}
    }


@pytest.mark.parametrize(
    ("why", "make"),
    [
        ("unsays", lambda: Follow("a", rule="", **SAYS)),
        ("number in a selector", lambda: Follow("a", when={"n": 3}, **MAKES)),
        ("number in a selector", lambda: Follow("a", when={"n": {"$gt": Number("x")}}, **MAKES)),
        ("makes a record, or says", lambda: Follow("a", "case.settled", "")),
        ("listens to one kind", lambda: Follow("a", ("case.settled", "hall.closed"), "", "x.y")),
        ("a number in a selector", lambda: Plan("a", of="hall", when={"n": 1}, **DAILY)),
        ("of a kind, or for each", lambda: Plan("a", **DAILY)),
        ("by words alone", lambda: Plan("a", for_each=Find("hall", kind=Of("x")), **DAILY)),
        ("days have a time", lambda: Plan("a", of="hall", since="started_on", **DAILY)),
        ("one form of", lambda: Judge("a", **JUDGES)),
        ("reads 1 fields", lambda: Judge("a", bands=("x", "y"), **JUDGES)),
        ("reads 2 fields", lambda: Judge("a", same=True, reads=("amount",), **JUDGES)),
    ],
)
def test_what_could_never_work_is_refused(why: str, make: Any) -> None:
    with pytest.raises(ValueError, match=why):
        make()


@pytest.mark.parametrize(
    ("why", "rule"),
    [
        ("no act recall.gone", Follow("a", on="case.settled", makes="recall.gone", rule="")),
        ("does not ask for money", Follow("a", gives={"money": 1}, **MAKES)),
        ("no setting no.such", Follow("a", gives={"n": Number("no.such")}, **MAKES)),
        (
            "exam.day is not indexed",
            Follow("a", unless=Find("exam", person=Of("_id"), day=1), **MAKES),
        ),
        (
            "case.owner is not indexed",
            Follow("a", unless=Find("exam", person=Of("owner")), **MAKES),
        ),
        (
            "makes a record, or the rule does",
            Follow("a", on="case.settled", makes="recall.done", rule=""),
        ),
        ("cycle", Follow("echo", on="recall.done", makes="recall.due", rule="")),
        (
            "cycle",
            Follow(
                "reward",
                on="case.settled",
                makes="payout.proposed",
                gives={"case": Of("_id")},
                rule="",
            ),
        ),
    ],
)
def test_what_the_other_declarations_do_not_bear_is_refused(why: str, rule: Rule) -> None:
    with (
        ruled_kinds.declared((*ruled_kinds.RULES, rule)),
        pytest.raises(ValueError, match=why),
    ):
        sync.declarations()


def test_a_literal_that_a_selector_excludes_cuts_a_circle() -> None:
    """What says "echo" and follows what does not say it leads nowhere."""
    echo = Follow(
        "echo",
        on="recall.done",
        makes="recall.due",
        when={"why": {"$in": ["case"]}},
        gives={"why": "echo"},
        rule="",
    )
    with ruled_kinds.declared((*ruled_kinds.RULES, echo)):
        assert "echo" in sync.declarations()["rules"]
