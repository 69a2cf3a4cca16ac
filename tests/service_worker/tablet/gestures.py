"""Lin's gestures, as the forms that the screens send."""

from __future__ import annotations

import itertools
from typing import Any

from tests.tablet import Tablet

_numbers = itertools.count(1)


def act_id() -> str:
    """Return an id as a form carries it."""
    return f"act:01K9{next(_numbers):022d}"


def sat_down(
    tablet: Tablet, *, name: str = "", form_id: str | None = None, place: str = "place:room-3"
) -> str:
    """Somebody sits down to wait outside a room; return the wait."""
    form_id = form_id or act_id()
    form = {"act_id": form_id, "name": name, "place": place}
    answer = tablet.post("/floor/waiting", form)
    assert answer["status"] == 200, answer["text"]
    return form_id.replace("act:", "waiting:")


def water_given(tablet: Tablet, wait: str, *, form_id: str | None = None) -> dict[str, Any]:
    """Lin brings water."""
    path = f"/floor/waiting/{wait.partition(':')[2]}/water_given"
    answer = tablet.post(path, {"act_id": form_id or act_id()})
    assert answer["status"] == 200, answer["text"]
    return answer
