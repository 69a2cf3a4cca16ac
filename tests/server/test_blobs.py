"""Photos and recordings: stored by their hash, visible to those who see what names them."""

from __future__ import annotations

import errno
import hashlib
import io
import os
import struct
import wave
import zlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import httpx
import pytest
from PIL import Image

from server.acts.site import Site
from server.replication import blobs, media_sniffing
from tests.cast import WORDS, Cast
from tests.clock import Clock
from tests.server import database_rows
from tests.server.served import Served


def photo(kind: str = "JPEG", size: tuple[int, int] = (64, 48)) -> bytes:
    """Return a small picture."""
    file = io.BytesIO()
    Image.effect_noise(size, 40).convert("RGB").save(file, kind)
    return file.getvalue()


def address(body: bytes) -> str:
    return f"/sync/demo/_blob/{hashlib.sha256(body).hexdigest()}"


def kind_of(body: bytes) -> str:
    """Return what an honest sender calls the bytes."""
    return media_sniffing.of_head(body) or "image/jpeg"


def put(client: httpx.Client, body: bytes, kind: str = "") -> httpx.Response:
    headers = {"content-type": kind or kind_of(body)}
    return client.put(address(body), content=body, headers=headers)


def put_part(
    client: httpx.Client, body: bytes, start: int, end: int, **headers: str
) -> httpx.Response:
    """Send the bytes from `start` to `end` of a file."""
    said = {
        "content-type": kind_of(body),
        "content-range": f"bytes {start}-{end - 1}/{len(body)}",
        **headers,
    }
    return client.put(f"{address(body)}/parts", content=body[start:end], headers=said)


def state(client: httpx.Client, body: bytes) -> dict[str, Any]:
    said: dict[str, Any] = client.get(f"{address(body)}/parts").json()
    return said


def sound() -> bytes:
    """Return a second of silence."""
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setparams((1, 2, 8_000, 0, "NONE", ""))
        writer.writeframes(bytes(16_000))
    return file.getvalue()


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
    assert put(lin, body).status_code == 201
    assert put(lin, body).status_code == 200, "the same again"
    answer = lin.get(address(body))
    assert answer.content == body
    assert answer.headers["content-type"] == f"image/{kind.lower()}"
    assert answer.headers["content-disposition"] == "attachment"
    assert "sandbox" in answer.headers["content-security-policy"]
    assert database_rows.rows(site, "senders")[0]["person"] == "person:lin"


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
    assert database_rows.rows(site, "blobs") == []
    assert [path for path in site.config.blobs.rglob("*") if path.is_file()] == []


def test_a_photo_that_was_damaged_on_its_way(served: Served) -> None:
    lin, body = served.client("lin"), photo()
    jpeg = {"content-type": "image/jpeg"}
    answer = lin.put(address(body), content=body[:-1] + b"x", headers=jpeg)
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


def test_a_photo_may_be_larger_than_a_push(served: Served) -> None:
    lin = served.client("lin")
    body = photo("PNG") + b"\0" * (9 << 20)
    assert len(body) > 8 << 20
    assert put(lin, body).status_code == 201
    assert put(lin, b"x" * (13 << 20)).status_code == 413


def test_a_photo_comes_in_parts_and_goes_on_where_the_server_stands(served: Served) -> None:
    lin, body = served.client("lin"), photo("PNG", (400, 300))
    third = len(body) // 3
    assert state(lin, body) == {"ok": True, "offset": 0, "whole": False}
    assert put_part(lin, body, 0, third).json()["offset"] == third
    gap = put_part(lin, body, 2 * third, len(body))
    assert (gap.status_code, gap.json()["offset"]) == (409, third)
    again = put_part(lin, body, 0, third)
    assert (again.status_code, again.json()["offset"]) == (200, third), "the answer was lost"
    assert state(lin, body)["offset"] == third
    assert put_part(lin, body, 100, 2 * third).json()["offset"] == 2 * third, "parts overlap"
    last = put_part(lin, body, 2 * third, len(body))
    assert last.status_code == 201 and last.json()["whole"]
    assert put_part(lin, body, 2 * third, len(body)).status_code == 200, "the last part again"
    assert state(lin, body) == {"ok": True, "offset": len(body), "whole": True}
    assert lin.get(address(body)).content == body


def test_nobody_hears_of_what_another_sends(served: Served) -> None:
    lin, chen, body = served.client("lin"), served.client("chen"), photo()
    put_part(lin, body, 0, 100)
    assert state(chen, body)["offset"] == 0
    put(lin, body)
    assert state(chen, body) == {"ok": True, "offset": 0, "whole": False}
    assert put_part(chen, body, 0, 50).status_code == 200
    assert put(chen, body).status_code == 201, "as for somebody who is the first"
    assert chen.get(address(body)).content == body


def test_only_who_may_say_what_carries_a_photo_may_send_one(
    served: Served, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a house lets nobody praise with a photo who holds no post, Zhao sends none."""
    acts = {
        name: {**act, "who": [one for one in act["who"] if one != "anybody"]}
        for name, act in site.declarations["acts"].items()
    }
    monkeypatch.setattr(site, "declarations", {**site.declarations, "acts": acts})
    zhao, body = served.client("zhao"), photo()
    assert {zhao.get(f"{address(body)}/parts").status_code, put(zhao, body).status_code} == {403}
    assert put_part(zhao, body, 0, len(body)).status_code == 403
    assert put(served.client(), body).status_code == 401


def test_parts_that_add_up_to_other_bytes_leave_nothing(served: Served, site: Site) -> None:
    lin, body = served.client("lin"), photo()
    put_part(lin, body, 0, 100)
    wrong = lin.put(
        f"{address(body)}/parts",
        content=bytes(len(body) - 100),
        headers={
            "content-type": "image/jpeg",
            "content-range": f"bytes 100-{len(body) - 1}/{len(body)}",
        },
    )
    assert (wrong.status_code, wrong.json()["code"]) == (400, "other_bytes")
    assert state(lin, body)["offset"] == 0
    assert [path for path in site.config.blobs.rglob("*") if path.is_file()] == []
    assert put(lin, body).status_code == 201


@pytest.mark.parametrize(
    "said", ["", "bytes 0-9/5", "bytes 5-0/9", "bytes */9", "bytes 0-1/9", "bytes 0-99999/100000"]
)
def test_a_part_says_what_it_is(served: Served, said: str) -> None:
    lin, body = served.client("lin"), photo()
    headers = {"content-type": "image/jpeg", "content-range": said}
    answer = lin.put(f"{address(body)}/parts", content=b"\xff\xd8\xff", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_parameter")


WEBM = b"\x1aE\xdf\xa3\x9fB\x86\x81\x01B\xf7\x81\x01B\xf2\x81\x04B\xf3\x81\x08B\x82\x84webm"
OGG = b"OggS\0\2" + bytes(20) + b"\1\x13OpusHead\1\1" + bytes(40)
MP4 = b"\0\0\0\x1cftypisom\0\0\2\0isomiso2" + bytes(40)


@pytest.mark.parametrize(
    ("body", "kind", "answer"),
    [
        (sound(), "audio/wav", "audio/wav"),
        (sound(), "audio/x-wav", "audio/wav"),
        (WEBM, "audio/webm;codecs=opus", "audio/webm"),
        (OGG, 'audio/ogg; codecs="opus"', "audio/ogg"),
        (MP4, "audio/mp4", "audio/mp4"),
        (WEBM, "image/jpeg", "other_kind"),
        (photo(), "image/png", "other_kind"),
        (photo(), "audio/webm", "other_kind"),
        (b"no sound", "audio/webm", "not_a_recording"),
        (photo(), "text/html", "not_a_photo"),
        (photo(), "application/octet-stream", "not_a_photo"),
        (SVG, "image/svg+xml", "not_a_photo"),
    ],
)
def test_what_is_declared_is_what_it_is(
    served: Served, body: bytes, kind: str, answer: str
) -> None:
    lin = served.client("lin")
    said = put(lin, body, kind)
    if "/" not in answer:
        assert (said.status_code, said.json()["code"]) == (415, answer)
        return
    assert said.status_code == 201
    shown = lin.get(address(body))
    assert (shown.content, shown.headers["content-type"]) == (body, answer)
    assert shown.headers["x-content-type-options"] == "nosniff"
    fresh = lin.get(address(body), headers={"if-none-match": shown.headers["etag"]})
    assert fresh.status_code == 304


def test_what_was_given_up_is_swept(served: Served, site: Site, clock: Clock) -> None:
    lin, old, new = served.client("lin"), photo(), photo()
    put_part(lin, old, 0, 100)
    clock.passes(days=6)
    put_part(served.client("lin"), new, 0, 100)
    assert blobs.sweep(site) == 0
    clock.passes(days=2)
    assert blobs.sweep(site) == 1
    later = served.client("lin")
    assert (state(later, old)["offset"], state(later, new)["offset"]) == (0, 100)


def test_nobody_fills_the_store(served: Served, site: Site, cast: Cast, clock: Clock) -> None:
    lin, chen, body = served.client("lin"), served.client("chen"), photo()
    small = {"value": 1, "reason": "a small disk"}
    assert cast.wu.does("setting.changed", "setting:blobs.size_at_most", **small).good
    assert put(lin, photo("PNG") + bytes(1 << 20)).json()["code"] == "blob_too_big"
    assert cast.wu.does("setting.changed", "setting:blobs.day_at_most", **small).good
    for number in range(15):
        assert put(lin, photo() + bytes(number)).status_code == 201
    put_part(lin, photo(), 0, 10)
    full = put(lin, body)
    assert (full.status_code, full.json()["code"]) == (507, "day_full")
    assert int(full.headers["retry-after"]) > 0 and full.json()["say"]
    assert put(chen, body).status_code == 201, "everybody has their own"
    clock.passes(hours=25)
    assert put(served.client("lin"), body).status_code == 201, "it is another day"


def test_a_full_store_says_so(served: Served, site: Site) -> None:
    site.config = replace(site.config, blobs_gb=0)
    answer = put(served.client("lin"), photo())
    assert (answer.status_code, answer.json()["code"]) == (507, "no_room")


def test_a_full_disk_takes_nothing_by_half(
    served: Served, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    lin, body = served.client("lin"), photo("PNG", (400, 300))
    put_part(lin, body, 0, 1_000)

    def full(_file: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        answer = put_part(lin, body, 1_000, 5_000)
    assert (answer.status_code, answer.json()["code"]) == (507, "no_room")
    assert state(lin, body)["offset"] == 1_000
    assert put_part(lin, body, 1_000, len(body)).status_code == 201
    assert lin.get(address(body)).content == body


def test_the_last_part_twice_at_once_is_one_photo(served: Served, site: Site) -> None:
    lin, body = served.client("lin"), photo("PNG", (400, 300))
    put_part(lin, body, 0, 1_000)
    with ThreadPoolExecutor(6) as threads:
        answers = list(threads.map(lambda _: put_part(lin, body, 1_000, len(body)), range(6)))
    assert {answer.status_code for answer in answers} <= {200, 201, 409, 503}
    assert state(lin, body)["whole"]
    assert lin.get(address(body)).content == body
    assert len(database_rows.rows(site, "blobs")) == len(database_rows.rows(site, "senders")) == 1
