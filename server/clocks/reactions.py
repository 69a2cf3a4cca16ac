"""All reactions of the server to acts, on one page, in the order in which they run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import orjson

from server.acts import recipients
from server.acts.access import SYSTEM_ACTOR
from server.acts.delivery import in_app
from server.acts.duty import RollCall
from server.acts.follow_ups import Listens, Needed
from server.acts.recipients import Telling
from server.acts.site import Site
from server.clocks import calendars, deadline_changes, escalation, reassigning
from server.clocks.features import refusal, waiting
from server.clocks.reaction_jobs import Do
from server.cluster import letters
from server.database.store import Store
from server.rules import waking
from sync.act import Act
from sync.check_act import Record

T = TypeVar("T")


def always(record: Record, hides: Sequence[str]) -> bool:
    """Say that a reaction looks at every act that it listens to."""
    return True


@dataclass(frozen=True)
class Reaction:
    """A function that the server runs after certain acts; running it twice must show once.

    `needed` spares the job where the act's record shows that there is nothing to do.
    """

    name: str
    listens: tuple[str, ...]
    react: Callable[[Site, Sequence[Act], int], None]
    needed: Needed = always


def each(do: Callable[[Site, T, int], object]) -> Callable[[Site, Sequence[T], int], None]:
    """Return a function of several acts or payloads that takes one after the other."""

    def do_each(site: Site, many: Sequence[T], now: int) -> None:
        for one in many:
            do(site, one, now)

    return do_each


def tell_whose_deadline_moved(site: Site, act: Act, now: int) -> None:
    """Notify whoever has less time left than before, after a setting or calendar changed.

    One notice a person for one change, about what is due first; what is due already was told, or
    is told by its own rung.
    """
    before = deadline_changes.before_the_act(site, act["_id"])
    after = (site.settings(), site.calendar())
    reference, hides = site.reference(), site.hidden_ones()
    duties = RollCall(site, site.now())
    notices: dict[str, Act] = {}  # by person
    for row in deadline_changes.changes_between(site, before, after):
        if row["new_due_at"] >= row["old_due_at"] or row["new_due_at"] <= now:
            continue
        tell = site.declarations["ladders"][row["ladder"]]["rungs"][row["rung"] - 1]["tell"]
        record = row["of"]
        hidden = hides.get(record["_id"], ())
        telling = Telling(site.declarations, reference, record, hidden, site.now(), duties)
        told, _ = recipients.find_recipients(telling, tell)
        for person, post in told.items():
            if person in notices:
                continue
            notices[person] = in_app.notice_act(
                row["of"],
                person,
                what="deadline_moved",
                at=now,
                moment=(act["at"], act["_id"]),
                site=site.config.name,
                secret=site.secret,
                post=post,
                due_at=row["new_due_at"],
                reason=row["ladder"],
            )
    if notices:
        site.accept(list(notices.values()), SYSTEM_ACTOR, received_at=now)


REACTIONS = (
    Reaction("admit", ("refusal.admitted",), each(refusal.admit)),
    Reaction("refer", ("complaint.referred",), each(letters.refer)),
    Reaction(
        "reassign",
        ("complaint.taken", "complaint.named", "complaint.edited", "complaint.decided"),
        each(reassigning.reassign),
        reassigning.is_about_owner,
    ),
    Reaction(
        "wait_of_visit",
        ("arrival.sent_off", "arrival.stage_reached", "arrival.decided"),
        waiting.follow_visits,
    ),
    Reaction("visit_of_wait", ("waiting.started",), waiting.follow_waits, waiting.is_running),
    Reaction("letter", ("letter.arrived",), each(letters.tell)),
    Reaction("announced", ("calendar.announced",), each(calendars.tell)),
    Reaction(
        "deadline_moved",
        ("setting.changed", "calendar.published", "calendar.changed"),
        each(tell_whose_deadline_moved),
    ),
)
LISTENS: Listens = {
    name: tuple(one.needed for one in REACTIONS if name in one.listens)
    for reaction in REACTIONS
    for name in reaction.listens
}


def kinds(site: Site) -> dict[str, Do]:
    """Return {kind of job: function that runs jobs of it}."""
    return {kind: partial(do, site) for kind, do in JOBS.items()}


def _react(site: Site, payloads: Sequence[dict[str, Any]], now: int) -> None:
    with site.reading() as connection:
        bodies = Store(connection).known_acts({payload["act"] for payload in payloads})
    wanted = (payload["act"] for payload in payloads)  # one may have been taken out meanwhile
    acts: list[Act] = [orjson.loads(bodies[act]) for act in wanted if act in bodies]
    for reaction in REACTIONS:
        heard = [act for act in acts if act["act"] in reaction.listens]
        if heard:
            reaction.react(site, heard, now)


JOBS: dict[str, Callable[[Site, Sequence[dict[str, Any]], int], None]] = {
    "reaction": _react,
    "wake": each(waking.wake_page),
    "move": each(lambda site, payload, now: site.touch(payload["records"])),
    "judge": each(
        lambda site, payload, now: escalation.correct_rungs(
            site, payload["record"], payload["act"], now
        )
    ),
}
