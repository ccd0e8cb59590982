"""The capture challenge: a word from the server that a proof must bring, good for one person, one report, once.

Nothing is stored when it is given out, so a page may hand out one for each case of a person before the network goes:
it is signed, and its single use is seen when a proof that carries it is stored.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from django.core import signing

from qlue.kit.clock import now
from qlue.kit.ids import ALPHABET

SALT = "qlue.work.challenge"
FRESH = timedelta(hours=2)  # on a form that is open now
STOCK = timedelta(hours=36)  # on a page that is taken along to where there is no network


@dataclass(frozen=True)
class Challenge:
    """`token` travels with the form, `code` is shown to be written down and held into the picture."""

    token: str
    code: str
    digest: str
    city: int
    user: int
    report: int
    issued: datetime
    expires: datetime


def issue(city: int, user: int, report: int, lasts: timedelta = FRESH) -> Challenge:
    """A new challenge for this person and this report."""
    begins = int(now().timestamp())
    body = [city, user, report, begins, begins + int(lasts.total_seconds()), os.urandom(6).hex()]
    token = signing.dumps(body, salt=SALT)
    return _challenge(token, body)


def read(token: str) -> Challenge | None:
    """What a form brought back; None when it is not ours."""
    try:
        return _challenge(token, signing.loads(token, salt=SALT))
    except (signing.BadSignature, ValueError, TypeError):
        return None


def _challenge(token: str, body: Sequence[Any]) -> Challenge:
    city, user, report, begins, ends = (int(part) for part in body[:5])
    digest = sha256(token.encode()).hexdigest()[:32]
    code = "".join(ALPHABET[int(digest[at : at + 2], 16) & 31] for at in range(0, 8, 2))
    issued, expires = datetime.fromtimestamp(begins, UTC), datetime.fromtimestamp(ends, UTC)
    return Challenge(token, code, digest, city, user, report, issued, expires)
