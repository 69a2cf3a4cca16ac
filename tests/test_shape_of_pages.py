"""Tests of templates, scripts and words: security policy, declared variables, translation."""

from __future__ import annotations

import ast
import re

import pytest

from tests.sources import Files, files, lines_with

INLINE = (
    r"\bhx-on\b|\bjs:|javascript:|<style\b|\sstyle\s*=|\son[a-z]+\s*=\s*[\"']"
    r"|<script(?![^>]*\bsrc=)"
)


def test_no_template_needs_an_inline_script_or_style() -> None:
    assert lines_with(INLINE, files("web/*.html")) == []


@pytest.mark.parametrize(
    "offence",
    [
        '<div hx-on:click="x()">',
        """<a hx-vals="js:{a: 1}">""",
        "<script>alert(1)</script>",
        "<style>",
        '<p style="color: red">',
        '<p onclick="x()">',
    ],
)
def test_an_inline_script_or_style_is_found(offence: str) -> None:
    assert lines_with(INLINE, {"x.html": offence})


TAKES = re.compile(r"\{#-? takes:\s*(.*?)\s*-?#\}")


def untrue_takes(sources: Files) -> list[str]:
    """Return the templates whose first line does not name exactly what has to be given to them.

    That is every name that the template itself uses, and it may name as well what the templates
    use that it extends, includes or imports. Names in web/ are relative to web/.
    """
    from jinja2 import DictLoader, meta, nodes

    from service_worker.build.compile_template import make_environment

    trees = {}
    environment = make_environment(DictLoader({}))
    for name, text in sources.items():
        trees[name.removeprefix("web/")] = environment.parse(text)

    def imported(tree: nodes.Template) -> set[str]:
        # jinja2.meta does not see that a block may use what its page imports.
        pairs = [name for found in tree.find_all(nodes.FromImport) for name in found.names]
        return {pair if isinstance(pair, str) else pair[1] for pair in pairs}

    uses = {
        name: meta.find_undeclared_variables(tree) - imported(tree) - set(environment.globals)
        for name, tree in trees.items()
    }

    def reached_from(name: str, seen: set[str]) -> set[str]:
        for other in meta.find_referenced_templates(trees[name]):
            if other in trees and other not in seen:
                seen |= {other} | reached_from(other, seen | {other})
        return seen

    offences = []
    for path, text in sources.items():
        name, said = path.removeprefix("web/"), TAKES.match(text)
        if said is None:
            offences.append(f"{name}: the first line must say {{# takes: … #}}")
            continue
        named = {word.strip() for word in said[1].split(",") if word.strip()} - {"nothing"}
        passed_on = set().union(*(uses[other] for other in reached_from(name, {name})))
        missing, idle = sorted(uses[name] - named), sorted(named - passed_on)
        if missing or idle:
            offences.append(f"{name}: does not name {missing}, names {idle} for nothing")
    return offences


def test_a_template_says_what_it_takes() -> None:
    assert untrue_takes(files("web/*.html")) == []
    assert untrue_takes({"x.html": "{# takes: name #}{{ nmae }}"})
    assert untrue_takes({"x.html": "{{ name }}"})
    assert untrue_takes({"x.html": "{# takes: name #}{{ name }}"}) == []
    importing = "{% from 'part.html' import top %}{% block b %}{{ top() }}{% endblock %}"
    assert untrue_takes({"x.html": "{# takes: nothing #}" + importing}) == []
    page, part = "{# takes: name #}{% include 'part.html' %}", "{# takes: name #}{{ name }}"
    assert untrue_takes({"page.html": page, "part.html": part}) == []


# Ideographs and full-width marks. A language is named in that language: 中文 is no translation.
CHINESE = r"(?!中文)(?<!中)[\u3001\u3002\u3400-\u9fff\uf900-\ufaff\uff00-\uffef]"

# Where Chinese is data and not the words of the interface; typed_days.py reads what people type.
CHINESE_IS_DATA = (
    "web/locales/*", "web/manifest.webmanifest", "server/demo*", "sync/profiles/*",
    "server/office/page_parts/typed_days.py",
)  # fmt: skip


def without_comments(name: str, text: str) -> str:
    """Return what is code: a comment or a docstring may show a Chinese name as an example."""
    if not name.endswith(".py"):
        pattern = r"\{#.*?#\}|/\*.*?\*/|(?:^|(?<=\s))//[^\n]*"
        return re.sub(
            pattern, lambda found: "\n" * found[0].count("\n"), text, flags=re.DOTALL | re.M
        )
    lines = [""] * (len(text.splitlines()) + 1)
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            node.value.value = ""
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            lines[node.lineno - 1] += node.value.replace("\n", " ")
    return "\n".join(lines)


def test_chinese_stands_in_the_catalogues_only() -> None:
    code = files(
        "web/*", "sync/*.py", "server/*.py", "service_worker/*.js", "service_worker/*.py",
        but=[*CHINESE_IS_DATA, "*.md"],
    )  # fmt: skip
    code = {name: without_comments(name, text) for name, text in code.items()}
    assert lines_with(CHINESE, code) == []
    for name, offence in (("x.html", "<b>登记</b>"), ("x.py", 'A = "登记"'), ("x.js", 'a("登记")')):
        assert lines_with(CHINESE, {name: without_comments(name, offence)})
