"""R8: what lives by lot meet too seldom: slow servers, midnights, numbers that change later."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from server.acts.woken_rules import statement_id
from server.clocks import reaction_jobs, reactions
from server.rules import settle, waking
from tests import ruled_kinds
from tests.clock import DAY, HOUR, MINUTE, MORNING
from tests.reliability import rule_mutants
from tests.reliability.registry import Property, Result, Trial
from tests.rule_lives import Life, spoken

SLOW = 40_000  # ms by which the second server's clock is behind
OPENS = 7 * HOUR + 30 * MINUTE


class Tale:
    """A site with two servers, and moments that are chosen."""

    def __init__(self, lived: Life) -> None:
        self.life = lived
        self.number = 0

    def says(self, name: str, record: str, *, at: int | None = None, **data: Any) -> str:
        """Let Lin say something now, or earlier; return its id."""
        self.number += 1
        moment = self.life.clock.at if at is None else at
        act = spoken(name, record, data, at=moment, number=self.number)
        assert self.life.hears((self.life.clock.at, act)).good
        self.life.clock.passes(seconds=1)
        return str(act["_id"])

    def changes(self, key: str, value: int) -> None:
        """Let the office change a number now."""
        data = {"value": value, "reason": "x"}
        record = f"setting:{key}"
        self.life.site.record_act("setting.changed", record, data, by="system:site")
        self.life.clock.passes(seconds=1)

    def reads(self, claim: str = "slow") -> Callable[[], int]:
        """Let a server claim and read; return what lets it say what it had found."""
        site, now = self.life.site, self.life.clock.at
        self.life.works()
        ready = settle.computed(site, settle.claimed_scopes(site, now, claim), now, claim)
        return lambda: len(settle.say(site, ready, now, claim))

    def of_kind(self, kind: str) -> list[dict[str, Any]]:
        """Return the records of a kind that rules made and want."""
        return [record for record in self.life.made() if record["type"] == kind]


@contextmanager
def tale() -> Iterator[Tale]:
    """Yield a tale; its kinds are declared."""
    lived = Life(servers=2)
    try:
        yield Tale(lived)
    finally:
        lived.close()


def barred_or_not() -> str | None:
    """A payout proposed at ten, its case settled offline at eleven, known at half past or noon."""
    found = []
    for is_known_at_once in (True, False):
        with tale() as told:
            ten = told.life.clock.passes(hours=1)
            told.says("case.taken", "case:c", at=MORNING)
            payout: dict[str, Any] = {"case": "case:c", "amount": 1, "at": ten}
            told.life.clock.passes(minutes=30)
            if is_known_at_once:
                told.says("payout.proposed", "payout:p", **payout)
            told.life.settles()
            told.life.clock.passes(hours=1)
            told.says("case.settled", "case:c", at=ten + HOUR)
            told.life.settles()
            if not is_known_at_once:
                told.says("payout.proposed", "payout:p", **payout)
            told.life.settles()
            case = told.life.site.record("case:c")
            assert case is not None
            found.append((case["state"], len(told.of_kind("recall"))))
    wanted = [("open", 0)] * 2
    return None if found == wanted else f"known at half past ten and at noon: {found}"


def a_slow_server() -> str | None:
    """One reads and sleeps; the cause is undone; the other settles; the first wakes and says."""
    with tale() as told:
        told.says("case.taken", "case:c")
        told.life.settles()
        act = told.says("case.settled", "case:c")
        wakes_up = told.reads()
        told.life.clock.passes(minutes=2)
        told.says("case.undone", "case:c", undoes=act)
        told.life.settles()
        wakes_up()
        told.life.settles()
        return "a call of what was undone stays" if told.of_kind("recall") else None


def a_wake_meanwhile() -> str | None:
    """What comes while a scope is settled is settled after it."""
    with tale() as told:
        told.says("case.taken", "case:c")
        told.life.settles()
        told.says("case.reopened", "case:c")  # settles to nothing
        goes_on = told.reads()
        told.says("case.settled", "case:c")
        goes_on()
        told.life.settles()
        return None if told.of_kind("recall") else "nobody looks again"


def midnight_of_a_slow_clock() -> str | None:
    """One server's clock says midnight; another, whose clock is behind, does the job."""
    with tale() as told:
        told.says("hall.opened", "hall:h", kind="lobby")
        told.life.settles()
        told.life.clock.at = MORNING + 15 * HOUR + 1_000  # Thursday, a second old
        waking.midnight(told.life.site)
        other, behind = told.life.sites[1], told.life.clock.at - SLOW
        while reaction_jobs.work(other, reactions.kinds(other), lambda: told.life.clock.at):
            settle.work(other, behind)
        told.life.clock.passes(hours=1)
        told.life.settles()
        last = max(record["due_from"] for record in told.of_kind("hall_check"))
        wanted = MORNING - 9 * HOUR + 8 * DAY + OPENS
        return None if last == wanted else f"the week ahead ends {(wanted - last) // DAY} day early"


def the_horizon() -> str | None:
    """What lies behind or beyond what a plan looks at stays."""
    with tale() as told:
        told.says("hall.opened", "hall:h", kind="lobby", at=MORNING - 3 * HOUR)
        told.life.settles()
        before = {record["_id"] for record in told.of_kind("hall_check")}
        told.life.comes_to(MORNING + 5 * DAY)
        waking.wake_all(told.life.site, "hall_opening", told.life.clock.at)
        told.life.settles()
        gone = before - {record["_id"] for record in told.of_kind("hall_check")}
        return f"{len(gone)} of {len(before)} duties are gone" if gone else None


def a_hall_that_closes() -> str | None:
    """A hall that closes takes back what was to come, and nothing of what was."""
    with tale() as told:
        told.says("hall.opened", "hall:h", kind="lobby", at=MORNING - 3 * HOUR)
        told.life.settles()
        told.life.comes_to(MORNING + 2 * DAY)
        told.says("hall.closed", "hall:h")
        waking.wake_all(told.life.site, "hall_opening", 0)
        told.life.settles()
        days = len(told.of_kind("hall_check"))
        return None if days == 3 else f"{days} duties of Wednesday to Friday"


def a_number_that_changes_later() -> str | None:
    """A judge used the number of its day; a new one judges nobody again."""
    with tale() as told:
        told.says("case.taken", "case:c")
        told.says("payout.proposed", "payout:p", case="case:c", amount=2_000)
        told.life.settles()
        told.changes("ruled.high", 1_500)
        told.life.settles()
        waking.wake_all(told.life.site, "band", 0)
        told.life.settles()
        payout = told.life.site.record("payout:p")
        assert payout is not None
        return None if payout["band"] == "middle" else f"the band is {payout['band']} now"


def an_interval_that_changes() -> str | None:
    """Each interval is the number in force at the one before: what was due stays due."""
    with tale() as told:
        told.says("worksite.started", "worksite:w")
        told.life.comes_to(MORNING + 10 * DAY)
        told.changes("ruled.every", 10)
        told.life.settles()
        days = sorted((call["anchor_at"] - MORNING) // DAY for call in told.of_kind("recall"))
        return None if days == [3, 6, 9, 12] else f"calls on the days {days}"


def two_payouts() -> str | None:
    """The first of two payouts that goes leaves the money locked."""
    with tale() as told:
        told.says("case.taken", "case:c")
        for name in "pq":
            told.says("payout.proposed", f"payout:{name}", case="case:c", amount=2_000)
        told.life.settles()
        money = []
        for name in "pq":
            told.says("payout.cancelled", f"payout:{name}")
            told.life.settles()
            case = told.life.site.record("case:c")
            assert case is not None
            money.append(case["money"])
        return None if money == ["open", "cleared"] else f"the money is {money}"


def wanted_again() -> str | None:
    """What was withdrawn and is wanted again is there again, and it is the same record."""
    with tale() as told:
        told.says("case.taken", "case:c")
        told.says("case.settled", "case:c")
        told.life.settles()
        before = {record["_id"] for record in told.of_kind("recall")}
        told.says("case.reopened", "case:c")
        told.life.settles()
        gone = told.of_kind("recall")
        told.says("case.settled", "case:c")
        told.life.settles()
        after = {record["_id"] for record in told.of_kind("recall")}
        return None if before and not gone and before <= after else f"{before}, {gone}, {after}"


def what_was_seen() -> str | None:
    """What somebody took up stays as they saw it, when its rule comes to want another thing."""
    with tale() as told:
        told.says("hall.opened", "hall:h", kind="lobby")
        told.life.settles()
        first, second = told.of_kind("hall_check")[:2]
        for record in (first, second):
            act = spoken(
                "hall_check.noted",
                record["_id"],
                {"note": "n"},
                at=told.life.clock.at,
                number=told.number + 500,
                seen=record["acts"]["last"],
            )
            told.number += 1
            assert told.life.hears((told.life.clock.at, act)).good
        told.changes("ruled.until", 600)
        told.life.settles()
        now = told.life.site.record(first["_id"])
        assert now is not None
        reasons = [question["reason"] for question in now["unsettled"]]
        good = now["due_by"] == first["due_by"] and reasons == ["meant_otherwise"]
        return None if good else f"due by {now['due_by']}, saw {first['due_by']}, asks {reasons}"


def ids() -> str | None:
    """Every statement has the id of its rule, scope, key and number."""
    with tale() as told:
        told.says("case.taken", "case:c")
        told.says("payout.proposed", "payout:p", case="case:c", amount=2_000)
        told.life.settles()
        for act in told.life.statements():
            said = act["for"]
            mark = said["rule"], said["scope"], said["key"]
            if act["_id"] != statement_id(told.life.site.secret, *mark, said["n"]):
                return f"an id of its own: {act}"
        return None


TALES = (
    *(barred_or_not, a_slow_server, a_wake_meanwhile, midnight_of_a_slow_clock, the_horizon),
    *(a_hall_that_closes, a_number_that_changes_later, an_interval_that_changes, two_payouts),
    *(wanted_again, what_was_seen, ids),
)


def told_by_hand(trial: Trial) -> Result:
    """Tell each tale once."""
    problems: list[str] = []
    told = TALES[trial.seed :][: trial.many]
    with ruled_kinds.declared():
        for tell in told:
            wrong = tell()
            problems += [f"{tell.__name__}: {wrong}"] if wrong else []
            if problems and trial.until_red:
                break
    return Result({"tales": len(told)}, problems)


PROPERTIES = [
    Property(
        "R8",
        "Slow servers, midnights and later numbers spoil nothing",
        told_by_hand,
        full=len(TALES),
        quick=len(TALES),
        mutants=rule_mutants.OF["R8"],
        seconds=10,
    )
]
