"""All reactions of the server to acts, on one page, in the order in which they run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson

from server.acts import recipients
from server.acts.access import SYSTEM_ACTOR
from server.acts.delivery import in_app
from server.acts.recipients import Telling
from server.acts.site import Site
from server.clocks import calendars, deadline_changes, escalation, reassigning
from server.clocks.features import refusal, waiting
from server.clocks.reaction_jobs import Do
from server.cluster import letters
from server.database.store import Store
from server.rules import waking
from sync.act import Act


@dataclass(frozen=True)
class Reaction:
    """A function that the server runs after certain acts; running it twice must show once."""

    name: str
    listens: tuple[str, ...]
    react: Callable[[Site, Act, int], None]


def tell_whose_deadline_moved(site: Site, act: Act, now: int) -> None:
    """Notify whoever has less time left than before, after a setting or calendar changed.

    One notice a person for one change, about what is due first; what is due already was told, or
    is told by its own rung.
    """
    before = deadline_changes.before_the_act(site, act["_id"])
    after = (site.settings(), site.calendar())
    reference, hides = site.reference(), site.hidden_ones()
    notices: dict[str, Act] = {}  # by person
    for row in deadline_changes.changes_between(site, before, after):
        if row["new_due_at"] >= row["old_due_at"] or row["new_due_at"] <= now:
            continue
        tell = site.declarations["ladders"][row["ladder"]]["rungs"][row["rung"] - 1]["tell"]
        record = row["of"]
        telling = Telling(
            site.declarations, reference, record, hides.get(record["_id"], ()), site.now()
        )
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
    Reaction("admit", ("refusal.admitted",), refusal.admit),
    Reaction("refer", ("complaint.referred",), letters.refer),
    Reaction(
        "reassign",
        ("complaint.taken", "complaint.named", "complaint.edited", "complaint.decided"),
        reassigning.reassign,
    ),
    Reaction(
        "wait_of_visit",
        ("arrival.sent_off", "arrival.stage_reached", "arrival.decided"),
        waiting.follow_visit,
    ),
    Reaction("visit_of_wait", ("waiting.started",), waiting.follow_wait),
    Reaction("letter", ("letter.arrived",), letters.tell),
    Reaction("announced", ("calendar.announced",), calendars.tell),
    Reaction(
        "deadline_moved",
        ("setting.changed", "calendar.published", "calendar.changed"),
        tell_whose_deadline_moved,
    ),
)
LISTENS = frozenset(name for reaction in REACTIONS for name in reaction.listens)


def kinds(site: Site) -> dict[str, Do]:
    """Return {kind of job: function that runs it}."""
    return {
        "reaction": lambda payload, now: _react(site, payload, now),
        "wake": lambda payload, now: waking.wake_page(site, payload, now),
        "move": lambda payload, now: site.touch(payload["records"]),
        "judge": lambda payload, now: escalation.correct_rungs(
            site, payload["record"], payload["act"], now
        ),
    }


def _react(site: Site, payload: dict[str, Any], now: int) -> None:
    with site.reading() as connection:
        body = Store(connection).known_acts([payload["act"]])[payload["act"]]
    act: Act = orjson.loads(body)
    for reaction in REACTIONS:
        if act["act"] in reaction.listens:
            reaction.react(site, act, now)
