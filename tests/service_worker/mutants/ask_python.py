"""Runs the vectors on mutated copies of sync/: ask_python.py <project> <folder>=<module>…

The module is asked first. Writes a line of JSON for each folder: {"folder", "failed"}, which is the
name of the first case that was answered otherwise, or null.
"""

from __future__ import annotations

import importlib
import json
import sys


def first_failure(folder: str, first: str) -> str | None:
    """Return the name of the first case that the copy answers otherwise, or what went wrong."""
    for name in list(sys.modules):
        if name.partition(".")[0] in ("sync", "tests"):
            del sys.modules[name]
    sys.path[0] = folder
    importlib.invalidate_caches()
    try:
        generate = importlib.import_module("tests.vectors.generate")
        for module in {first: 0, **generate.MODULES}:
            for one in generate.read(module):
                written = {key: one[key] for key in ("gives", "fails") if key in one}
                if generate.as_text(generate.answer(module, one)) != generate.as_text(written):
                    return f"{module}: {one['name']}"
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return None


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    project, *folders = sys.argv[1:]
    sys.path[:1] = ["", project]
    for argument in folders:
        folder, _, first = argument.partition("=")
        print(json.dumps({"folder": folder, "failed": first_failure(folder, first)}))
