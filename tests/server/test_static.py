"""Static files: what the build made, as browsers load it."""

from __future__ import annotations

import hashlib
from pathlib import Path

import orjson
import pytest

from server.http import tablet_files
from tests.server.served import Served


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder as the build leaves it."""
    folder = tmp_path / "static"
    folder.mkdir()
    for name in ("worker.js", "app.js", "floorwalk.css", "icons.svg", "manifest.webmanifest"):
        (folder / name).write_text("/* the same again */\n" * 200, "utf-8")
    (folder / "app-192.png").write_bytes(b"\x89PNG")
    (folder / ".secret").write_text("x")
    (folder / "manifest.json").write_bytes(orjson.dumps({"version": "abc123"}))
    monkeypatch.setattr(tablet_files, "static_folder", lambda: folder)
    return folder


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/static/app.js", "text/javascript"),
        ("/static/floorwalk.css", "text/css"),
        ("/static/icons.svg", "image/svg+xml"),
        ("/static/app-192.png", "image/png"),
        ("/manifest.webmanifest", "application/manifest+json"),
        ("/worker.js", "text/javascript"),
    ],
)
def test_files_have_their_kind_and_are_asked_for_again(
    served: Served, built: Path, path: str, kind: str
) -> None:
    client = served.client()
    answer = client.get(path)
    assert answer.headers["content-type"].startswith(kind)
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["x-content-type-options"] == "nosniff"
    again = client.get(path, headers={"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_the_worker_looks_after_the_whole_site(served: Served, built: Path) -> None:
    assert served.client().get("/worker.js").headers["service-worker-allowed"] == "/"


@pytest.mark.parametrize("packing", ["zstd", "gzip"])
def test_scripts_are_packed(served: Served, built: Path, packing: str) -> None:
    client = served.client()
    plain = client.get("/static/app.js", headers={"accept-encoding": "identity"})
    packed = client.get("/static/app.js", headers={"accept-encoding": packing})
    assert packed.headers["content-encoding"] == packing
    assert int(packed.headers["content-length"]) < len(plain.content) / 10
    assert packed.headers["etag"] != plain.headers["etag"]


def test_what_the_build_packed_is_sent_and_nothing_older(
    served: Served, built: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packed = built.parent / "packed"
    packed.mkdir()
    monkeypatch.setattr(tablet_files, "packed_folder", lambda: packed)
    of_script = hashlib.sha256((built / "app.js").read_bytes()).hexdigest()
    (packed / f"{of_script}.br").write_bytes(b"packed")
    accepted = {"accept-encoding": "gzip, deflate, br, zstd"}
    with served.client().stream("GET", "/static/app.js", headers=accepted) as answer:
        assert answer.headers["content-encoding"] == "br"
        assert b"".join(answer.iter_raw()) == b"packed"
        etag = answer.headers["etag"]
    assert served.client().get("/static/app.js", headers={"accept-encoding": "gzip"}).text
    (built / "app.js").write_text("/* another */\n" * 200, "utf-8")
    newer = served.client().get("/static/app.js", headers=accepted)
    assert newer.headers["content-encoding"] == "zstd", "what was packed is of another script"
    assert newer.headers["etag"] != etag


@pytest.mark.parametrize("name", [".secret", "..%2fx", "%2e%2e/x", "nothing.js", "a/b"])
def test_nothing_else_is_handed_out(served: Served, built: Path, name: str) -> None:
    assert served.client().get(f"/static/{name}").status_code == 404


def test_the_floor_begins_with_the_page_that_installs_it(served: Served, built: Path) -> None:
    stranger = served.client().get("/floor/waiting")
    assert (stranger.status_code, stranger.headers["location"]) == (
        303,
        "/sign-in?target=/floor/waiting",
    )
    page = served.client("lin").get("/floor/waiting")
    assert page.status_code == 200
    for said in ('data-target="/floor/waiting"', 'data-version="abc123"', 'data-site="demo"'):
        assert said in page.text


def test_a_build_that_is_under_way_is_waited_for(served: Served, built: Path) -> None:
    (built / "manifest.json").unlink()
    answer = served.client("lin").get("/floor/waiting", headers={"accept": "text/html"})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "60")
    assert "请过一分钟再试" in answer.text
