"""Tests of the project's structure: which file may do what.

Each rule is a function from sources to a list of offences, so that a rule can be shown a small
offence and be seen to bite. Rules of import between Python modules are import-linter's
(pyproject.toml); those of templates and words are in test_shape_of_pages.py.
"""

from __future__ import annotations

import ast
import re
import sys

import pytest

from tests.sources import ROOT, Files, everything, files, lines_with

# ------------------------------------------------------------------------------------- the tree

TREE = """
README.md pyproject.toml Makefile .ci/run
sync/README.md sync/check_act.py sync/ladder.py sync/worktime.py
sync/display_format.py sync/selector.py sync/settings.py sync/profiles/hospital.toml
sync/act.py sync/fold.py sync/features/__init__.py
server/README.md server/__main__.py server/cli.py server/app.py server/routes.py
server/clocks/periodic_tasks.py server/clocks/reactions.py server/base/config.py
server/database/engines.py server/database/tables.py server/database/store.py
server/acts/intake.py server/acts/timers.py server/clocks/escalation.py server/acts/recipients.py
server/acts/reference.py server/replication/devices.py server/acts/access.py
server/replication/couch_database.py server/acts/open_questions.py server/http/pages.py
server/http/problems.py
web/README.md web/layout/office.html web/scripts/every_page.js web/styles/index.css
web/manifest.webmanifest web/icons/app.svg
service_worker/README.md service_worker/worker.js service_worker/app.js service_worker/routes.js
service_worker/screens/screens.js service_worker/store/store.js service_worker/sync/replicate.js
service_worker/render/render.js service_worker/base/responses.js service_worker/shell.js
service_worker/build/pipeline.py service_worker/build/compile_template.py
service_worker/build/bundle.mjs
service_worker/package.json service_worker/package-lock.json
tests/README.md tests/cast.py
"""

README_LINES = 40
FILE_LINES = 400

# A file may be longer only with a reason that a reader accepts.
LONG_FILES: dict[str, str] = {
    "server/acts/unit_of_work.py": "a transaction, from first read to last row",
}

TWINS = (
    *("check_act", "field_kinds", "maps", "guards", "copies", "merging", "undo", "statements"),
    *("rungs", "fold", "ladder", "worktime", "display_format", "selector"),
)

# Names of features that have no record of their own, and what they show instead.
SCREENS: dict[str, str] = {
    "more": "where everything else is, how this tablet looks, the way out",
    "sync": "every act of this device and what became of it",
    "todo": "every clock of a person and what they were told, by time",
    "register": "the list, page and forms of every kind that is shown by its declaration",
    "find": "search over every kind of record on the tablet",
    "board": "the office at a glance: who waits, which clocks run, how today goes",
    "reconcile": "two things said about one record, side by side, to be decided",
    "security": "who came in, what failed, whose rights changed",
    "device": "tablets as the server last heard of them",
}


def test_the_tree_of_the_design_stands() -> None:
    assert [name for name in TREE.split() if not (ROOT / name).is_file()] == []


@pytest.mark.parametrize("folder", ["sync", "server", "web", "service_worker", "tests"])
def test_a_folder_explains_itself_on_one_screen(folder: str) -> None:
    lines = (ROOT / folder / "README.md").read_text("utf-8").splitlines()
    assert 0 < len(lines) <= README_LINES


def too_long(sources: Files) -> list[str]:
    counted = {name: len(text.splitlines()) for name, text in sources.items()}
    return [
        f"{name}: {n}" for name, n in counted.items() if n > FILE_LINES and name not in LONG_FILES
    ]


def test_a_file_can_be_read_in_one_sitting() -> None:
    sources = files("*.py", "*.js", "*.mjs", "*.html", "*.css")
    assert too_long(sources) == []
    assert too_long({"server/everything.py": "\n" * (FILE_LINES + 1)})
    assert set(LONG_FILES) <= set(sources), "LONG_FILES names a file that is gone"


def class_names_used_twice(sources: Files, pattern: str) -> list[str]:
    """Return the public class names that more than one place declares."""
    places: dict[str, list[str]] = {}
    for name, text in sources.items():
        for declared in re.findall(pattern, text, re.MULTILINE):
            places.setdefault(declared, []).append(name)
    return [f"{name}: {', '.join(where)}" for name, where in places.items() if len(where) > 1]


PYTHON_CLASS, SCRIPT_CLASS = r"^class ([A-Z]\w*)", r"^(?:export )?class ([A-Z]\w*)"


def test_no_two_public_classes_share_a_name() -> None:
    python = files("server/*.py", "sync/*.py", "service_worker/*.py")
    assert class_names_used_twice(python, PYTHON_CLASS) == []
    scripts = files("service_worker/*.js", "web/scripts/*.js")
    assert class_names_used_twice(scripts, SCRIPT_CLASS) == []
    planted = {"server/a.py": "class Page:\n", "server/b.py": "class Page(Base):\n"}
    assert class_names_used_twice(planted, PYTHON_CLASS) == ["Page: server/a.py, server/b.py"]


def feature_names() -> dict[str, set[str]]:
    """Return the names of features by folder."""
    places = {
        "sync/features": r"sync/features/(\w+)\.py",
        "server/features": r"server/clocks/features/(\w+)\.py",
        "web/features": r"web/features/(\w+)/.*",
        "service_worker/features": r"service_worker/features/(\w+)\.js",
        "tests/features": r"tests/features/test_(\w+)\.py",
    }
    found = {
        folder: {match[1] for name in everything() if (match := re.fullmatch(pattern, name))}
        for folder, pattern in places.items()
    }
    return {folder: names - {"__init__"} for folder, names in found.items()}


def test_a_feature_has_the_same_name_in_every_folder() -> None:
    names = feature_names()
    known = names["sync/features"] | set(SCREENS)
    strangers = {
        f"{folder}: {name}"
        for folder, found in names.items()
        for name in found
        if not any(name == feature or name.startswith(f"{feature}_") for feature in known)
    }
    assert strangers == set(), "declare it in sync/features, or name it in SCREENS"
    used = set().union(*(found for folder, found in names.items() if folder != "sync/features"))
    assert set(SCREENS) <= used, "SCREENS names a feature that is gone"


def test_features_are_listed_once_and_in_order() -> None:
    from sync.features import FEATURES

    listed = [feature.__name__.rpartition(".")[2] for feature in FEATURES]
    assert len(listed) == len(set(listed))
    assert set(listed) == feature_names()["sync/features"]


def public_functions(text: str, pattern: str) -> list[str]:
    """Return the names of a module's public functions in their order, in snake_case."""
    found = re.findall(pattern, text, re.MULTILINE)
    return [re.sub(r"(?<!^)([A-Z])", r"_\1", name).lower() for name in found]


@pytest.mark.parametrize("name", TWINS)
def test_twins_have_the_same_functions_in_the_same_order(name: str) -> None:
    python = (ROOT / "sync" / f"{name}.py").read_text("utf-8")
    script = (ROOT / "service_worker" / "rules" / f"{name}.js").read_text("utf-8")
    here = public_functions(python, r"^def ([a-z]\w*)\(")
    there = public_functions(script, r"^export (?:async )?function (\w+)\(")
    shared = [function for function in here if function in there]
    assert "Twin of" in script.split("\n\n", 1)[0]
    assert there == shared, "a function of the twin that Python lacks, or another order"


# ------------------------------------------------------------------------------------ who may what

BUILT_OR_FOREIGN = r"node_modules/|generated/|\.min\.(js|css)$|\.(woff2?|ttf|otf|mo|whl|sqlite|db)$"


def test_nothing_built_and_nothing_foreign_is_in_git() -> None:
    assert [name for name in everything() if re.search(BUILT_OR_FOREIGN, name)] == []
    assert re.search(BUILT_OR_FOREIGN, "web/scripts/htmx.min.js")


def foreign_imports(sources: Files) -> list[str]:
    """Return imports in sync/ of anything but the standard library and sync itself."""
    offences = []
    for name, text in sources.items():
        for node in ast.walk(ast.parse(text)):
            modules = []
            if isinstance(node, ast.Import):
                modules = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                modules = [node.module or ""] if not node.level else []
            roots = {module.partition(".")[0] for module in modules}
            offences += [
                f"{name}:{node.lineno}: {root}"
                for root in sorted(roots - sys.stdlib_module_names - {"sync"})
            ]
    return offences


def test_sync_needs_nothing_but_python() -> None:
    assert foreign_imports(files("sync/*.py", but=["sync/cluster_client.py"])) == []
    assert foreign_imports({"sync/x.py": "import orjson"}) == ["sync/x.py:1: orjson"]


# (what, pattern, where it is searched, the only files that may have it)
MONOPOLIES = (
    (
        "IndexedDB",
        r"""\bindexedDB\b|\bIDB[A-Z]\w+|from ["']idb["']""",
        ("service_worker/*.js", "web/*.js"),
        ("service_worker/store/database.js", "service_worker/store/store.js"),
    ),
    (
        "CouchDB clusters",
        r"ibmcloudant|ibm_cloud_sdk_core",
        ("*.py",),
        ("sync/cluster_client.py", "tests/*"),
    ),
    (
        "outside providers of notices",
        r"\bimport (apprise|smtplib|pywebpush)\b|\bfrom (apprise|smtplib|pywebpush)\b",
        ("server/*.py", "sync/*.py"),
        ("server/acts/delivery/*",),
    ),
    (
        "APScheduler",
        r"\b(from|import) apscheduler\b",
        ("server/*.py",),
        ("server/clocks/periodic_tasks.py",),
    ),
    ("routes", r"\b(Route|Mount)\(", ("server/*.py",), ("server/routes.py",)),
    (
        "the database driver",
        r"\b(import|from) (pysqlite3|sqlite3|psycopg)\b",
        ("server/*.py", "sync/*.py", "service_worker/*.py"),
        ("server/database/engines.py",),
    ),
    (
        "the clock of the machine",
        r"\btime\.time(_ns)?\(|datetime\.(now|utcnow|today)\(|\bdate\.today\(",
        ("server/*.py", "sync/*.py", "service_worker/*.py"),
        ("server/base/clock.py",),
    ),
    (
        "the clock of the tablet",
        r"\bDate\.now\b|\bnew Date\(\)|\bDate\(\)",
        ("service_worker/*.js", "web/*.js"),
        ("service_worker/base/clock.js", "web/scripts/page_clock.js"),
    ),
    (
        "how Playwright is started",  # where each call has a limit; tests take the fixture
        r"\bsync_playwright\(\)",
        ("tests/*.py",),
        ("tests/browser.py", "tests/test_shape.py", "tests/test_waits.py"),
    ),
    ("eval", r"\beval\(|\bnew Function\(", ("service_worker/*.js", "web/*.js"), ()),
)


@pytest.mark.parametrize(
    ("what", "pattern", "where", "may"), MONOPOLIES, ids=[row[0] for row in MONOPOLIES]
)
def test_only_one_place_knows(
    what: str, pattern: str, where: tuple[str, ...], may: tuple[str, ...]
) -> None:
    offences = lines_with(pattern, files(*where, but=may))
    assert offences == [], f"only {', '.join(may) or 'nobody'} may know {what}"


@pytest.mark.parametrize(
    ("what", "offence"),
    [
        ("IndexedDB", 'import { openDB } from "idb"'),
        ("CouchDB clusters", "import ibmcloudant"),
        ("outside providers of notices", "import smtplib"),
        ("APScheduler", "from apscheduler.schedulers.background import BackgroundScheduler"),
        ("routes", 'Route("/x", x)'),
        ("the database driver", "import pysqlite3"),
        ("the clock of the machine", "now = int(time.time() * 1000)"),
        ("the clock of the tablet", "const now = Date.now()"),
        ("how Playwright is started", "with sync_playwright() as playwright:"),
        ("eval", 'eval("1")'),
    ],
)
def test_a_second_place_that_knows_is_found(what: str, offence: str) -> None:
    pattern = next(row[1] for row in MONOPOLIES if row[0] == what)
    assert lines_with(pattern, {"server/elsewhere": offence})


def test_a_feature_of_the_tablet_imports_no_other() -> None:
    offences = []
    for name, text in files("service_worker/features/*.js").items():
        feature = name.rpartition("/")[2].removesuffix(".js").partition("_")[0]
        others = re.findall(r"""from ["']\./([^_.]+)""", text)
        offences += [f"{name}: {other}" for other in others if other != feature]
    assert offences == []


# -------------------------------------------------------------------------------------- numbers


def numbers_in_ladders(sources: Files) -> list[str]:
    """Return the numbers written inside Ladder(…) and Rung(…); deadlines are keys of settings."""
    offences = []
    for name, text in sources.items():
        for call in ast.walk(ast.parse(text)):
            if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
                continue
            if call.func.id in ("Ladder", "Rung"):
                offences += [
                    f"{name}:{node.lineno}: {node.value}"
                    for node in ast.walk(call)
                    if isinstance(node, ast.Constant) and type(node.value) in (int, float)
                ]
    return offences


def test_no_deadline_is_written_in_a_declaration() -> None:
    assert numbers_in_ladders(files("sync/features/*.py")) == []
    assert numbers_in_ladders({"x.py": 'Rung("due", "Water", (5,))'}) == ["x.py:1: 5"]


def test_every_setting_a_ladder_asks_for_has_a_value_and_a_rule() -> None:
    import sync
    from server.acts import timers

    declared = sync.declarations()
    asked = {
        key
        for ladder in declared["ladders"].values()
        for rung in ladder["rungs"]
        for key in timers.settings_of(rung)
    }
    assert asked, "no ladder asks for a setting"
    assert asked <= set(declared["settings"])


# ----------------------------------------------------------------------------------------- hosts

# Names that a document needs: namespaces, and hosts that stand for "some host".
HARMLESS_HOSTS = r"(?!(?:www\.w3\.org|localhost|127\.0\.0\.1|(?:[\w-]+\.)*example(?:\.\w+)?)\b)"
HOSTS = rf"https?://{HARMLESS_HOSTS}[\w-]+\.[\w.-]+|\b(?:pypi|npm{'js'})\.(?:org|com)\b"
MACHINE_PATHS = r"(?<![\w.$}/])/(?:tmp|work|root|farm|home)/[A-Za-z]"


def test_no_file_names_a_host_or_a_path_of_some_machine() -> None:
    locks = "*/package-lock.json"  # they name the sponsors' pages of packages
    sources = files("*", but=["*.png", "LICENSE", "tests/test_shape.py", locks])
    assert [name for name, text in files(locks).items() if '"resolved"' in text] == []
    assert len(files(locks)) == 2
    assert lines_with(HOSTS, sources) == []
    assert lines_with(MACHINE_PATHS, sources) == []
    assert lines_with(HOSTS, {"x": '"resolved": "https://registry.somewhere.net/idb"'})
    assert lines_with(MACHINE_PATHS, {"x": 'open("/tmp/data.json")'})
