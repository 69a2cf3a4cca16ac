"""A kind of record is not named outside its own files: what others need is in its declaration.

A kind's own files are those of its name in a folder `features`, and those that `MAY_NAME` lists.
They may name another kind that theirs is about: a wait begins within a visit.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import sync
from sync import books, languages
from sync.check_act import ENGINE as ENGINE_VERBS
from tests.sources import ROOT, Files, files

# What the program itself keeps: people, places, numbers, what it tells and what it refuses. The
# engine names them where it makes and reads them; they come in no list beside other kinds.
ENGINE = ("person", "place", "unit", "setting", "calendar")
ENGINE += ("notice", "refusal", "letter", "erasure", "saved_view")

# Own files that do not lie in a folder `features`, and the few that join kinds by hand.
MAY_NAME = {
    "server/demo/": "a demonstration lives through stories of these very kinds",
    "server/office/board/": "the board is drawn for those who wait and for complaints",
    "server/office/reports/figures.py": "the figures of the board, rule by rule",
    "server/office/reports/printing.py": "the papers of a complaint",
    "server/office/tables/complaints.py": "the table of complaints",
    "server/office/tables/rounds.py": "rounds of a week, with what was asked at the beds",
    "server/office/tables/visits.py": "the table of visits, with the waits of each",
    "server/office/tables/waiting.py": "the table of waits",
    "server/office/record/related.py": "a visit, its waits and its complaints belong together",
    "server/office/record/upcoming_rungs.py": "the intake is the first rung of a complaint",
    "server/office/record/visit_journey.py": "the stops of a visit",
    "server/office/record/record_pages.py": "a visit's page shows its stops and its wait",
    "server/office/record/act_forms.py": "a form offers places and doctors to choose from",
    "server/cluster/letters.py": "a complaint is passed to another hospital",
    "server/clocks/reactions.py": "the wiring of what follows an act",
    "service_worker/models/labels.js": "rooms and doctors to choose from, for forms of all kinds",
    "service_worker/features/todo.js": "G-12: whoever was asked to wait a moment has no clock",
    "web/features/board/": "see server/office/board",
}


def is_own(name: str) -> bool:
    """Return whether a file is some kind's own, or may name kinds."""
    kinds = "|".join(sync.declarations()["records"])
    own = re.search(rf"/features/(?:{kinds})(?:_\w+)?[./]", name)
    return bool(own) or name.startswith(tuple(MAY_NAME))


def patterns() -> dict[str, re.Pattern[str]]:
    """Return for each kind what naming it looks like."""
    declared = sync.declarations()
    other = {"waiting"} | {value for value, _ in _choices(declared)} | set(_field_names(declared))
    found = {}
    for kind, record in declared["records"].items():
        if kind in ENGINE:
            continue
        verbs = [act["name"] for act in record["acts"]] + [one["name"] for one in record["lists"]]
        said = "|".join([*verbs, *ENGINE_VERBS, r"\$?\{"])
        ladders = [name for name, one in declared["ladders"].items() if one["record"] == kind]
        named = [
            rf"[\"'`]{kind}\.(?:{said})",  # an act or a list
            rf"[\"'`]{kind}:",  # an id
            rf"(?:type|kind)s?\b\W{{1,12}}[\"'`]{kind}[\"'`]",  # a comparison
            rf"\b(?:KIND|KINDS)\b.*[\"']{kind}[\"']",
            rf"data-live=\"[^\"]*\b{kind}\b",
            rf"\b(?:desk|ask|connection), ?[\"']{kind}[\"']|referenceOf\([\"']{kind}",
            *(rf"[\"'`]{ladder}[\"'`]" for ladder in ladders),
            *([] if kind in other else [rf"(?<!class=)[\"'`]{kind}[\"'`]"]),
            *([] if kind in other else [rf"^\s+{kind}: (?![A-Z])"]),  # a type follows no key
        ]
        found[kind] = re.compile("|".join(named), re.MULTILINE)
    return found


def _choices(declared: dict[str, object]) -> Iterator[tuple[str, str]]:
    for record in declared["records"].values():  # type: ignore[attr-defined]
        for field in record["fields"]:
            yield from field["choices"]
        yield from record["states"]


def _field_names(declared: dict[str, object]) -> Iterator[str]:
    for record in declared["records"].values():  # type: ignore[attr-defined]
        yield from (field["name"] for field in record["fields"])


def named_elsewhere(sources: Files) -> list[str]:
    """Return "file:line: kind" for every kind that a file names which is not its own."""
    found = []
    for kind, pattern in patterns().items():
        for name, text in sources.items():
            if not is_own(name):
                lines = (text.count("\n", 0, hit.start()) + 1 for hit in pattern.finditer(text))
                found += [f"{name}:{line}: {kind}" for line in lines]
    return sorted(found)


def shipped() -> Files:
    folders = ("sync/", "server/", "service_worker/", "web/")
    return {
        name: text for name, text in files("*.py", "*.js", "*.html").items()
        if name.startswith(folders)
    }  # fmt: skip


def test_a_kind_is_not_named_outside_its_own_files() -> None:
    offences = named_elsewhere(shipped())
    assert offences == [], "say it in the kind's declaration (sync/declare.py) and read it there"


def test_naming_a_kind_by_hand_is_noticed() -> None:
    planted = {
        "server/office/x.py": 'PATHS = {\n    "arrival": "/office/visits",\n}\n',
        "server/y.py": 'if record["type"] == "waiting":\n    pass\n',
        "service_worker/models/z.js": 'const SIGNS = { "complaint.taken": "pencil" }\n',
        "service_worker/models/keys.js": "const PATHS = {\n  complaint: 1,\n}\n",
        "service_worker/models/ladder.js": 'if (one.ladder === "waiting_water") ring()\n',
        "web/parts/live.html": '<nav data-live="notice waiting">\n',
        "web/parts/x.html": '<a href="{{ hrefs["doctor:" + key] }}">\n',
    }
    assert {one.rpartition(":")[0] for one in named_elsewhere(planted)} == {
        "server/office/x.py:2", "server/y.py:1", "service_worker/models/z.js:1",
        "service_worker/models/keys.js:2", "service_worker/models/ladder.js:1",
        "web/parts/x.html:1", "web/parts/live.html:1",
    }  # fmt: skip
    innocent = {
        "server/x.py": 'KEY = "waiting.water_after"\nrow = {"doctor": 2, "waiting": 3}\n',
        "service_worker/features/waiting_model.js": 'perform("waiting.started")\n',
    }
    assert named_elsewhere(innocent) == []


def test_the_list_of_those_who_may_has_no_one_without_need() -> None:
    sources = shipped()
    for name, reason in MAY_NAME.items():
        held = {path: text for path, text in sources.items() if path.startswith(name)}
        assert held and reason, f"{name} is gone"
        named = any(
            pattern.search(text) for pattern in patterns().values() for text in held.values()
        )
        assert named, f"{name} names no kind any more: take it off the list"


def test_every_kind_belongs_to_a_book_and_has_an_icon() -> None:
    known = {name for name, _label in books.BOOKS}
    drawn = (ROOT / "web" / "icons" / "names.txt").read_text("utf-8").split()
    drawn += [path.stem for path in (ROOT / "web" / "icons").glob("*.svg")]
    for kind, record in sync.declarations()["records"].items():
        assert record["book"] in known, kind
        icons = [record["icon"], *(act["icon"] for act in record["acts"] if act["icon"])]
        assert set(icons) <= set(drawn), kind


def test_no_two_kinds_have_their_pages_in_one_place() -> None:
    records = sync.declarations()["records"].values()
    for trait in ("path", "section"):
        said = [record[trait] for record in records if record[trait]]
        assert len(said) == len(set(said)), trait


def test_languages_are_listed_in_one_place() -> None:
    named = re.compile("|".join(rf"[\"'`]{one.name}[\"'`]" for one in languages.LANGUAGES))
    tags = re.compile("|".join(rf"[\"'`]{one.tag}[\"'`]" for one in languages.LANGUAGES))
    offences = [
        name for name, text in shipped().items()
        if name != "sync/languages.py" and (named.search(text) or tags.search(text))
    ]  # fmt: skip
    assert offences == []
    assert named.search('LANGUAGES = ["zh_Hans"]') and tags.search('lang: "zh-Hans"')
    translated = {path.name for path in (ROOT / "web" / "locales").iterdir()}
    assert translated == set(languages.NAMES) - {languages.SOURCE}
    manifest = (ROOT / "web" / "manifest.webmanifest").read_text("utf-8")
    assert f'"lang": "{languages.LANGUAGES[0].tag}"' in manifest
