"""The OpenAPI description is complete: every route, every act."""

from __future__ import annotations

import re

from starlette.testclient import TestClient

import sync
from server.acts.site import Site
from server.app import build
from server.describe import lines
from server.http import openapi
from server.routes import ROUTES


def test_every_route_is_described_and_nothing_else() -> None:
    known = {f"{method} {path}" for method, path in openapi.addresses(ROUTES)}
    assert known == set(openapi.ENTRIES)


def test_every_act_and_record_has_a_schema() -> None:
    described = openapi.description(ROUTES)["components"]["schemas"]
    for name in sync.declarations()["acts"]:
        assert described[f"act.{name}"]["properties"]["act"] == {"const": name}
    for kind in sync.declarations()["records"]:
        assert f"record.{kind}" in described and f"act.{kind}.decided" in described


def test_references_lead_somewhere() -> None:
    described = openapi.description(ROUTES)

    def references(node: object) -> set[str]:
        if isinstance(node, dict):
            inner = set().union(*(references(value) for value in node.values()), set())
            return inner | ({node["$ref"]} if isinstance(node.get("$ref"), str) else set())
        if isinstance(node, list):
            return set().union(*(references(value) for value in node), set())
        return set()

    for reference in references(described):
        assert reference.rpartition("/")[2] in described["components"]["schemas"]


def test_statuses_are_those_that_are_answered() -> None:
    paths = openapi.description(ROUTES)["paths"]
    made = {
        "/sync/{site}/_bulk_docs": "post",
        "/sync/{site}/_ensure_full_commit": "post",
        "/sync/{site}/_local/{id}": "put",
        "/sync/{site}/_blob/{sha256}": "put",
    }
    for path, verb in made.items():
        assert "201" in paths[path][verb]["responses"], path


def test_no_two_addresses_are_the_same_but_for_a_name() -> None:
    shapes = [re.sub(r"\{\w+\}", "{}", path) for path in openapi.description(ROUTES)["paths"]]
    assert len(shapes) == len(set(shapes))


def test_it_is_served_to_anybody(site: Site) -> None:
    answer = TestClient(build(site)).get("/openapi.json")
    assert answer.json()["openapi"] == "3.1.0"


def test_show_says_everything_about_a_kind() -> None:
    declarations = sync.declarations()
    for kind in declarations["records"]:
        page = "\n".join(lines(declarations, kind, declarations["settings"]))
        for field in declarations["records"][kind]["fields"]:
            assert field["name"] in page
        for act in declarations["records"][kind]["acts"]:
            assert f"{kind}.{act['name']}: {act['label']}" in page
        assert f"{kind}.rung_annulled" in page
    page = "\n".join(lines(declarations, "waiting", declarations["settings"]))
    assert "1. after 5 min: Give water" in page and "/office/waiting/{id}" in page
    assert "  GET    /floor/waiting/:id\n" in page and "POST   /floor/waiting/:id/ended" in page


def test_show_names_only_addresses_that_answer() -> None:
    declarations = sync.declarations()

    def addresses(kind: str) -> str:
        page = "\n".join(lines(declarations, kind, declarations["settings"]))
        return page.partition("Addresses")[2].partition("Files")[0]

    assert "/office/people/{id}/password" in addresses("person")
    assert "/office/settings/{key}" in addresses("setting")
    assert "/office/notices" in addresses("notice")
    assert "/office/records/doctor/{id}/do/{verb}" in addresses("doctor")
    for kind in ("person", "setting"):
        assert "records" not in addresses(kind) and "{verb}" not in addresses(kind)
