"""Every sentence that a person may read exists in every language, and no other."""

from __future__ import annotations

import re
from pathlib import Path

import polib
import pytest

from server import missing_translations
from service_worker.build import catalogue
from tests.sources import ROOT

LOCALES = ROOT / "web" / "locales"
LANGUAGES = catalogue.locales(LOCALES)


@pytest.mark.parametrize("locale", LANGUAGES)
def test_every_sentence_is_translated(locale: str) -> None:
    gaps = [f"{gap.path}:{gap.line} “{gap.text}”" for gap in missing_translations.missing(locale)]
    assert gaps == [], "run `floorwalk messages` for the entries to fill in"


@pytest.mark.parametrize("locale", LANGUAGES)
def test_no_translation_outlives_its_sentence(locale: str) -> None:
    assert missing_translations.unused(locale) == []


def names_of(text: str) -> set[str]:
    return set(re.findall(r"%\((\w+)\)[sd]", text))


@pytest.mark.parametrize("path", sorted(LOCALES.glob("*/*.po")), ids=lambda path: path.stem)
def test_a_translation_names_the_same_values(path: Path) -> None:
    for entry in polib.pofile(str(path)):
        allowed = names_of(entry.msgid) | names_of(entry.msgid_plural)
        for text in [entry.msgstr, *entry.msgstr_plural.values()]:
            assert names_of(text) <= allowed, f"“{entry.msgid}” has no such value"


def test_a_missing_sentence_is_found_in_every_kind_of_file(tmp_path: Path) -> None:
    for folder in ("web/locales/zh_Hans", "web/scripts", "service_worker", "sync", "server"):
        (tmp_path / folder).mkdir(parents=True)
    known = 'msgid "Known"\nmsgstr "已知"\n'
    (tmp_path / "web/locales/zh_Hans/x.po").write_text(known, "utf-8")
    (tmp_path / "web/x.html").write_text("{{ _('Known') }}{% trans %}In HTML{% endtrans %}")
    (tmp_path / "web/scripts/x.js").write_text("show(_('In a page'))")
    (tmp_path / "service_worker/x.js").write_text("show(ngettext('One', 'Many', n))")
    (tmp_path / "sync/x.py").write_text("LABEL = _('In Python')")
    (tmp_path / "server/x.py").write_text("LABEL = pgettext('verb', 'Close')")
    found = {gap.key for gap in missing_translations.missing("zh_Hans", tmp_path)}
    assert found == {"In HTML", "In a page", "One", "In Python", "verb\x04Close"}


def test_two_files_that_translate_differently_are_an_error(tmp_path: Path) -> None:
    (tmp_path / "zh_Hans").mkdir()
    for name, word in (("a", "登记"), ("b", "登录")):
        text = f'msgid "Register"\nmsgstr "{word}"\n'
        (tmp_path / "zh_Hans" / f"{name}.po").write_text(text, "utf-8")
    with pytest.raises(catalogue.Contradiction, match=r"a\.po and b\.po"):
        catalogue.read(tmp_path, "zh_Hans")
