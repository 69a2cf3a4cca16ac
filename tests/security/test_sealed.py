"""What a tablet sealed for its author, handed in by somebody else (A5)."""

from __future__ import annotations

import base64
import hashlib
import os
from typing import Any

import orjson
import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from server.acts.site import Site
from tests.cast import Cast
from tests.security.test_hidden_records_look_absent import photo
from tests.server.in_process import Inside, inside

Box = tuple[bytes, bytes]  # and its key
HEADERS = {"content-type": "application/octet-stream"}


@pytest.fixture
def app(site: Site, cast: Cast) -> Any:
    with inside(site) as application:
        for login in ("lin", "chen"):
            application.sign_in(login)
        yield application


def lock(app: Inside, login: str, device: str = "device:t1") -> dict[str, str]:
    """Return what a tablet is told at sign-in."""
    said = {"floorwalk-device": orjson.dumps({"id": device}).decode()}
    answer = app.ask(login, "GET", "/sync/demo/_session", headers=said).json()
    return dict(answer["seal"])


def sealed(seal: dict[str, str], head: dict[str, Any], rest: bytes = b"") -> Box:
    """Seal as service_worker/sync/sealing.js does."""
    theirs = ec.EllipticCurvePublicKey.from_encoded_point(
        ec.SECP256R1(), base64.b64decode(seal["key"])
    )
    mine = ec.generate_private_key(ec.SECP256R1())
    point = mine.public_key().public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )
    shared = mine.exchange(ec.ECDH(), theirs)
    key = HKDF(hashes.SHA256(), 32, salt=point, info=b"floorwalk sealed 1").derive(shared)
    iv, inside = os.urandom(12), orjson.dumps(head) + b"\n" + rest
    return point + iv + AESGCM(key).encrypt(iv, inside, None), key


def hands_in(app: Inside, login: str, box: bytes) -> Any:
    return app.ask(login, "POST", "/sync/demo/_sealed", content=box, headers=HEADERS)


def head_of(seal: dict[str, str], **inside: Any) -> dict[str, Any]:
    about = {"by": "person:lin", "device": "device:t1", "token": seal["token"]}
    return {**about, **inside}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_chen_hands_in_is_lins_and_only_lin_gets_the_key(
    app: Inside, site: Site, cast: Cast
) -> None:
    seal = lock(app, "lin")
    wait = cast.lin.new("waiting")
    said = cast.lin.says("waiting.started", wait, place="place:lobby-1", name="王小明")
    box, key = sealed(seal, head_of(seal, rows=[{"act": said, "state": "waiting"}]))
    assert hands_in(app, "chen", box).json() == {"ok": True, "taken": 1, "refused": 0}
    record = site.record(wait)
    assert record is not None and record["owner"] == "person:lin"
    answer = hands_in(app, "lin", box).json()  # once more: it is the same act
    assert (answer["taken"], base64.b64decode(answer["key"])) == (1, key)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_chen_cannot_seal_in_lins_name(app: Inside, site: Site, cast: Cast) -> None:
    """The key is public: without the token of Lin's own sign-in nothing is taken in."""
    theirs = lock(app, "chen")
    wait = cast.lin.new("waiting")
    said = cast.lin.says("waiting.started", wait, place="place:lobby-1")
    forged, _ = sealed(theirs, head_of(theirs, rows=[{"act": said}]))
    assert hands_in(app, "chen", forged).status_code == 422
    lins = lock(app, "lin")
    other_device, _ = sealed(lins, {**head_of(lins, rows=[{"act": said}]), "device": "device:x"})
    assert hands_in(app, "chen", other_device).status_code == 422
    # Inside Lin's own box an act of Chen's is not taken in either.
    mixed = {**said, "by": "person:chen"}
    box, _ = sealed(lins, head_of(lins, rows=[{"act": mixed}]))
    assert hands_in(app, "lin", box).json()["refused"] == 1
    assert site.record(wait) is None


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_photo_is_kept_as_its_authors(app: Inside, site: Site, cast: Cast) -> None:
    seal, body = lock(app, "lin"), photo(3)
    sha = hashlib.sha256(body).hexdigest()
    box, _ = sealed(seal, head_of(seal, sha256=sha, type="image/jpeg"), body)
    assert hands_in(app, "chen", box).json()["taken"] == 1
    assert app.ask("lin", "GET", f"/sync/demo/_blob/{sha}").content == body
    assert app.ask("chen", "GET", f"/sync/demo/_blob/{sha}").status_code == 404


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "bad", [b"", b"x" * 64, b"\4" + b"x" * 200, b"rows"], ids=["none", "short", "no point", "text"]
)
def test_what_was_not_sealed_for_this_server_is_said_to_be(app: Inside, bad: bytes) -> None:
    answer = hands_in(app, "chen", bad)
    assert (answer.status_code, answer.json()["code"]) == (422, "not_opened")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("inside_it", [b"[]", b"{}", b'{"by":1}', b"\xff", b'{"by":"a"'])
def test_what_is_in_a_box_is_checked_too(app: Inside, inside_it: bytes) -> None:
    seal = lock(app, "lin")
    theirs = ec.EllipticCurvePublicKey.from_encoded_point(
        ec.SECP256R1(), base64.b64decode(seal["key"])
    )
    mine = ec.generate_private_key(ec.SECP256R1())
    point = mine.public_key().public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )
    key = HKDF(hashes.SHA256(), 32, salt=point, info=b"floorwalk sealed 1").derive(
        mine.exchange(ec.ECDH(), theirs)
    )
    box = point + b"\0" * 12 + AESGCM(key).encrypt(b"\0" * 12, inside_it, None)
    assert hands_in(app, "chen", box).status_code == 422


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_deactivated_person_is_told_so_and_others_are_not(app: Inside, site: Site) -> None:
    assert app.ask("lin", "GET", "/sync/demo/_session").status_code == 200
    known = site.record("person:lin")
    assert known is not None
    seen = known["acts"]["last"]
    change = {"active": False}
    done = site.record_act("person.changed", "person:lin", change, by="person:wu", seen=seen)
    assert done.good
    answer = app.ask("lin", "GET", "/sync/demo/_session")
    assert (answer.status_code, answer.json()["code"]) == (401, "deactivated")
    nobody = app.ask(None, "GET", "/sync/demo/_session")
    assert nobody.json()["code"] == "not_signed_in"
