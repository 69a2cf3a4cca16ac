"""The helpers with which other tests bundle JavaScript."""

from __future__ import annotations

from tests.esbuild import bundle, run_in_node


def test_pouchdb_can_be_bundled_for_a_browser() -> None:
    plugins = ("adapter-idb", "adapter-http", "replication")
    lines = [f'import plugin{n} from "pouchdb-{name}"' for n, name in enumerate(plugins)]
    uses = "".join(f".plugin(plugin{n})" for n in range(len(plugins)))
    script = bundle(
        f'import PouchDB from "pouchdb-core"\n{chr(10).join(lines)}\nself.P = PouchDB{uses}'
    )
    assert script.startswith(('"use strict"', "(() =>"))
    assert "require(" not in script.replace("__require(", "")


def test_a_module_can_be_run_in_node() -> None:
    source = 'import fs from "node:fs"\nconsole.log(fs.readFileSync(0, "utf8").length)'
    assert run_in_node(source, "四个字吧") == "4\n"
