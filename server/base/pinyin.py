"""Search and order by pinyin on the server: the twin's rules with the build's table of readings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache, lru_cache
from typing import Any

from server.base.paths import generated_folder
from sync import search_words
from sync.check_act import Declarations, Record
from sync.search_words import Readings

ENDS = "\n"  # between what one text and another are found by


@cache
def readings() -> Readings:
    """Return the build's table, which the tablets have too; made anew where nothing is built."""
    try:
        table = (generated_folder() / "pinyin.txt").read_text("utf-8")
    except FileNotFoundError:
        from service_worker.build.pinyin_table import table as made

        table = made()
    return search_words.readings_in(table)


def words_of(declarations: Declarations, record: Record) -> str | None:
    """Return all that a record is found by, in one text; None for nothing."""
    texts = search_words.searched_texts(declarations, record)
    return found_by(texts, search_words.full_texts(declarations, record)) or None


def found_by(texts: Iterable[str], full: Sequence[str] = ()) -> str:
    """Return all that texts are found by, and others from end to end, in one text."""
    words = dict.fromkeys(word for text in texts for word in _words(text))
    if full:
        words.update(dict.fromkeys(search_words.search_words(readings(), [], full)))
    return ENDS.join(words)


def finds(question: str, words: str) -> bool:
    """Say whether a question finds what has these search words."""
    return all(word in words for word in search_words.asked_words(question))


def by_name(read: Callable[[Any], str]) -> Callable[[Any], str]:
    """Return a sort key: the pinyin of what `read` returns, the surname read as one."""
    return lambda item: name_key(read(item))


@lru_cache(maxsize=4_096)
def name_key(name: str) -> str:
    """Return a text that sorts as a name does in a list."""
    return search_words.sorting_key(readings(), name)


def _words(text: str) -> tuple[str, ...]:
    # Numbers come once each: they would push names out of what is remembered.
    return (text.lower(),) if text.isascii() and text.isalnum() else _spelt(text)


@lru_cache(maxsize=8_192)
def _spelt(text: str) -> tuple[str, ...]:
    return tuple(search_words.search_words(readings(), [text]))
