"""The ground truth of a replayed day: what happened to each guest, and which rungs were due.

This is written from the rules alone and shares no code with the server. A rung of W-02 or W-03 was
due when, at its moment, the person was still waiting and the thing had not been done: not when the
news of it arrived. Water brought at the very moment of the rung is in time. A rung that the server
reached while a tablet was away, and annulled when the tablet's acts showed that the thing had been
done in time, was not due. Water noted by mistake and undone counts as never brought.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

MINUTE = 60_000
NEVER = 1 << 60


@dataclass(frozen=True)
class Limits:
    """Milliseconds from sitting down to each rung, by ladder."""

    waiting_water: tuple[int, ...]
    waiting_enquiry: tuple[int, ...]


def limits(settings: dict[str, Any]) -> Limits:
    """Return the limits that settings (`{key: minutes}`) ask for (W-02, W-03)."""
    water, enquiry = settings["waiting.water_after"], settings["waiting.enquire_after"]
    return Limits(
        (water * MINUTE, (water + settings["waiting.water_supervisor_after"]) * MINUTE),
        (
            enquiry * MINUTE,
            (enquiry + settings["waiting.enquire_supervisor_after"]) * MINUTE,
            (enquiry + settings["waiting.enquire_manager_after"]) * MINUTE,
        ),
    )


@dataclass
class TrueWait:
    """One guest's wait: moments in ms; water by the id of its act, so that it can be undone."""

    started: int = NEVER
    ended: int = NEVER
    water: dict[str, int] = field(default_factory=dict)
    stamps: dict[str, int] = field(default_factory=dict)

    def tell(self, act: dict[str, Any]) -> None:
        """Take in an act at the moment at which it was made."""
        verb, at = act["act"].partition(".")[2], act["at"]
        if verb == "started":
            self.started = at
        elif verb == "ended":
            self.ended = min(self.ended, at)
        elif verb == "water_given":
            self.water[act["_id"]] = at
        elif verb == "undone":
            self.water.pop(act["data"]["undoes"], None)
        else:
            self.stamps[verb] = min(self.stamps.get(verb, NEVER), at)

    def due(self, limits: Limits, now: int) -> set[tuple[str, int]]:
        """Return {(ladder, rung)} of every rung that had to be reached by `now` (ms)."""
        if self.started == NEVER:
            return set()
        watered = min(self.water.values(), default=NEVER)
        stamps = ("doctor_asked", "assistant_told", "explained")
        asked = max(self.stamps.get(stamp, NEVER) for stamp in stamps)
        done = {
            "waiting_water": min(watered, self.ended),
            "waiting_enquiry": min(asked, self.ended),
        }
        return {
            (ladder, number)
            for ladder, moment in done.items()
            for number, after in enumerate(getattr(limits, ladder), 1)
            if self.started + after < moment and self.started + after <= now
        }
