"""Which pages may change something here: those of this origin, compared as a whole (A6)."""

from __future__ import annotations

import pytest

from server.base.origins import is_of


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("https://floorwalk.test", "floorwalk.test"),
        ("https://Floorwalk.test", "FLOORWALK.test"),
        ("https://floorwalk.test", "floorwalk.test:443"),
        ("http://127.0.0.1:8000", "127.0.0.1:8000"),
    ],
)
def test_our_own_pages_are_ours(origin: str, host: str) -> None:
    assert is_of(origin, host)


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("https://floorwalk.test.evil.test", "floorwalk.test"),
        ("https://floorwalk.test@evil.test", "floorwalk.test"),
        ("https://evil.floorwalk.test", "floorwalk.test"),
        ("https://floorwalk.test:8443", "floorwalk.test"),
        ("http://127.0.0.1:80001", "127.0.0.1:8000"),
        ("null", "floorwalk.test"),
        ("", ""),
        ("file://", ""),
    ],
)
def test_what_only_begins_like_ours_is_another_origin(origin: str, host: str) -> None:
    assert not is_of(origin, host)
