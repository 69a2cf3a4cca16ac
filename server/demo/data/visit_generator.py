"""Generates the demo's visits: who comes, how they wait, what guides do in time, late or never."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

from server.demo.data import patients, people, places
from server.demo.data.measured_traffic import SEEN_FOR, WAITED, quantile
from sync.act import Act, make, ulid

MINUTE = 60_000
YOU = "person:lin"  # the person whom somebody trying the demo most likely signs in as
# Weights of departments: YOU works on the second floor, so more guests go there.
BUSY = {"guke": 5, "erke": 3, "neifenmi": 3, "yanke": 3}
ASKS_ONLY = 0.12  # share of guests who only ask something
NEEDS = ("wheelchair", "elderly", "weak", "child")


def devices() -> dict[str, str]:
    """Return {person: device} of every guide."""
    return {
        f"person:{login}": "device:" + ulid(0, number + 1)
        for number, (login, _, posts, _) in enumerate(people.STAFF)
        if "guide" in posts
    }


class GuestStory:
    """The acts of one record by several people, each of whom saw the acts before theirs."""

    def __init__(self, life: Life, record: str) -> None:
        self.life = life
        self.record = record
        self.last: str | None = None

    def tell(self, at: int, by: str, act: str, /, **data: Any) -> Act:
        """Return the next act, at `at` (ms)."""
        made = make(
            act,
            self.record,
            data,
            at=at,
            by=by,
            device=self.life.devices.get(by, "device:office"),
            site=self.life.site,
            seen=self.last,
            random_bits=self.life.bits,
        )
        self.last = made["_id"]
        return made


class Life:
    """A generator of visits; the same random source gives the same hospital."""

    def __init__(self, rng: Random, site: str) -> None:
        self.rng = rng
        self.site = site
        self.devices = devices()
        self.guides: dict[str, list[str]] = {}
        for login, _, posts, where in people.STAFF:
            for place in where if "guide" in posts else ():
                self.guides.setdefault(place, []).append(f"person:{login}")

    def bits(self) -> int:
        """Return 80 random bits for an id."""
        return self.rng.getrandbits(80)

    def new(self, kind: str, at: int) -> GuestStory:
        """Return the story of a new record."""
        return GuestStory(self, f"{kind}:{ulid(at, self.bits())}")

    def story_of(self, record: dict[str, Any]) -> GuestStory:
        """Return the continued story of a record that exists."""
        story = GuestStory(self, record["_id"])
        story.last = record["acts"]["last"]
        return story

    # A visit

    def visit(self, at: int) -> list[Act]:
        """Return all acts of somebody who comes in at `at` (ms)."""
        if self.rng.random() < ASKS_ONLY:
            return list(self._question(at))
        return list(self._patient(at))

    def _question(self, at: int) -> Iterator[Act]:
        guide = self.rng.choice(self.guides["place:lobby-1"])
        story = self.new("arrival", at)
        yield story.tell(
            at,
            guide,
            "arrival.registered",
            place="place:lobby-1",
            question=self.rng.choice(patients.QUESTIONS),
            next_place="place:enquiry",
        )
        yield story.tell(at + self.minutes(3, 14), guide, "arrival.sent_off", hours_told=True)

    def _patient(self, at: int) -> Iterator[Act]:
        key, department, floor, _ = self.rng.choices(
            places.DEPARTMENTS, [BUSY.get(row[0], 1) for row in places.DEPARTMENTS]
        )[0]
        doctor = self.rng.choice([row for row in people.DOCTORS if row[3] == key])
        who = self._who(key)
        lobby = self.rng.choice(self.guides["place:lobby-1"])
        upstairs = self._guide_of(floor)
        visit = self.new("arrival", at)
        yield visit.tell(
            at,
            lobby,
            "arrival.registered",
            place="place:lobby-1",
            department=department,
            chief_complaint=self.rng.choice(patients.WHY[key]),
            phone=patients.phone(self.rng),
            source=self.rng.choice(("walk_in", "friend", "web", "referral", "returning")),
            first_visit=self.rng.random() < 0.6,
            next_stage="triaged",
            next_place="place:triage",
            **who,
        )
        wait = int(quantile(WAITED, self.rng.uniform(2, 99)) * MINUTE)
        sits = at + min(self.minutes(1, 5), wait // 4)
        yield visit.tell(
            sits - 20_000,
            lobby,
            "arrival.introduced",
            doctor=f"doctor:{doctor[0]}",
            department=department,
        )
        yield visit.tell(
            sits - 10_000, lobby, "arrival.stage_reached",
            stage="waiting", next_stage="with_doctor", place=f"place:{key}",
        )  # fmt: skip
        goes_in = at + max(wait, 3 * MINUTE)
        yield from self.waiting(sits, goes_in, upstairs, doctor, visit.record, who)
        yield from self._after(visit, goes_in, upstairs)

    def _after(self, visit: GuestStory, at: int, guide: str) -> Iterator[Act]:
        out = at + max(int(quantile(SEEN_FOR, self.rng.uniform(0, 99)) * MINUTE), MINUTE)
        lobby = self.rng.choice(self.guides["place:lobby-1"])
        yield visit.tell(
            at + 1_000, guide, "arrival.stage_reached", stage="with_doctor", next_stage="paid"
        )
        yield visit.tell(
            out + self.minutes(1, 3), guide, "arrival.stage_reached",
            stage="paid", next_stage="medicine", place="place:cashier", next_place="place:pharmacy",
        )  # fmt: skip
        leaves = out + self.minutes(6, 25)
        yield visit.tell(leaves, lobby, "arrival.stage_reached", stage="medicine")
        yield visit.tell(
            leaves + self.minutes(3, 9), lobby, "arrival.sent_off", guidance=True, hours_told=True
        )

    # Waiting

    def waiting(
        self,
        sits: int,
        goes_in: int,
        guide: str,
        doctor: tuple[Any, ...],
        visit: str,
        who: dict[str, Any],
    ) -> Iterator[Act]:
        """Yield the acts of one wait: most get their water in time, some late, a few never."""
        story = self.new("waiting", sits)
        department = next(row[1] for row in places.DEPARTMENTS if row[0] == doctor[3])
        yield story.tell(
            sits,
            guide,
            "waiting.started",
            subject=visit,
            place=f"place:{doctor[3]}-{doctor[4]}",
            doctor=f"doctor:{doctor[0]}",
            department=department,
            **who,
        )
        care = [act for act in self._care(story, sits, guide) if act["at"] < goes_in - 30_000]
        yield from care
        left = self.rng.random() < 0.03
        ended = {"outcome": "left", "reason": self.rng.choice(patients.LEFT)} if left else {}
        yield story.tell(goes_in, guide, "waiting.ended", **(ended or {"outcome": "seen"}))

    def _care(self, story: GuestStory, sits: int, guide: str) -> Iterator[Act]:
        water = self._when((0.80, 2.5, 4.9), (0.14, 5.2, 9.5))
        if water is not None:
            yield story.tell(sits + water, guide, "waiting.water_given")
        asked = self._when((0.72, 11.0, 14.5), (0.18, 15.5, 27.0))
        if asked is None:
            return
        says = self.rng.choice(patients.DOCTOR_SAYS)
        yield story.tell(sits + asked, guide, "waiting.doctor_asked", doctor_says=says)
        told = sits + asked + self.minutes(0.5, 1.5)
        yield story.tell(told, guide, "waiting.assistant_told")
        if self.rng.random() < 0.92:
            words = self.rng.choice(patients.EXPLAINED)
            explained = told + self.minutes(0.5, 1.5)
            yield story.tell(explained, guide, "waiting.explained", explanation=words)

    def _when(self, *habits: tuple[float, float, float]) -> int | None:
        drawn = self.rng.random()
        for chance, earliest, latest in habits:
            if drawn < chance:
                return self.minutes(earliest, latest)
            drawn -= chance
        return None

    # Small things

    def _guide_of(self, floor: str) -> str:
        guides = self.guides[floor]
        if floor == "place:floor-2" and self.rng.random() < 0.35:
            return YOU
        return self.rng.choice(guides)

    def _who(self, key: str) -> dict[str, Any]:
        salutation = "child" if key == "erke" else self.rng.choice(("mr", "ms"))
        who: dict[str, Any] = {"name": patients.name(self.rng), "salutation": salutation}
        if self.rng.random() < 0.18:
            who["needs_help"] = [self.rng.choice(NEEDS)]
            who["priority"] = "limited"
        return who

    def minutes(self, least: float, most: float) -> int:
        """Return a random duration in ms between two numbers of minutes."""
        return int(self.rng.uniform(least, most) * MINUTE)
