"""Calls functions of JavaScript modules from a test, through one Node process that stays alive."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from service_worker.build.node import node_path
from tests.limits import COMMAND, line_of
from tests.sources import ROOT

AT_ONCE = 100  # calls in a line: with the declarations in each, thousands are no string any more
DRIVER = Path(__file__).with_name("node.mjs")


class NodeError(Exception):
    """The function threw; the message is the error's own."""


class Node:
    """One Node process. Values are plain JSON in both directions; promises are awaited."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [node_path(), DRIVER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def call(self, module: str | Path, function: str, args: list[Any]) -> Any:
        """Return what the function returns. Raise NodeError when it throws.

        `module` is a path below the repository's root, or an absolute one.
        """
        (result,) = self.calls(module, function, [args])
        if "error" in result:
            raise NodeError(result["error"])
        return result.get("value")

    def calls(
        self, module: str | Path, function: str, arguments: list[list[Any]]
    ) -> list[dict[str, Any]]:
        """Call the function many times; return a {"value": …} or {"error": message} for each."""
        pages = (arguments[at : at + AT_ONCE] for at in range(0, len(arguments), AT_ONCE))
        return [one for page in pages for one in self._page(module, function, page)]

    def _page(
        self, module: str | Path, function: str, arguments: list[list[Any]]
    ) -> list[dict[str, Any]]:
        assert self._process.stdin is not None
        request = {"module": str(ROOT / module), "function": function, "arguments": arguments}
        # ASCII only: no line separator of Unicode may break a line.
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        answer = json.loads(line_of(self._process, f"{module}: {function}", COMMAND))
        if "error" in answer:
            raise NodeError(answer["error"])
        results: list[dict[str, Any]] = answer["results"]
        return results

    def close(self) -> None:
        """Let the process end."""
        self._process.communicate(timeout=10)

    def __enter__(self) -> Node:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
