"""What a tablet sealed for this server, because its author is no longer at it (A5).

A tablet that passes to another person keeps what the last one had not sent yet where nobody can
read it: each piece is a box, `<65 bytes: the tablet's point on P-256><12 bytes: IV><AES-256-GCM>`.
Its key is made of that point and this site's own (ECDH, HKDF-SHA-256). Inside is a line of JSON,
`{by, device, token, …}`, and what follows it. Whoever signs in next on the tablet hands its boxes
in. Acts are taken in by the rights of their author; only the author is told a box's key, and so
reads drafts again.

The private key lies in the database, as the password hashes do, and so in every backup.
"""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import hmac
from typing import Any

import orjson
import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from starlette.responses import JSONResponse, Response

from server.acts.access import Actor
from server.acts.site import Site
from server.acts.verdict import Verdict
from server.base import strict_json
from server.database.tables import meta
from server.http.problems import Trouble
from server.replication import blobs, media_sniffing
from server.replication.sync_request import SyncRequest

KEY = "seal_key"  # of the row in `meta`: the private number, 64 hexadecimal digits
POINT, IV = 65, 12  # bytes, of an uncompressed point and of AES-GCM's nonce
INFO = b"floorwalk sealed 1"
TOGETHER = 200  # acts in one commit: others write in between
CURVE = ec.SECP256R1()


def lock_of(site: Site, person: str, device: str) -> dict[str, str]:
    """Return what a tablet needs to seal what this person does on it.

    {id, key: the site's public point, token}. The token proves that the author was signed in on the
    device: without it anybody could seal acts in another's name, since the key is public.
    """
    point = _point(_private_key(site))
    return {
        "id": hashlib.sha256(point).hexdigest()[:16],
        "key": _text(point),
        "token": _token(site, person, device),
    }


def hand_in(request: SyncRequest) -> Response:
    """POST _sealed: open a box and take in what is in it, as its author's.

    200 {taken, refused}, with `key` for the author alone. Raises Trouble `not_opened` for what was
    not sealed for this server, or by nobody who was signed in.
    """
    key, head, rest = _opened(request.site, request.body)
    author, device = request.site.person(head["by"]), head["device"]
    if author is None or not hmac.compare_digest(
        head["token"], _token(request.site, head["by"], device)
    ):
        raise Trouble("not_opened")
    answer: dict[str, Any] = {"ok": True, "taken": 0, "refused": 0}
    if "sha256" in head:
        _keep_blob(request, author, head, rest)
        answer["taken"] = 1
    else:
        verdicts = _take_acts(request.site, Actor(author, device), head.get("rows"))
        answer["taken"] = sum(verdict.good for verdict in verdicts)
        answer["refused"] = len(verdicts) - answer["taken"]
    if head["by"] == request.id:
        answer["key"] = _text(key)
    return JSONResponse(answer)


def _take_acts(site: Site, actor: Actor, rows: Any) -> list[Verdict]:
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise Trouble("not_opened")
    acts = [row.get("act") for row in rows]
    verdicts: list[Verdict] = []
    for start in range(0, len(acts), TOGETHER):
        verdicts += site.accept(acts[start : start + TOGETHER], actor)
    return verdicts


def _keep_blob(
    request: SyncRequest, author: dict[str, Any], head: dict[str, Any], body: bytes
) -> None:
    """Keep a photo or recording as if its author had sent it in one part."""
    if not isinstance(head["sha256"], str) or not isinstance(head.get("type"), str):
        raise Trouble("not_opened")
    rights = request.site.rights(author["_id"])
    theirs = dataclasses.replace(request, person=author, rights=rights, body=body)
    kind = media_sniffing.declared(head["type"])
    blobs.keep(theirs, blobs.checked_name(head["sha256"]), kind, 0, len(body))


def _opened(site: Site, box: bytes) -> tuple[bytes, dict[str, Any], bytes]:
    """Return (key, the line of JSON, what follows it) of a box; raises Trouble."""
    try:
        point = ec.EllipticCurvePublicKey.from_encoded_point(CURVE, box[:POINT])
        shared = _private_key(site).exchange(ec.ECDH(), point)
        key = HKDF(hashes.SHA256(), 32, salt=box[:POINT], info=INFO).derive(shared)
        inside = AESGCM(key).decrypt(box[POINT : POINT + IV], box[POINT + IV :], None)
        line, _, rest = inside.partition(b"\n")
        head = strict_json.loads(line)
    except (ValueError, InvalidTag, strict_json.BadJSON):
        raise Trouble("not_opened") from None
    good = isinstance(head, dict) and all(
        isinstance(head.get(name), str) for name in ("by", "device", "token")
    )
    if not good:
        raise Trouble("not_opened")
    return key, head, rest


def _private_key(site: Site) -> ec.EllipticCurvePrivateKey:
    """Return the site's key, made when it is first asked for; servers of one database share it."""
    if KEY not in site.meta:
        numbers = ec.generate_private_key(CURVE).private_numbers()
        with site.writing() as connection:
            wanted = sa.select(meta.c.value).where(meta.c.key == KEY)
            kept = connection.execute(wanted).scalar_one_or_none()
            if kept is None:
                kept = f"{numbers.private_value:064x}"
                connection.execute(sa.insert(meta).values(key=KEY, value=kept))
        site.meta[KEY] = kept
    return ec.derive_private_key(int(site.meta[KEY], 16), CURVE)


def _token(site: Site, person: str, device: str) -> str:
    _private_key(site)
    secret = hashlib.sha256(b"floorwalk token " + site.meta[KEY].encode()).digest()
    said = orjson.dumps([person, device])
    return _text(hmac.new(secret, said, hashlib.sha256).digest())


def _point(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
