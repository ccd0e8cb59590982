"""Web push (RFC 8030, VAPID RFC 8292): the browser's own service carries our words, encrypted for that browser."""

import json
import os
import time
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

import http_ece
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from py_vapid import Vapid, b64urlencode

from qlue.channels.wires.contract import Account, NotSent, Outgoing, Rejected, Unsure
from qlue.channels.wires.http import Answer, call, is_among

CHANNEL = "push"
FIELDS: dict[str, str] = {}
SECRETS: tuple[str, ...] = ()
SIGNED_S = 12 * 3600  # how long a signature serves, in seconds
DAYS = 3 * 86_400  # how long the service keeps it for a telephone that is off, in seconds
SERVICES = (
    "fcm.googleapis.com",
    "updates.push.services.mozilla.com",
    ".push.services.mozilla.com",
    ".push.apple.com",
    ".notify.windows.com",
)


def known_service(endpoint: str) -> bool:
    """Only browsers' own services: everybody can send us an address, and we would call it."""
    return is_among(endpoint, (*SERVICES, *settings.MEDIA_HOSTS))


def key_file() -> Path:
    """Our key, made at the first look; whoever changes it loses all subscriptions."""
    file = Path(settings.HOME) / "vapid.pem"
    if not file.exists():
        draft = file.with_suffix(f".{os.getpid()}")
        draft.touch(mode=0o600)
        fresh = Vapid()
        fresh.generate_keys()
        fresh.save_key(str(draft))
        with suppress(FileExistsError):  # another process was faster; its key holds
            file.hardlink_to(draft)
        draft.unlink()
    return file


@lru_cache(maxsize=2)
def public_key(file: Path) -> str:
    """What a browser needs to subscribe: the uncompressed point, URL-safe base64."""
    point = Vapid.from_file(str(file)).public_key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    written: str = b64urlencode(point)
    return written


def send(account: Account, out: Outgoing) -> str:
    """`Topic` is our id: while it waits at the service, a repeat replaces it."""
    if not known_service(out.address):
        raise Rejected("not a push service", gone=True)
    told = {"title": out.letter.subject, "body": out.letter.text, "url": out.letter.link, "tag": out.id}
    try:
        body = encrypted(json.dumps(told).encode(), out.letter.extra.get("keys") or {})
    except (ValueError, KeyError, TypeError) as error:
        raise Rejected(f"the browser's keys make no sense: {type(error).__name__}", gone=True) from error
    headers = {
        **_signature(out.address),
        "Content-Encoding": "aes128gcm",
        "TTL": str(DAYS),
        "Topic": out.id.replace("-", ""),
        "Urgency": "high" if out.letter.extra.get("urgent") else "normal",
    }
    answer = call("POST", out.address, body=body, headers=headers)
    _check(answer)
    return str(answer.headers.get("Location", ""))[:200]


def encrypted(told: bytes, keys: Mapping[str, str]) -> bytes:
    """For that browser alone (RFC 8291): its key, its secret and a key of ours that nobody uses twice."""
    p256dh, auth = (urlsafe_b64decode(keys[name] + "==") for name in ("p256dh", "auth"))
    body: bytes = http_ece.encrypt(told, private_key=generate_private_key(SECP256R1()), dh=p256dh, auth_secret=auth)
    return body


def _signature(endpoint: str) -> dict[str, str]:
    """Who sends it (RFC 8292), as a header."""
    parts = urlsplit(endpoint)
    claims = {
        "sub": f"mailto:{settings.DEFAULT_FROM_EMAIL}",
        "aud": f"{parts.scheme}://{parts.netloc}",
        "exp": int(time.time()) + SIGNED_S,
    }
    header: dict[str, str] = Vapid.from_file(str(key_file())).sign(claims)
    return header


def _check(answer: Answer) -> None:
    """Raises what the service's status means; one that sends us on to another address is not obeyed."""
    status, words = answer.status, answer.body.decode(errors="replace")
    if status <= 202:
        return
    if status in (404, 410):
        raise Rejected("the browser has unsubscribed", gone=True)
    if status == 429 or status in (401, 403, 503):
        raise NotSent(f"{status} {words}"[:200])
    if status >= 500 or 300 <= status < 400:
        raise Unsure(f"{status}")
    raise Rejected(f"{status} {words}"[:200])
