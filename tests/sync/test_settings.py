"""A10: every setting has bounds, within which no number stops the hospital."""

from __future__ import annotations

import pytest

from sync.settings import BY_KEY, SETTINGS, problem, profile, with_changes


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda one: one.key)
def test_a_setting_keeps_its_bounds(setting: object) -> None:
    one = BY_KEY[setting.key]  # type: ignore[attr-defined]
    assert one.least <= one.most
    assert problem(one.key, one.least) is problem(one.key, one.most) is None
    assert problem(one.key, one.least - 1) == "too_small"
    assert problem(one.key, one.most + 1) == "too_big"
    assert problem(one.key, None) == (None if one.may_lack else "required")
    assert [problem(one.key, value) for value in (True, 1.5, "5")] == ["not_a_number"] * 3
    value = profile("hospital")[one.key]["value"]
    assert one.least <= value <= one.most


def test_no_sign_in_ends_at_once() -> None:
    for key in ("session.idle_at_most", "session.lasts"):
        assert BY_KEY[key].least > 0 and not BY_KEY[key].may_lack


def test_a_number_out_of_bounds_from_before_counts_as_nobody_s() -> None:
    numbers = profile("hospital")
    for value in (0, -1, None, 10**9):
        record = {"_id": "setting:session.idle_at_most", "state": "active", "value": value}
        assert with_changes(numbers, [record]) == numbers
    record = {"_id": "setting:session.idle_at_most", "state": "active", "value": 60}
    assert with_changes(numbers, [record])["session.idle_at_most"]["value"] == 60
