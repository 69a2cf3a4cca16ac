"""Cases of the template compiler: a snippet for each construct, and for each way it can fail.

Each line of lines/*.txt is one, rendered with VIEW by Jinja2 and on the tablet. The two must agree
to the byte; on each line of fails.txt both must fail. REFUSED is what the build says no to.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

FOLDER = Path(__file__).with_name("lines")
FAILS = "fails"

VIEW: dict[str, Any] = {
    "title": "Lobby",
    "name": "Ann <b>&\"'",
    "quoted": 'it\'s "so"',
    "latin": "hello world",
    "hans": "林小雨 在大厅",
    "emoji": "a😀b\U0001f468‍👩\U00010000",
    "rtl": "شكوى",
    "empty": "",
    "space": "  x \x1c\u3000\x85",
    "zero": 0,
    "n": 3,
    "negative": -7,
    "large": 9007199254740991,
    "moment": 1_795_000_000_000,
    "yes": True,
    "no": False,
    "nil": None,
    "letters": ["b", "a", "C", "c"],
    "numbers": [3, 1, 2, 1],
    "nothing": [],
    "nested": [[1, 2], [3, 4]],
    "mixed": ["<", None, True, 0, "b"],
    "dict": {"b": 1, "a": 2, "B": 0},
    "bare": {},
    "visit": {
        "title": "Fall & fever",
        "items": [1, 2],
        "count": 5,
        "get": "got",
        "place": {"ward": "3 East", "bed": None},
        "phone": "13912340416",
    },
    "people": [
        {"name": "Zed", "age": 30, "at": {"ward": "b"}, "ok": True},
        {"name": "amy", "age": 25, "at": {"ward": "a"}, "ok": False},
        {"name": "Bob", "age": 30, "at": {"ward": "B"}},
        {"name": "<Li>", "age": 25, "at": {"ward": "a"}, "ok": None},
    ],
}

# Templates that probes refer to.
OTHERS = {
    "base": (
        "B({% block a %}base {{ n }}{% endblock %}|{% block b %}{% endblock %}|"
        "{% block c %}{{ title }}{% endblock %})"
    ),
    "middle": '{% extends "base" %}{% block a %}mid({{ super() }}){% endblock %}',
    "part": "[{{ n }} {{ local }}]",
    "part_item": "<{{ item }}>",
    "part_sets": "{% set n = 99 %}{{ n }}",
    "part_page": '{% extends "base" %}{% block a %}inner{% endblock %}',
    "macros": (
        "{% set SIZE = 7 %}{% set _private = 1 %}"
        "{% macro badge(text, kind='info') %}<b class=\"{{ kind }}\">{{ text }}</b>{% endmacro %}"
        "{% macro card(title) %}<h2>{{ title }}</h2>{{ caller() }}{% endmacro %}"
        "{% macro each(list) %}{% for x in list %}{{ caller(x, loop.index) }}{% endfor %}"
        "{% endmacro %}"
        "{% macro maybe() %}{% if caller %}{{ caller() }}{% else %}-{% endif %}{% endmacro %}"
        "{% macro tree(n) %}{{ n }}{% if n > 0 %}({{ tree(n - 1) }}){% endif %}{% endmacro %}"
        "{% macro pair(a, b=a) %}{{ a }}{{ b }}{% endmacro %}"
        "{% macro size() %}{{ SIZE }}{% endmacro %}"
    ),
}

CATALOGUE: dict[str, str | list[str]] = {
    "Hello": "你好",
    "<b>": "<i>",
    "100%%": "百分之百 100%%",
    "Hi %(who)s": "%(who)s，你好",
    "%(num)s item": ["%(num)s 件"],
    "%(k)s item": ["%(k)s 件（复数）"],
    "menu\x04Open": "打开",
    "wound\x04Open": "开放性",
    "queue\x04%(num)s person": ["%(num)s 人"],
    "one bed": ["一张床", "几张床"],
}

CATALOGUES: dict[str, dict[str, str | list[str]]] = {"en": {}, "zh_Hans": CATALOGUE}

BLOCKS = [
    "{% if yes %}\n  a\n{% endif %}\nb\n",
    "  {% if yes %}\n    a\n  {% else %}\n    b\n  {% endif %}\nc",
    "{# first #}\n<p>\n",
    "{{ n }}\n{{ n }}\n",
    "a\r\nb\r\n",
    "a\n\n",
    "{% for x in numbers %}\n  {{ x }}\n{% endfor %}\n",
    "\"double\" 'single' \\ back\\nslash \u2028 ` ${x}",
]

# What the build refuses, and a part of what it says.
REFUSED = {
    "{{ 1.5 }}": "with a point",
    "{{ n / 2 }}": "Write //",
    "{{ n ** 2 }}": "**",
    "{{ 1 < n < 5 }}": "a < b and b < c",
    "{{ 9007199254740992 }}": "that large",
    "{{ none }}": "cannot show None",
    "{{ true }}": "cannot show True",
    "{{ 1 == 1 }}": "cannot show True",
    "{{ [1] }}": "cannot show",
    "{% set x = 'a' if yes %}": "Write the else",
    "{% for p in people recursive %}{{ loop(p) }}{% endfor %}": "calls itself",
    "{% for x in letters %}{{ loop }}{% endfor %}": "loop.index",
    "{% for x in letters %}{{ loop.depth }}{% endfor %}": "loop.depth",
    "{{ loop.index }}": "“loop” means nothing here",
    "{% for x in letters %}{% block b %}{% endblock %}{% endfor %}": "Include a template",
    "{{ dict.items() }}": "Write x|items",
    "{{ dict.get('a') }}": "default(",
    "{{ latin.upper() }}": "Write x|upper",
    "{{ latin.startswith('h') }}": "Let the view decide",
    "{{ latin() }}": "no macro",
    "{{ letters[0]() }}": "Only macros",
    "{{ lipsum() }}": "no macro",
    "{{ _(name) }}": "never data",
    "{{ _('') }}": "never data",
    "{{ _('a' ~ 'b') }}": "never data",
    "{{ ngettext('one', name, n) }}": "never data",
    "{{ pgettext(name, 'x') }}": "never data",
    "{{ _('100%') }}": "stray %",
    "{{ _('%s', name) }}": "too many",
    "{{ _('%(n)d', n=n) }}": "stray %",
    "{{ _('Hi %(who)s') }}": "asks for who",
    "{{ _() }}": "too few",
    "{{ ngettext('one', 'many') }}": "too few",
    "{{ _ }}": "is no value",
    "{{ html|safe }}": "always escaped",
    "{{ n|round }}": "Let the view round",
    "{{ n|float }}": "whole numbers",
    "{{ n|int }}": "whole number",
    "{{ '%s'|format(n) }}": "into the sentence",
    "{{ dict|xmlattr }}": "Write the attributes",
    "{{ latin|unheard_of }}": "unheard_of",
    "{{ letters|map('unheard_of')|list }}": "unheard_of",
    "{{ n is unheard_of }}": "unheard_of",
    "{{ n is callable }}": "callable",
    "{{ n is sameas 3 }}": "sameas",
    "{{ letters|map('upper') }}": "Add |list",
    "{% set x = letters|reverse %}": "Add |list",
    "{{ letters|select|length }}": "Add |list",
    "{% if people|selectattr('ok') %}x{% endif %}": "Add |list",
    "{{ 1 in numbers|select }}": "Add |list",
    "{{ letters|map('reverse')|list }}": "cannot apply",
    "{{ letters|map(latin)|list }}": "literal text",
    "{{ people|sort(attribute=latin)|list }}": "must be a literal",
    "{{ latin|upper(1) }}": "no more than 0",
    "{{ latin|replace('a') }}": "needs “new”",
    "{{ latin|replace('a', 'b', 1) }}": "no more than 2",
    "{{ latin|truncate(width=5) }}": "no argument “width”",
    "{{ n|clock(offset=1) }}": "by position",
    "{{ latin|upper(*letters) }}": "* and **",
    "{{ latin[::2] }}": "with a step",
    "{{ {n: 1}|tojson }}": "literal text",
    "{{ {'__proto__': 1}|tojson }}": "cannot be a key",
    "{{ {'1': 1}|tojson }}": "cannot be a key",
    "{% set loop = 1 %}": "meaning of its own",
    "{% for _ in letters %}x{% endfor %}": "meaning of its own",
    "{% macro m() %}{{ varargs }}{% endmacro %}": "“varargs” means nothing",
    "{% macro m() %}{{ kwargs }}{% endmacro %}": "“kwargs” means nothing",
    "{{ caller() }}": "“caller” means nothing",
    "{{ self.a() }}{% block a %}{% endblock %}": "“self” means nothing",
    "{{ super() }}": "“super” means nothing",
    "{% filter upper %}x{% endfilter %}": "FilterBlock",
    "{% set x | upper %}x{% endset %}": "Filter where it is used",
    "{% autoescape false %}x{% endautoescape %}": "not for templates",
    "{% include name %}": "literal text",
    "{% include 'part' ignore missing %}": "An include is plain",
    "{% include 'part' without context %}": "An include is plain",
    "{% from 'macros' import badge with context %}": "Pass them what they need",
    "{% from 'macros' import absent %}": "no macro “absent”",
    "{% from 'macros' import _private %}": "can not be imported",
    "{% extends name %}": "literal text",
    "x{% extends 'base' %}": "at the beginning",
    "{% extends 'base' %}text": "outside the blocks",
    "{% extends 'base' %}{% if yes %}{% endif %}": "outside the blocks",
    "{% block a required %}{% endblock %}": "required",
    "{% block a scoped %}{% endblock %}": "scoped",
    "{% block a %}{% endblock %}{% block a %}{% endblock %}": "once",
    "{# takes: n #}{{ n }}{{ m }}": "“m” is not among what the template takes",
    "{# takes: n #}\n{% for x in n %}\n{{ y }}{% endfor %}": ":3: “y” is not",
    "{% if %}": "Expected an expression",
    "{% break %}": "unknown tag",
    "{% do letters.append(1) %}": "unknown tag",
    "{{ größe }}": "plain ASCII",
}


def lines(group: str) -> dict[str, str]:
    """Return the probes of a file, one a line, by a name that says where each stands."""
    text = (FOLDER / f"{group}.txt").read_text("utf-8")
    numbered = enumerate(text.split("\n"), 1)
    return {f"{group} {number}": line for number, line in numbered if line}


def probes() -> dict[str, str]:
    """Return every probe that must render."""
    found = {f"layout {index}": source for index, source in enumerate(BLOCKS)}
    for path in sorted(FOLDER.glob("*.txt")):
        found |= lines(path.stem) if path.stem != FAILS else {}
    return found


def fails() -> dict[str, str]:
    """Return every probe that both renderers must fail on."""
    return lines(FAILS)
