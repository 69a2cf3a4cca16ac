"""docs/rules.md says every rule that a source names, with today's numbers, and no other."""

import re
from itertools import chain, pairwise

import pytest

import sync
from sync.setting_values import as_text
from sync.settings import SETTINGS, profile
from tests.sources import Files, files, read

PAGE = "docs/rules.md"
# The books of the catalogue in its order. F are forms, RP reports, `L-` the ladders L-A to L-S,
# X what contradicts itself.
BOOKS = (
    "G|TR|J|W|H|E|Q|CR|AP|L|C|D|M|CB|ST|RD|I|A|O|CL|MT|DU|SH|AT|LV|OT|P|EV|K|KB|N|SV|SI|V|PR|EM|"
    "TG|MK|HR|DC|F|RP|L-|X"
)
RULE = re.compile(rf"(?<![\w-])(?:(?:{BOOKS})-\d\d|L-[A-S]|X\d\d?)(?![\w-])")
RANGE = re.compile(r"(?<![\w-])([A-Z]{1,2})-(\d\d) … \1-(\d\d)(?![\w-])")
PATHS = re.compile(r'\bd="[^"]*"')  # an icon's drawing is letters and numbers too
LINE = re.compile(r"^\| ([A-Z]+\d*(?:-\w+)?) \| (.+) \| (.+) \|$", re.MULTILINE)
SAID = re.compile(r"`([\w.]+)` \((\d+(?::\d\d)?) ?([\w ]*|%)\)")

# Not samples, which are JSON and hold what people typed, not the ids that are tried below, and not
# the kind of record that only tests declare: no regulation asks for it.
SOURCES = files(
    *("*.py", "*.js", "*.mjs", "*.html", "*.css", "*.toml", "*.po", "*.md"),
    but=[PAGE, "tests/test_rules_document.py", "tests/invented_kind.py"],
)
OF_SETTINGS = {setting.rule: f"the setting {setting.key}" for setting in SETTINGS}


def named(sources: Files) -> dict[str, str]:
    """Return {rule: a file that names it}; `A-01 … A-03` names three."""
    found: dict[str, str] = {}
    for name, text in sources.items():
        plain = PATHS.sub("", text)
        ranges = (
            f"{book}-{number:02}"
            for book, first, last in RANGE.findall(plain)
            for number in range(int(first), int(last) + 1)
        )
        for rule in chain(RULE.findall(plain), ranges):
            found.setdefault(rule, name)
    return found


def position(rule: str) -> tuple[int, str, int]:
    """Return where a rule stands: by book and number; ids without a dash come last."""
    letters, number = re.findall(r"[A-Z]+|\d+", f"{rule} 0")[:2]
    book = letters if "-" in rule else ""
    if re.fullmatch("L-[A-Z]", rule):
        book, letters, number = "L-", rule, "0"
    books = [*BOOKS.split("|"), ""]
    return books.index(book), letters, int(number)


def offences(page: str, sources: Files, settings: dict[str, str]) -> list[str]:
    """Return what is missing on the page, left over, said twice or out of order."""
    ids, wanted = [line[0] for line in LINE.findall(page)], named(sources) | settings
    pairs = [(one, after) for one, after in pairwise(ids) if position(one) > position(after)]
    return [
        *(f"{rule} of {where} has no line" for rule, where in wanted.items() if rule not in ids),
        *(f"{rule} is named by nothing" for rule in ids if rule not in wanted),
        *(f"{rule} stands twice" for rule in sorted(set(ids)) if ids.count(rule) > 1),
        *(f"{after} belongs before {one}" for one, after in pairs),
    ]


def test_every_rule_that_a_source_names_has_its_line_and_no_other_has() -> None:
    assert {"C-03", "W-02", "L-A", "X6"} <= set(named(SOURCES)), "nothing is searched"
    assert offences(read(PAGE), SOURCES, OF_SETTINGS) == []


GOOD = "| C-01 | Said. | – |\n| C-03 | Said. | – |\n| L-A | Said. | – |\n| T5 | Said. | – |\n"


@pytest.mark.parametrize(
    ("page", "text", "offence"),
    [
        (GOOD, "(C-01, C-03, L-A, C-15)", ["C-15 of x.py has no line"]),
        (GOOD, "C-01 … C-03, L-A", ["C-02 of x.py has no line"]),
        (GOOD.replace("T5", "X9"), "C-01 C-03 L-A (X9)", ["T5 of a setting has no line"]),
        (GOOD, 'C-01, rule="L-A"', ["C-03 is named by nothing"]),
        (GOOD.replace("C-03", "C-01"), "C-01 L-A", ["C-01 stands twice"]),
        (GOOD.replace("C-01", "X-01"), "X-01 C-03 L-A", ["C-03 belongs before X-01"]),
        (GOOD.replace("C-01", "C-10"), "C-10 C-03 L-A", ["C-03 belongs before C-10"]),
    ],
)
def test_a_page_that_lags_behind_is_noticed(page: str, text: str, offence: list[str]) -> None:
    assert offences(page, {"x.py": text}, {"T5": "a setting"}) == offence
    assert offences(GOOD, {"x.py": "C-01 C-03 L-A"}, {"T5": "a setting"}) == []


def test_what_only_looks_like_a_rule_is_none() -> None:
    other = "T-1130 SHA-256 P-256 UTF-16 S-1 S-01 T5 D1 E2.4 M-4 BSD-03 C-031 C-3 L-shaped 7-C-03"
    assert named({"x.md": other, "x.html": '<path class="a" d="M-18 4 C-12 3">'}) == {}


# As the page writes them.
UNITS = {
    "working day": "WD",
    "day": "cd",
    "week": "wk",
    "month": "mon",
    "character": "n",
    "": "hour",
}


def test_every_setting_stands_with_its_rule_and_today_s_number() -> None:
    lines, hospital = {line[0]: line[1] for line in LINE.findall(read(PAGE))}, profile("hospital")
    said = {rule: {key for key, _, _ in SAID.findall(text)} for rule, text in lines.items()}
    assert [one.key for one in SETTINGS if one.key not in said[one.rule]] == []
    for key, value, unit in SAID.findall(read(PAGE)):
        known = hospital[key]
        assert value == as_text(known["unit"], known["value"]), key
        assert UNITS.get(re.sub(r"(?<=\w{2})s$", "", unit), unit) == known["unit"], key


def test_what_the_page_points_at_is_there() -> None:
    all_of, lines = sync.declarations(), LINE.findall(read(PAGE))
    known = {*all_of["settings"], *all_of["ladders"], *all_of["records"], *all_of["acts"]}
    known |= {*all_of["rules"]}
    for name, kind in all_of["records"].items():
        known |= {f"{name}.{field['name']}" for field in kind["fields"]}
    assert set(re.findall(r"`([^`]+)`", str(lines))) - known == set()
    assert set(named({PAGE: read(PAGE)})) <= {line[0] for line in lines}
