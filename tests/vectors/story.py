"""Helpers to write down a history for a vector."""

from __future__ import annotations

from typing import Any

Short = list[Any]  # [id, act, at, by, seen, data], and `over` where it is said

PEOPLE = ("person:lin", "person:chen", "person:wu")
LIN, CHEN, WU = PEOPLE
CLOCK = "system:clock"


def identifier(number: int) -> str:
    """Return an act id that ends in the number."""
    return "act:" + str(number).rjust(26, "0")


class Story:
    """Acts of one visit, a minute apart unless said otherwise."""

    def __init__(self, kind: str = "visit") -> None:
        self.kind = kind
        self.acts: list[Short] = []

    def __call__(
        self,
        verb: str,
        by: str = LIN,
        /,
        *,
        at: int | None = None,
        seen: int | None = None,
        number: int | None = None,
        over: dict[str, Any] | None = None,
        **data: Any,
    ) -> int:
        """Add an act, return its number; its author saw the latest act, or `seen`, or (0) none."""
        number = len(self.acts) + 1 if number is None else number
        about = {key: identifier(data[key]) for key in ("undoes", "about") if key in data}
        latest = self.acts[-1][0] if self.acts else None
        looked = latest if seen is None else identifier(seen) if seen else None
        moment = number if at is None else at
        name = f"{self.kind}.{verb}"
        act = [identifier(number), name, moment, by, looked, {**data, **about}]
        self.acts.append(act if over is None else [*act, over])
        return number
