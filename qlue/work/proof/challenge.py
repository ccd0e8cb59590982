"""The capture challenge: a code from the server that a proof must bring, good for one person, one report, once.

Nothing is stored when it is issued, so a page may carry one for each case of a person before the network goes: it is
signed, and its single use shows when a proof that carries it is stored.
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

# Part of every signature: with another salt, the codes that phones carry right now would be void.
SALT = "qlue.work.challenge"
FORM_LIFETIME = timedelta(hours=2)  # on a form that is open now
OFFLINE_LIFETIME = timedelta(hours=36)  # on a page that is taken along to where there is no network


@dataclass(frozen=True)
class Challenge:
    """`token` travels with the form, `code` is shown to be written down and held into the picture."""

    token: str
    code: str
    digest: str
    city: int
    user: int
    report: int
    issued_at: datetime
    expires_at: datetime


def issue_challenge(city: int, user: int, report: int, lifetime: timedelta = FORM_LIFETIME) -> Challenge:
    """A new challenge for this person and this report."""
    issued_s = int(now().timestamp())
    body = [city, user, report, issued_s, issued_s + int(lifetime.total_seconds()), os.urandom(6).hex()]
    token = signing.dumps(body, salt=SALT)
    return _challenge_of(token, body)


def read_challenge(token: str) -> Challenge | None:
    """The challenge that a form brought back; None when it is not ours. Expired ones are returned: phones wait long
    for a network, and what that means is for the flags to say."""
    try:
        return _challenge_of(token, signing.loads(token, salt=SALT))
    except (signing.BadSignature, ValueError, TypeError):
        return None


def _challenge_of(token: str, body: Sequence[Any]) -> Challenge:
    city, user, report, issued_s, expires_s = (int(part) for part in body[:5])
    digest = sha256(token.encode()).hexdigest()[:32]
    # Four letters of 32: enough that nobody guesses it for one photo, and short enough to write on paper.
    code = "".join(ALPHABET[int(digest[at : at + 2], 16) & 31] for at in range(0, 8, 2))
    issued_at, expires_at = datetime.fromtimestamp(issued_s, UTC), datetime.fromtimestamp(expires_s, UTC)
    return Challenge(token, code, digest, city, user, report, issued_at, expires_at)
