"""A10: every setting has bounds, within which no number stops the hospital."""

from __future__ import annotations

from typing import Any

import pytest

from sync.setting_values import as_text, field_of, from_text, problem
from sync.settings import SETTINGS, Setting, profile, with_changes


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda one: one.key)
def test_a_setting_keeps_its_bounds(setting: Setting) -> None:
    one = profile("hospital")[setting.key]
    assert one["least"] <= one["most"]
    assert problem(one, one["least"]) is problem(one, one["most"]) is None
    assert problem(one, one["least"] - 1) == "too_small"
    assert problem(one, one["most"] + 1) == "too_big"
    assert problem(one, None) == (None if one["may_lack"] else "required")
    assert [problem(one, value) for value in (True, 1.5, "5")] == ["not_a_number"] * 3
    assert one["least"] <= one["value"] <= one["most"]


def test_no_sign_in_ends_at_once() -> None:
    for key in ("session.idle_at_most", "session.lasts"):
        one = profile("hospital")[key]
        assert one["least"] > 0 and not one["may_lack"]


def test_a_number_out_of_bounds_from_before_counts_as_nobody_s() -> None:
    numbers = profile("hospital")
    for value in (0, -1, None, 10**9):
        record = {"_id": "setting:session.idle_at_most", "state": "active", "value": value}
        assert with_changes(numbers, [record]) == numbers
    record = {"_id": "setting:session.idle_at_most", "state": "active", "value": 60}
    assert with_changes(numbers, [record])["session.idle_at_most"]["value"] == 60


def setting(unit: str, least: int = 0, most: int = 9_999, **more: Any) -> dict[str, Any]:
    """Return a setting of a unit, as the declarations have it."""
    plain = {"value": None, "unit": unit, "least": least, "most": most, "choices": []}
    return {**plain, "may_lack": True, **more}


CHOICES = [["middle", "Middle"], ["high", "High"]]


@pytest.mark.parametrize(
    ("one", "good", "bad"),
    [
        (setting("pt", -100, 0), [-100, -5, 0], [(1, "too_big"), (-101, "too_small")]),
        (setting("fen", 0, 500_00), [0, 12_50], [(500_01, "too_big"), ("5", "not_a_number")]),
        (setting("hour", 0, 1_439), [0, 480], [(1_440, "too_big"), ("8:00", "not_a_number")]),
        (setting("choice", choices=CHOICES), ["middle"], [("low", "not_a_choice")]),
        (
            setting("post", 1, 2),
            [["gm"], ["gm", "cs_manager"]],
            [
                (["guide", "gm", "cs_manager"], "too_big"),
                (["porter"], "not_a_choice"),
                (["gm", "gm"], "not_a_list"),
                ("gm", "not_a_list"),
            ],
        ),
        (setting("list", 2, 3), [["a", "b"]], [(["a"], "too_small"), (["", "b"], "not_text")]),
        (setting("list", 1, 9, choices=CHOICES), [["high"]], [(["low"], "not_a_choice")]),
    ],
)
def test_a_setting_of_every_sort_takes_what_fits_and_nothing_else(
    one: dict[str, Any], good: list[Any], bad: list[tuple[Any, str]]
) -> None:
    assert [problem(one, value) for value in good] == [None] * len(good)
    assert [(value, problem(one, value)) for value, _ in bad] == bad
    assert problem(one, None) is None
    assert problem({**one, "may_lack": False}, None) == "required"
    for value in good:
        assert from_text(one["unit"], as_text(one["unit"], value)) == value
        record = {"_id": "setting:x", "state": "active", field_of(one["unit"]): value}
        assert with_changes({"x": one}, [record])["x"]["value"] == value


@pytest.mark.parametrize(
    ("unit", "text", "value"),
    [
        ("n", "－５", -5),
        ("hour", "8:05", 485),
        ("hour", "24:00", 1_440),
        ("fen", "12.5", 12_50),
        ("fen", "-3", -3_00),
        ("post", "gm，cs_manager", ["gm", "cs_manager"]),
        ("n", " ", None),
    ],
)
def test_a_value_is_read_as_people_write_it(unit: str, text: str, value: Any) -> None:
    assert from_text(unit, text) == value


@pytest.mark.parametrize(
    ("unit", "text"), [("n", "8:00"), ("n", "1.5"), ("hour", "8"), ("hour", "8:60"), ("fen", "x")]
)
def test_what_is_no_value_is_not_guessed(unit: str, text: str) -> None:
    with pytest.raises(ValueError, match=text):
        from_text(unit, text)
