"""Every template gives the same bytes in Python and on the tablet."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from jinja2 import DictLoader
from jinja2.runtime import Macro

from service_worker.build import catalogue, pipeline
from service_worker.build.compile_template import (
    CompileError,
    compile_all,
    compile_template,
    make_environment,
)
from tests.service_worker.node import Node
from tests.service_worker.templates import probes, samples
from tests.service_worker.templates.both import Both, Case, Outcome

SPOILT_CONTEXTS = 10_000
BATCH = 500
SEED = 20261125

# What a hand may get wrong in the runtime: the file, what it says, what it says then.
MUTANTS = [
    ("render/markup.js", """, "'": "&#39;" }""", """, "'": "'" }"""),
    ("render/markup.js", "const SPECIAL = /[&<>\"'", "const SPECIAL = /[&<>"),
    ("render/markup.js", '=== true) return "True"', '=== true) return "true"'),
    ("render/markup.js", 'if (value === null) return ""', 'if (value === null) return "None"'),
    ("render/markup.js", 'if (value === null) return "None"', 'if (value === null) return ""'),
    ("render/runtime.js", "this.index === this.length", "this.index0 === this.length"),
    ("render/runtime.js", "return value.length > 0", "return true"),
    ("render/runtime.js", "Math.floor(number(a)", "Math.trunc(number(a)"),
    ("render/runtime.js", "unit - 0x800 : unit", "unit : unit"),
    (
        "render/runtime.js",
        "a instanceof Tuple === b instanceof Tuple\n    return",
        "true\n    return",
    ),
    ("render/runtime.js", "Array.from(plain(value))", 'plain(value).split("")'),
    ("render/runtime.js", "index < required ? undefined : OMITTED", "undefined"),
    ("render/filters.js", "number(length) - Array.from(plain(end)).length", "number(length)"),
    ("render/filters.js", "Object.keys(value).sort(byOrder)", "Object.keys(value)"),
    ("render/filters.js", "isGenerator(value) ? value.next().value", "false ? 0"),
    ("render/filters.js", "value === undefined || (truthy", "value == undefined || (truthy"),
    (
        "render/tests.js",
        'typeof value === "number" || typeof',
        'typeof value === "number" && typeof',
    ),
    ("render/render.js", "[isOne ? 0 : forms.length - 1]", "[0]"),
    ("render/render.js", "indexOf(current) + 1", "indexOf(current)"),
    ("render/render.js", "escaped(values[name])", "values[name]"),
]


# Probes


@pytest.fixture(scope="module")
def probed(node: Node, tmp_path_factory: pytest.TempPathFactory) -> Both:
    """Every probe, compiled."""
    sources = {**probes.OTHERS, **probes.probes(), **probes.fails()}
    folder = tmp_path_factory.mktemp("probes") / "tablet"
    return Both(node, folder, DictLoader(sources), sources, probes.CATALOGUES)


def cases(names: dict[str, str]) -> list[Case]:
    return [Case(name, probes.VIEW, locale) for name in names for locale in probes.CATALOGUES]


def told(outcomes: list[Outcome]) -> str:
    sources = {**probes.probes(), **probes.fails()}
    return "\n".join(f"{sources.get(each.case.template, '')}\n{each}" for each in outcomes[:20])


def test_everything_that_templates_may_say_is_rendered_alike(probed: Both) -> None:
    assert len(probes.probes()) >= 200
    outcomes = probed.render(cases(probes.probes()))
    wrong = [outcome for outcome in outcomes if not outcome.agrees or outcome.python is None]
    assert not wrong, told(wrong)


def test_what_fails_in_python_fails_on_the_tablet(probed: Both) -> None:
    outcomes = probed.render(cases(probes.fails()))
    wrong = [outcome for outcome in outcomes if not outcome.agrees or outcome.python is not None]
    assert not wrong, told(wrong)


def test_the_probes_are_rendered_alike_whatever_a_view_gives(probed: Both) -> None:
    dice, names = random.Random(SEED), list(probes.probes())
    spoilt = [
        samples.spoil(Case(dice.choice(names), probes.VIEW), dice) for _ in range(SPOILT_CONTEXTS)
    ]
    wrong = [outcome for outcome in probed.render(spoilt) if not outcome.agrees]
    assert not wrong, told(wrong)


@pytest.fixture(scope="module")
def expected(probed: Both) -> dict[str, list[str | None]]:
    """The output of the probes with the unchanged runtime."""
    found = probed.on_tablet(probed.module, cases(probes.probes() | probes.fails()))
    return {"texts": [result.get("value") for result in found]}


@pytest.mark.parametrize(("file", "old", "new"), MUTANTS, ids=[old for _, old, _ in MUTANTS])
def test_a_mistake_in_the_runtime_does_not_get_past_the_probes(
    probed: Both,
    expected: dict[str, list[str | None]],
    tmp_path: Path,
    file: str,
    old: str,
    new: str,
) -> None:
    module = probed.mutant(tmp_path / "mutant", file, old, new)
    found = probed.on_tablet(module, cases(probes.probes() | probes.fails()))
    assert [result.get("value") for result in found] != expected["texts"]


# What the build refuses


@pytest.mark.parametrize("source", probes.REFUSED)
def test_the_build_refuses_what_it_cannot_reproduce_and_says_what_to_write(source: str) -> None:
    environment = make_environment(DictLoader({**probes.OTHERS, "page.html": source}))
    with pytest.raises(CompileError, match=r"^page\.html:\d+: ") as refusal:
        compile_template(environment, "page.html")
    assert probes.REFUSED[source] in str(refusal.value)


def test_a_template_for_the_tablet_needs_nothing_that_is_not() -> None:
    sources = {"a.html": '{% include "b.html" %}', "b.html": "b"}
    environment = make_environment(DictLoader(sources))
    assert '"b.html"' in compile_all(environment, ["a.html", "b.html"])
    with pytest.raises(CompileError, match=r"a\.html needs b\.html"):
        compile_all(environment, ["a.html"])
    with pytest.raises(CompileError, match=r"no template c\.html"):
        compile_all(environment, ["c.html"])


def test_nothing_compiled_needs_eval() -> None:
    sources = {**probes.OTHERS, **probes.probes()}
    compiled = compile_all(make_environment(DictLoader(sources)), sources)
    assert "eval(" not in compiled and "Function(" not in compiled


# The app's own templates


@pytest.fixture(scope="module")
def app(node: Node, tmp_path_factory: pytest.TempPathFactory) -> Both:
    """Every template of the floor app, and pages made of its parts."""
    environment = make_environment(samples.loader())
    names = {*pipeline.floor_templates(), *samples.pages(environment)}
    names = names.union(*(samples.needed_by(environment, name) for name in names))
    folder = tmp_path_factory.mktemp("app") / "tablet"
    words: dict[str, Any] = {"en": {}, **catalogue.read_all(pipeline.WEB / "locales")}
    return Both(node, folder, samples.loader(), sorted(names), words)


@pytest.fixture(scope="module")
def sampled(app: Both) -> list[Case]:
    """Every sample of every template."""
    files = {name: samples.sample_file(name) for name in pipeline.floor_templates()}
    files |= samples.pages(app.environments["en"])
    found = (samples.samples(name, file) for name, file in files.items() if file.is_file())
    return [case for cases in found for case in cases]


def test_every_template_of_the_floor_has_sample_data(app: Both) -> None:
    environment = app.environments["en"]
    names = [n for n in pipeline.floor_templates() if samples.shows_something(environment, n)]
    lacking = [name for name in names if not samples.sample_file(name).is_file()]
    assert names
    assert not lacking, f"write tests/samples/….json for {', '.join(lacking)}"


def test_the_floor_is_rendered_alike(app: Both, sampled: list[Case]) -> None:
    spoken = [
        Case(case.template, case.context, locale, case.label)
        for case in sampled
        for locale in app.environments
    ]
    outcomes = app.render(spoken)
    wrong = [outcome for outcome in outcomes if not outcome.agrees or outcome.python is None]
    assert not wrong, told(wrong)


def test_every_macro_of_the_floor_is_shown_by_a_sample(
    app: Both, sampled: list[Case], monkeypatch: pytest.MonkeyPatch
) -> None:
    called = note_macros(monkeypatch)
    for case in sampled:
        app.in_python(case)
    floor = pipeline.floor_templates()
    macros = set().union(*(samples.macros_of(app.environments["en"], name) for name in floor))
    unseen = [f"{Path(path).relative_to(pipeline.WEB)}: {name}" for path, name in macros - called]
    assert not unseen, "no sample shows " + ", ".join(sorted(unseen))


def note_macros(monkeypatch: pytest.MonkeyPatch) -> set[tuple[str, str]]:
    """Return a set that Jinja2 fills with (file, name) of every macro that it calls."""
    called: set[tuple[str, str]] = set()
    invoke = Macro._invoke

    def note(macro: Macro, arguments: Any, autoescape: bool) -> str:
        called.add((macro._func.__code__.co_filename, macro.name))
        return invoke(macro, arguments, autoescape)

    monkeypatch.setattr(Macro, "_invoke", note)
    return called


def test_the_floor_is_rendered_alike_whatever_a_view_gives(app: Both, sampled: list[Case]) -> None:
    dice = random.Random(SEED)
    shown = 0
    for _ in range(SPOILT_CONTEXTS // BATCH):
        spoilt = [samples.spoil(dice.choice(sampled), dice) for _ in range(BATCH)]
        outcomes = app.render(spoilt)
        wrong = [outcome for outcome in outcomes if not outcome.agrees]
        assert not wrong, told(wrong)
        shown += sum(outcome.python is not None for outcome in outcomes)
    assert shown > SPOILT_CONTEXTS / 4, "most contexts are too spoilt to show anything"


def test_a_translation_that_asks_for_what_is_not_given_fails_in_both(
    node: Node, tmp_path: Path
) -> None:
    sources = {"a": '{{ _("Hi %(who)s", who=1) }}', "b": '{{ _("half") }}'}
    wrong = {"zh_Hans": {"Hi %(who)s": "%(wer)s", "half": "50%"}}
    both = Both(node, tmp_path / "tablet", DictLoader(sources), sources, wrong)
    outcomes = both.render([Case(name, {}, "zh_Hans") for name in sources])
    assert [(outcome.python, outcome.tablet) for outcome in outcomes] == [(None, None)] * 2
