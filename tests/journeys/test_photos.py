"""Photos and recordings taken offline are uploaded after the acts, over a line that fails."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from server.replication.media_sniffing import of_head
from tests.journeys.hospital import Hospital
from tests.journeys.people import Desk, Guide, key
from tests.tablet import until

pytestmark = pytest.mark.browser

PART = 256 * 1024
OVERHEAD = 64 * 1024  # bytes of questions, headers and other pages that go up meanwhile
GPS = 0x8825


def picture(path: Path, size: tuple[int, int]) -> Path:
    """Return a photo with EXIF (GPS) that compresses badly."""
    exif = Image.Exif()
    exif[0x010E] = "Ward 6, bed 3"
    exif.get_ifd(GPS).update({1: "N", 2: (31.0, 14.0, 3.0), 3: "E", 4: (121.0, 28.0, 9.0)})
    Image.effect_noise(size, 90).convert("RGB").save(path, quality=95, exif=exif)
    assert tells(path.read_bytes()).get_ifd(GPS)
    return path


def tells(body: bytes) -> Image.Exif:
    """Return the metadata (EXIF) of a photo."""
    with Image.open(BytesIO(body)) as image:
        return image.getexif()


def test_photos_and_a_recording_follow_the_words_and_go_on_where_they_were_cut(
    hospital: Hospital,
    holds_a_tablet: Callable[[str], Guide],
    at_a_desk: Callable[[str], Desk],
    tmp_path: Path,
) -> None:
    lin, wu = holds_a_tablet("lin"), at_a_desk("wu")
    lin.goes_offline()
    papers = [
        picture(tmp_path / "one.jpg", (1500, 1100)),
        picture(tmp_path / "two.jpg", (300, 200)),
    ]
    complaint, _ = lin.takes_a_complaint("坐了一个小时没有人来", photos=papers, recorded=1.5)
    kept = {row["sha256"]: row["size"] for row in lin.tablet.stored("blobs")}
    assert len(kept) == 3 and max(kept.values()) > 2 * PART
    assert "还在这台平板上" in lin.looks_at(f"/floor/complaint/{key(complaint)}")

    # The words are there before the first part of a photo has come over the slow line.
    lin.network.become("slow")
    lin.tablet.post("/floor/sync/now", {})
    until(lambda: hospital.record(complaint), "the words")
    assert "_attachments" not in (hospital.record(complaint) or {})
    page = wu.opens(f"/office/complaints/{key(complaint)}")
    assert page.count("还在林小美的平板上") == 3

    # In the middle of a photo the line is cut, the tablet switched off, and the server dies.
    folder = hospital.folder / "blobs"
    until(lambda: came(folder) >= PART, "the first part", 60)
    lin.goes_offline()
    hospital.kill()
    lin.tablet.kill_browser()
    here, before = came(folder), lin.network.sent
    assert PART <= here < sum(kept.values())
    hospital.start()
    lin.tablet.start()
    lin.tablet.open("/floor/sync")
    assert "在文字之后发" in lin.tablet.text()
    lin.network.become("perfect")
    lin.signs_in_again()  # Chromium had not written its cookies down yet
    lin.syncs()

    assert set((hospital.record(complaint) or {})["_attachments"]) == {
        f"{name}.{'weba' if name in recordings(hospital, complaint) else 'jpg'}" for name in kept
    }
    for name, size in kept.items():
        body = (folder / name[:2] / name).read_bytes()
        assert (hashlib.sha256(body).hexdigest(), len(body)) == (name, size)
        assert b"Exif" not in body and b"Ward 6" not in body
        if of_head(body) == "image/jpeg":
            assert not tells(body)
    sent = lin.network.sent - before
    assert sent < sum(kept.values()) - here + OVERHEAD, "what had come was not sent again"
    assert not [path for path in (folder / "parts").rglob("*") if path.is_file()]

    wu.opens(f"/office/complaints/{key(complaint)}")
    for image in wu.page.locator(".photos img").all():
        until(lambda image=image: image.evaluate("i => i.naturalWidth") > 0, "the photo")
    sound = wu.page.locator(".recordings audio")
    heard = sound.evaluate("a => new Promise(r => { a.onloadeddata = () => r(a.error); a.load() })")
    assert heard is None
    assert "还在" not in lin.looks_at(f"/floor/complaint/{key(complaint)}")


def came(folder: Path) -> int:
    """Return how many bytes of photos are at the server, whole or not."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def recordings(hospital: Hospital, complaint: str) -> list[str]:
    found: list[str] = (hospital.record(complaint) or {})["recordings"]
    return found
