"""Fixtures of the JavaScript tests: one Node process for all of them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.service_worker.node import Node


@pytest.fixture(scope="session")
def node() -> Iterator[Node]:
    """A Node process that runs our modules: node.call("service_worker/…", "function", [0])."""
    with Node() as process:
        yield process
