"""Web push (RFC 8030, VAPID RFC 8292): the browser's own service carries the message, encrypted for that browser."""

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

from qlue.channels.providers.contract import (
    Account,
    Delivery,
    DeliveryUncertain,
    MessageNotSent,
    MessageRejected,
    Provider,
)
from qlue.channels.providers.http import ProviderResponse, is_allowed_url, send_request

SIGNATURE_S = 12 * 3600  # how long a signature is valid; services refuse more than a day (RFC 8292)
TTL_S = 3 * 86_400  # how long the service keeps a message for a telephone that is off
PUSH_SERVICES = (
    "fcm.googleapis.com",
    "updates.push.services.mozilla.com",
    ".push.services.mozilla.com",
    ".push.apple.com",
    ".notify.windows.com",
)


def is_push_service(endpoint: str) -> bool:
    """Whether this is a browser maker's service: everybody can send us an address, and we would call it."""
    return is_allowed_url(endpoint, (*PUSH_SERVICES, *settings.MEDIA_HOSTS))


def vapid_key_file() -> Path:
    """The installation's key, made at its first use; whoever replaces it loses all subscriptions."""
    file = Path(settings.HOME) / "vapid.pem"
    if not file.exists():
        # Written aside and linked, so that no other process ever reads half a key.
        draft = file.with_suffix(f".{os.getpid()}")
        draft.touch(mode=0o600)
        key = Vapid()
        key.generate_keys()
        key.save_key(str(draft))
        with suppress(FileExistsError):  # another process was faster; its key holds
            file.hardlink_to(draft)
        draft.unlink()
    return file


@lru_cache(maxsize=2)
def vapid_public_key(file: Path) -> str:
    """What a browser needs to subscribe: the uncompressed point, URL-safe base64."""
    point = Vapid.from_file(str(file)).public_key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    key_text: str = b64urlencode(point)
    return key_text


def send_push(account: Account, delivery: Delivery) -> str:
    """Returns the service's address of the message."""
    # Checked again at each sending: the address was stored when other services may have been allowed.
    if not is_push_service(delivery.address):
        raise MessageRejected("not a push service", address_gone=True)
    message = delivery.message
    payload = {"title": message.subject, "body": message.text, "url": message.link, "tag": delivery.id}
    try:
        body = encrypt_payload(json.dumps(payload).encode(), message.extra.get("keys") or {})
    except (ValueError, KeyError, TypeError) as error:
        raise MessageRejected(f"the browser's keys make no sense: {type(error).__name__}", address_gone=True) from error
    headers = {
        **_vapid_header(delivery.address),
        "Content-Encoding": "aes128gcm",
        "TTL": str(TTL_S),
        # While it waits at the service, a repeat with the same topic replaces the message.
        "Topic": delivery.id.replace("-", ""),
        "Urgency": "high" if message.extra.get("urgent") else "normal",
    }
    response = send_request("POST", delivery.address, body=body, headers=headers)
    _raise_for_push_status(response)
    return str(response.headers.get("Location", ""))[:200]


def encrypt_payload(payload: bytes, keys: Mapping[str, str]) -> bytes:
    """For that browser alone (RFC 8291): with its key, its secret and a key of ours that is used once."""
    p256dh, auth = (urlsafe_b64decode(keys[name] + "==") for name in ("p256dh", "auth"))
    body: bytes = http_ece.encrypt(payload, private_key=generate_private_key(SECP256R1()), dh=p256dh, auth_secret=auth)
    return body


def _vapid_header(endpoint: str) -> dict[str, str]:
    """Who sends it (RFC 8292), as a header."""
    parts = urlsplit(endpoint)
    claims = {
        "sub": f"mailto:{settings.DEFAULT_FROM_EMAIL}",
        "aud": f"{parts.scheme}://{parts.netloc}",
        "exp": int(time.time()) + SIGNATURE_S,
    }
    header: dict[str, str] = Vapid.from_file(str(vapid_key_file())).sign(claims)
    return header


def _raise_for_push_status(response: ProviderResponse) -> None:
    """Raises what the service's status means; one that sends us on to another address is not obeyed."""
    status, text = response.status, response.body.decode(errors="replace")
    if status <= 202:
        return
    if status in (404, 410):  # RFC 8030: the subscription has ended
        raise MessageRejected("the browser has unsubscribed", address_gone=True)
    if status == 429 or status in (401, 403, 503):
        raise MessageNotSent(f"{status} {text}"[:200])
    if status >= 500 or 300 <= status < 400:
        raise DeliveryUncertain(f"{status}")
    raise MessageRejected(f"{status} {text}"[:200])


PUSH = Provider(channel="push", send=send_push)
