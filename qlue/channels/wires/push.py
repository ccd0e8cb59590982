"""Web push (RFC 8030, VAPID RFC 8292): the browser's own service carries our words, encrypted for that browser."""

import json
import os
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

import requests
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from py_vapid import Vapid, b64urlencode
from pywebpush import WebPushException, webpush

from qlue.channels.wires.contract import Account, NotSent, Outgoing, Rejected, Unsure
from qlue.channels.wires.http import is_among

CHANNEL = "push"
FIELDS: dict[str, str] = {}
SECRETS: tuple[str, ...] = ()
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
    urgency = "high" if out.letter.extra.get("urgent") else "normal"
    subscription = {"endpoint": out.address, "keys": out.letter.extra.get("keys") or {}}
    try:
        answer = webpush(
            subscription,
            json.dumps(told),
            vapid_private_key=str(key_file()),
            vapid_claims={"sub": f"mailto:{settings.DEFAULT_FROM_EMAIL}"},
            ttl=DAYS,
            timeout=15,
            requests_session=_no_redirects(),
            headers={"Topic": out.id.replace("-", ""), "Urgency": urgency},
        )
    except WebPushException as error:
        raise _meant(error) from error
    except (requests.ConnectTimeout, requests.exceptions.SSLError) as error:
        raise NotSent(type(error).__name__) from error
    except requests.RequestException as error:
        refused = "Connection refused" in str(error) or "resolve" in str(error)
        raise (NotSent if refused else Unsure)(type(error).__name__) from error
    except (ValueError, KeyError, TypeError) as error:
        raise Rejected(f"the browser's keys make no sense: {type(error).__name__}", gone=True) from error
    return str(getattr(answer, "headers", {}).get("Location", ""))[:200]


def _no_redirects() -> requests.Session:
    """A service that sends us on to another address is not obeyed."""
    session = requests.Session()
    session.max_redirects = 0
    return session


def _meant(error: WebPushException) -> Exception:
    status = error.response.status_code if error.response is not None else 0
    if status in (404, 410):
        return Rejected("the browser has unsubscribed", gone=True)
    if status == 429 or status in (401, 403, 503):
        return NotSent(f"{status} {error.message}"[:200])
    if status >= 500:
        return Unsure(f"{status}")
    return Rejected(f"{status} {error.message}"[:200])
