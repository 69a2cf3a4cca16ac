"""Which pages may change something here: those of this origin, compared as a whole (A6)."""

from __future__ import annotations

import pytest

from server.base.origins import is_of


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("https://ward.example", "ward.example"),
        ("https://Ward.example", "WARD.example"),
        ("https://ward.example", "ward.example:443"),
        ("http://127.0.0.1:8000", "127.0.0.1:8000"),
    ],
)
def test_our_own_pages_are_ours(origin: str, host: str) -> None:
    assert is_of(origin, host)


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("https://ward.example.evil.example", "ward.example"),
        ("https://ward.example@evil.example", "ward.example"),
        ("https://evil.ward.example", "ward.example"),
        ("https://ward.example:8443", "ward.example"),
        ("http://127.0.0.1:80001", "127.0.0.1:8000"),
        ("null", "ward.example"),
        ("", ""),
        ("file://", ""),
    ],
)
def test_what_only_begins_like_ours_is_another_origin(origin: str, host: str) -> None:
    assert not is_of(origin, host)
