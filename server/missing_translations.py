"""The command `floorwalk messages`: finds sentences in the sources that lack a translation.

Sentences are collected from web/ (templates and scripts), sync/, server/ and service_worker/.
English is the source language; every other one must have each of them. What is missing is printed
file by file, in the form of a .po file.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from babel.messages.extract import extract

from server.base.paths import ROOT
from service_worker.build import catalogue
from sync.languages import NAMES, SOURCE

KEYWORDS: dict[str, Any] = {
    "_": None,
    "gettext": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
# (folder, pattern, Babel's extraction method) of sources with sentences.
FOLDERS = (
    ("web", "*.html", "jinja2.ext:babel_extract"),
    ("web/scripts", "*.js", "javascript"),
    ("service_worker", "*.js", "javascript"),
    ("sync", "*.py", "python"),
    ("server", "*.py", "python"),
)
NOT_OURS = {"node_modules", "generated"}
OPTIONS = {
    "jinja2.ext:babel_extract": {"newstyle_gettext": "true", "trimmed": "true", "silent": "false"}
}


@dataclass(frozen=True, order=True)
class Sentence:
    """One sentence, with the file and line of its source."""

    path: str
    line: int
    text: str
    plural: str | None = None
    context: str | None = None

    @property
    def key(self) -> str:
        """The sentence's key in a catalogue, with its context."""
        return f"{self.context}{catalogue.CONTEXT_MARK}{self.text}" if self.context else self.text


def sentences(root: Path = ROOT) -> Iterator[Sentence]:
    """Yield every sentence in the sources, once for each occurrence."""
    for folder, pattern, method in FOLDERS:
        for path in sorted((root / folder).rglob(pattern)):
            if not NOT_OURS.intersection(path.relative_to(root).parts):
                yield from sentences_of(path, method, root)


def sentences_of(path: Path, method: str, root: Path = ROOT) -> Iterator[Sentence]:
    """Yield the sentences of one file."""
    name = path.relative_to(root).as_posix()
    with path.open("rb") as file:
        messages = extract(method, file, keywords=KEYWORDS, options=OPTIONS.get(method, {}))
        for line, message, _comments, context in messages:
            text, plural = message if isinstance(message, tuple) else (message, None)
            yield Sentence(name, line, text, plural, context)


def missing(locale: str, root: Path = ROOT) -> list[Sentence]:
    """Return the sentences that a language lacks, each at its first occurrence."""
    translations = catalogue.read(root / "web" / "locales", locale)
    first: dict[str, Sentence] = {}
    for sentence in sentences(root):
        if not is_translated(sentence, translations):
            first.setdefault(sentence.key, sentence)
    return sorted(first.values())


def is_translated(sentence: Sentence, translations: catalogue.Catalogue) -> bool:
    """Say whether the catalogue has it, with plural forms exactly if the source has a plural."""
    translation = translations.get(sentence.key)
    return bool(translation) and isinstance(translation, list) == bool(sentence.plural)


def unused(locale: str) -> list[str]:
    """Return the keys of a language that no source uses any more."""
    asked = {sentence.key for sentence in sentences()}
    return sorted(set(catalogue.read(ROOT / "web" / "locales", locale)) - asked)


def as_po(sentence: Sentence) -> str:
    """Return the untranslated entry of a .po file."""
    lines = [f"#: {sentence.path}:{sentence.line}"]
    if sentence.context:
        lines.append(f"msgctxt {quoted(sentence.context)}")
    lines.append(f"msgid {quoted(sentence.text)}")
    if sentence.plural:
        lines += [f"msgid_plural {quoted(sentence.plural)}", 'msgstr[0] ""']
    else:
        lines.append('msgstr ""')
    return "\n".join(lines)


def quoted(text: str) -> str:
    """Return a text as a string literal of a .po file."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def run() -> int:
    """Print what every language lacks; return 1 when something does."""
    lacking = 0
    for locale in (name for name in NAMES if name != SOURCE):
        gaps = missing(locale)
        lacking += len(gaps)
        if gaps:
            print(f"# {locale}: {len(gaps)} sentences to translate.\n")
        for sentence in gaps:
            print(as_po(sentence), end="\n\n")
    return 1 if lacking else 0


if __name__ == "__main__":
    raise SystemExit(run())
