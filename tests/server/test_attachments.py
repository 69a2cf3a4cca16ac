"""A record's photos as CouchDB attachments: there once they are whole, and offered again then."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from typing import Any

import pytest

from server.acts import attachment_stubs
from server.acts.site import Site
from server.database.store import Store
from tests.cast import WORDS, Cast
from tests.server import database_rows
from tests.server.conftest import BOTH
from tests.server.served import Served
from tests.server.test_blobs import photo, put, sound

pytestmark = pytest.mark.parametrize("database", BOTH, indirect=True)


def opened(site: Site, person: str, record: str, name: str) -> attachment_stubs.Attachment | None:
    with site.reading() as connection:
        stored = Store(connection).records([record]).get(record)
    return attachment_stubs.open_(site.config.blobs, site.rights(person), stored, name)


def test_a_photo_becomes_an_attachment_when_it_is_whole(
    served: Served, site: Site, cast: Cast
) -> None:
    first, second, said = photo(), photo(), sound()
    one, other, voice = (hashlib.sha256(body).hexdigest() for body in (first, second, said))
    chen = served.client("chen")
    put(chen, first)
    complaint = cast.chen.new("complaint")
    told: dict[str, Any] = {"place": "place:lobby-2", "words": WORDS, "photos": [one, other]}
    act = cast.chen.says("complaint.taken", complaint, **told, recordings=[voice])
    cast.chen.hands_in()
    before = database_rows.one(site, complaint)
    assert list(before["_attachments"]) == [f"{one}.jpg"], "the one that is here"
    assert before["_rev"].startswith("1-")
    seq = chen.get("/sync/demo/_changes").json()["last_seq"]

    assert put(chen, said).status_code == put(chen, second).status_code == 201
    row = chen.get("/sync/demo/_changes", params={"since": seq, "include_docs": "true"}).json()
    assert [row["id"] for row in row["results"]] == [complaint], "offered again, once"
    after = row["results"][0]["doc"]
    assert after == database_rows.one(site, complaint)
    assert after["_rev"].startswith("3-"), "a revision for each that came"
    names = {f"{one}.jpg": 1, f"{voice}.wav": 2, f"{other}.jpg": 3}
    assert {name: stub["revpos"] for name, stub in after["_attachments"].items()} == names
    assert after["_attachments"][f"{other}.jpg"] == {
        "content_type": "image/jpeg",
        "length": len(second),
        "digest": "md5-" + b64encode(hashlib.md5(second).digest()).decode(),
        "revpos": 3,
        "stub": True,
    }
    history = chen.get(f"/sync/demo/{complaint}", params={"revs": "true"}).json()["_revisions"]
    assert history["start"] == 3 and len(history["ids"]) == 3, "no gap, no branch"

    found = opened(site, "person:chen", complaint, f"{other}.jpg")
    assert found is not None and found.path.read_bytes() == second
    assert opened(site, "person:lin", complaint, f"{other}.jpg") is None, "not hers to see"
    assert opened(site, "person:chen", complaint, f"{other}.png") is None
    assert opened(site, "person:chen", complaint, "../../x") is None
    assert opened(site, "person:chen", "complaint:x", f"{other}.jpg") is None

    assert site.refold() == (site.refold()[0], 0), "folded again it is the same"
    note = cast.chen.says("complaint.noted", complaint)
    cast.chen.hands_in(note)
    noted = database_rows.one(site, complaint)
    assert noted["_attachments"] == after["_attachments"], "each keeps its revpos"
    undone = cast.chen.says("complaint.undone", complaint, undoes=act["_id"])
    cast.chen.hands_in(undone)
    attachment_stubs.path_of(site.config.blobs, other).unlink()
    assert opened(site, "person:chen", complaint, f"{other}.jpg") is None


def test_a_record_without_photos_has_no_attachments(site: Site, cast: Cast) -> None:
    complaint = cast.chen.new("complaint")
    cast.chen.does("complaint.taken", complaint, place="place:lobby-2", words=WORDS)
    assert attachment_stubs.stubs(database_rows.one(site, complaint)) == {}
    assert "_attachments" not in database_rows.one(site, complaint)
