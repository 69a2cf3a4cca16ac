"""Photos: kept whole by what they are, shown to those who see what names them."""

from __future__ import annotations

import hashlib
import io
import struct
import zlib
from pathlib import Path

import httpx
import pytest
from PIL import Image

from server import blobs
from server.site import Site
from tests.cast import WORDS, Cast
from tests.server import looking
from tests.server.served import Served


def photo(kind: str = "JPEG", size: tuple[int, int] = (64, 48)) -> bytes:
    """Return a small picture."""
    file = io.BytesIO()
    Image.effect_noise(size, 40).convert("RGB").save(file, kind)
    return file.getvalue()


def address(body: bytes) -> str:
    return f"/sync/demo/_blob/{hashlib.sha256(body).hexdigest()}"


def put(client: httpx.Client, body: bytes, kind: str = "image/jpeg") -> httpx.Response:
    return client.put(address(body), content=body, headers={"content-type": kind})


def flood() -> bytes:
    """Return a small PNG of 900 megapixels."""

    def part(name: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    head = struct.pack(">IIBBBBB", 30_000, 30_000, 1, 0, 0, 0, 0)
    pixels = zlib.compress(b"\0" * 10_000)
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", head) + part(b"IDAT", pixels) + part(b"IEND", b"")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photo_is_kept_as_it_came(served: Served, site: Site, kind: str) -> None:
    lin, body = served.client("lin"), photo(kind)
    assert put(lin, body, "application/octet-stream").status_code == 201
    assert put(lin, body).status_code == 200, "the same again"
    answer = lin.get(address(body))
    assert answer.content == body
    assert answer.headers["content-type"] == f"image/{kind.lower()}"
    assert answer.headers["content-disposition"] == "attachment"
    assert "sandbox" in answer.headers["content-security-policy"]
    assert looking.rows(site, "blobs")[0]["by_"] == "person:lin"


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"no photo", 415, "not_a_photo"),
        (b"", 415, "not_a_photo"),
        (SVG, 415, "not_a_photo"),
        (b"GIF89a" + b"\0" * 40, 415, "not_a_photo"),
        (b"<html><script>alert(1)</script>", 415, "not_a_photo"),
        (photo("PNG")[:200], 415, "not_a_photo"),
        (b"\xff\xd8\xff\xe0" + b"\0" * 200, 415, "not_a_photo"),
        (flood(), 413, "photo_too_big"),
    ],
)
def test_a_photo_that_is_no_photo(
    served: Served, site: Site, body: bytes, status: int, code: str
) -> None:
    answer = put(served.client("lin"), body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["say"]
    assert looking.rows(site, "blobs") == []
    assert not site.config.blobs.exists()


def test_a_photo_that_was_damaged_on_its_way(served: Served) -> None:
    lin, body = served.client("lin"), photo()
    answer = lin.put(address(body), content=body[:-1] + b"x")
    assert (answer.status_code, answer.json()["code"]) == (400, "other_bytes")


@pytest.mark.parametrize("name", ["0" * 63, "G" * 64, "A" * 64, "..%2f..%2fx"])
def test_a_name_that_is_none(served: Served, name: str) -> None:
    lin = served.client("lin")
    assert lin.put(f"/sync/demo/_blob/{name}", content=b"x").status_code in (400, 404)
    assert lin.get(f"/sync/demo/_blob/{name}").status_code == 404


def test_a_photo_is_shown_to_those_who_see_a_record_that_names_it(
    served: Served, cast: Cast
) -> None:
    chen, wu, lin, zhao = map(served.client, ("chen", "wu", "lin", "zhao"))
    body = photo()
    name = hashlib.sha256(body).hexdigest()
    assert put(chen, body).status_code == 201

    def who() -> list[int]:
        return [client.get(address(body)).status_code for client in (chen, wu, lin, zhao)]

    assert who() == [200, 404, 404, 404], "who sent it"
    complaint = cast.chen.new("complaint")
    said = {"place": "place:lobby-2", "words": WORDS, "photos": [name]}
    assert cast.chen.does("complaint.taken", complaint, **said).good
    assert who() == [200, 200, 404, 404]
    other = cast.chen.new("complaint")
    assert cast.chen.does("complaint.taken", other, **{**said, "place": "place:lobby-1"}).good
    assert who() == [200, 200, 200, 404], "Lin sees the second one"
    missing = lin.get(f"/sync/demo/_blob/{'0' * 64}")
    hidden = zhao.get(address(body))
    assert hidden.json() == missing.json()


def test_a_range_is_served_and_a_flood_of_ranges_is_not(served: Served) -> None:
    lin, body = served.client("lin"), photo()
    put(lin, body)
    part = lin.get(address(body), headers={"range": "bytes=0-9"})
    assert (part.status_code, part.content) == (206, body[:10])
    many = lin.get(address(body), headers={"range": "bytes=" + ",".join(["0-"] * 1_300)})
    assert many.status_code in (200, 206, 400, 416)
    assert len(many.content) < 2 * len(body)


def test_a_photo_is_there_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def power_cut(*_: object) -> None:
        raise OSError("no power")

    path = tmp_path / "ab" / "abc"
    monkeypatch.setattr(Path, "replace", power_cut)
    with pytest.raises(OSError):
        blobs.write(path, b"x")
    assert not path.exists()


def test_a_photo_may_be_larger_than_a_push(served: Served) -> None:
    lin = served.client("lin")
    body = photo("PNG") + b"\0" * (9 << 20)
    assert len(body) > 8 << 20
    assert put(lin, body).status_code == 201
    assert put(lin, b"x" * (13 << 20)).status_code == 413
