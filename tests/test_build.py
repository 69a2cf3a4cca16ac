"""The build: complete, within its size budgets, and never served when older than its sources."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import pytest

from service_worker.build import pipeline
from service_worker.build.catalogue import Translator
from service_worker.build.tablet_declarations import for_tablet
from sync import languages
from sync.declare import Record, as_json
from tests.sources import files

# Scripts, templates, styles, icons and the first language's words of the whole floor app, as a
# tablet fetches them. The aim is 130 KB with all kinds of record; this ceiling keeps it from
# growing unseen. A further kind takes about 0.8 KB, its words in one language among them. Rounds of
# wards took 7 KB for screens of their own: beds in walking order, the sheet of a bed, the questions
# turned to the patient, and what is heard there made into records.
CEILING_BYTES = 158_000
ON_THE_WIRE = ("worker.js", "app.js", "floorwalk.css", "icons.svg")


def packed_size(static: Path, name: str) -> int:
    """Return how many bytes of a file travel to a browser."""
    sha256 = hashlib.sha256((static / name).read_bytes()).hexdigest()
    return (static.parent / "packed" / f"{sha256}.br").stat().st_size


@pytest.fixture
def static(generated: Path) -> Path:
    return generated / "static"


def test_everything_that_was_built_is_listed_with_its_hash(static: Path) -> None:
    built = json.loads((static / "manifest.json").read_text("utf-8"))
    assert set(built["files"]) == {path.name for path in static.iterdir()} - {"manifest.json"}
    assert set(ON_THE_WIRE) <= set(built["files"])
    assert built["inputs"] == pipeline.hash_of_inputs()


def test_a_build_older_than_its_sources_is_refused(
    generated: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert pipeline.why_stale() is None
    template = next(path for path in pipeline.sources() if path.suffix == ".html")
    monkeypatch.setattr(pipeline, "sources", lambda: iter([template]))
    assert "make build" in str(pipeline.why_stale())


def test_a_build_that_broke_off_is_no_build(
    generated: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "MANIFEST", tmp_path / "manifest.json")
    assert "not built yet" in str(pipeline.why_stale())


def test_the_installed_app_opens_screens_that_exist(static: Path) -> None:
    manifest = json.loads((pipeline.WEB / "manifest.webmanifest").read_text("utf-8"))
    screens = files("service_worker/routes.js")["service_worker/routes.js"]
    for opened in (manifest, *manifest["shortcuts"]):
        address = opened.get("start_url") or opened["url"]
        assert f'["GET", "{address}", ' in screens, address
    for icon in manifest["icons"]:
        assert (static / icon["src"].rpartition("/")[2]).is_file()


def test_every_icon_that_a_screen_names_is_in_the_sprite(static: Path) -> None:
    drawn = set(re.findall(r'<symbol id="([\w-]+)"', (static / "icons.svg").read_text("utf-8")))
    named = {
        name
        for text in files("web/*.html").values()
        for name in re.findall(r"""\bicon\(["']([\w-]+)["']\)""", text)
    }
    assert named, "no template names an icon"
    assert named <= drawn


def test_the_tablet_is_told_of_every_file_that_a_page_needs(static: Path) -> None:
    text = (static.parent / "version.js").read_text("utf-8")
    assets = set(json.loads(text.partition("assets = ")[2]))
    assert {"app.js", "floorwalk.css", "icons.svg"} <= assets
    assert assets <= {path.name for path in static.iterdir()}
    assert not assets & {"office.js", "office.css"}, "no tablet needs them"


def test_the_floor_app_names_no_file_of_the_office() -> None:
    for name in pipeline.floor_templates():
        text = (pipeline.WEB / name).read_text("utf-8")
        assert "/static/office." not in text, name


def test_the_tablet_keeps_of_the_declarations_what_it_reads() -> None:
    whole = pipeline.declarations()
    kept = for_tablet(whole)
    assert list(kept["acts"]) == list(whole["acts"])
    assert kept["settings"]["waiting.water_after"] == {
        "value": 5,
        "unit": "min",
        "least": 1,
        "most": 480,
        "may_lack": True,
    }
    fields = {field["name"]: field for field in kept["records"]["complaint"]["fields"]}
    assert fields["name"]["label"] == "Who complains" and fields["name"]["private"] is True
    assert "private" not in fields["severity"] and fields["severity"]["choices"]
    assert all("label" not in field for field in kept["records"]["letter"]["fields"])
    assert all("channels" not in record for record in kept["records"].values())
    said = "".join(files("service_worker/**/*.js").values())
    named = {key for key in whole["settings"] if f'"{key}"' in said}
    assert named <= set(kept["settings"]), "what the worker asks for by name is there"
    assert "meeting.morning" not in kept["settings"], "rules are the server's"
    ended = kept["acts"]["announcement.ended"]
    assert ended["label"] == "Over" and ended["sets"] == {}, "shown, and never said here"


def test_a_least_number_of_nothing_is_kept() -> None:
    field = {"name": "n", "kind": "number", "label": "N", "choices": [], "max": None, "min": 0}
    record = as_json(Record("count", "Count", (), (), ("all",), book="floor", path="count"))
    record["fields"] = [field]
    declared = {"records": {"count": record}, "acts": {}, "settings": {}, "ladders": {}}
    kept = for_tablet(declared)["records"]["count"]["fields"]
    assert kept == [{"name": "n", "kind": "number", "label": "N", "choices": [], "min": 0}]


def test_the_tablet_says_in_other_languages_what_it_says_and_nothing_else() -> None:
    known = pipeline.messages()["zh_Hans"]
    assert "The server would not have this." in known, "a sentence of the worker"
    assert any(key.startswith("This entry is too long") for key in known), "one of a refusal"
    assert "Name or password is wrong. Check capital letters, or ask your office." not in known


def test_the_floor_app_does_not_grow_unseen(static: Path) -> None:
    sizes = {name: packed_size(static, name) for name in ON_THE_WIRE}
    assert sum(sizes.values()) <= CEILING_BYTES, sizes


def test_a_tablet_carries_one_language_and_finds_the_others(static: Path) -> None:
    worker = (static / "worker.js").read_text("utf-8")
    catalogues = {
        path.stem.removeprefix("words-"): json.loads(path.read_text("utf-8"))
        for path in static.glob("words-*.json")
    }
    assert set(catalogues) == set(languages.NAMES[1:])
    english = catalogues[languages.SOURCE][""]
    assert "What was sent, and what still waits" in english
    assert "What was sent, and what still waits" not in worker, "English lies in a file of its own"
    assert "上传记录" in worker, "the first language is at hand at once"
    assert all(len(one[""]) == len(english) for one in catalogues.values())


def test_the_bundles_are_classic_scripts_without_eval(static: Path) -> None:
    for name in ("worker.js", "app.js"):
        text = (static / name).read_text("utf-8")
        assert not re.search(r"^\s*(import|export)\b", text, re.MULTILINE), name
    assert not re.search(r"\beval\(|new Function\(", (static / "worker.js").read_text("utf-8"))


def test_an_app_icon_fills_its_square(static: Path) -> None:
    from PIL import Image

    with Image.open(static / "app-512.png") as icon:
        assert icon.size == (512, 512)
        corners = [icon.getpixel(at) for at in ((0, 0), (511, 0), (0, 511), (511, 511))]
        assert len(set(corners)) == 1, "a maskable icon has its ground up to every corner"


def test_a_translator_answers_in_english_what_it_lacks() -> None:
    words = Translator({"Wait": "等候", "verb\x04Close": "关闭", "One": ["%(n)s 个"]})
    assert words.gettext("Wait") == "等候"
    assert words.gettext("Go") == "Go"
    assert words.pgettext("verb", "Close") == "关闭"
    assert words.pgettext("near", "Close") == "Close"
    assert words.ngettext("One", "Many", 1) == words.ngettext("One", "Many", 7) == "%(n)s 个"
    assert words.ngettext("A", "B", 1) == "A"
    assert words.ngettext("A", "B", 0) == "B"
