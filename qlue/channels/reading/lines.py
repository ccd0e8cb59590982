"""Questions about lines: the account to send with, and how each line does."""

import json
import os
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from qlue.channels.models import Line
from qlue.channels.wires import ENTERED, KINDS
from qlue.channels.wires.contract import Account
from qlue.cities.facts import CityFacts
from qlue.kit.clock import now
from qlue.kit.db import fetch_all
from qlue.kit.seal import Unreadable, unseal

DAYS = 7


def account_of(city: CityFacts, kind: str) -> Account | None:
    """What is needed to use a line; None where the city has none. In the city's scope.

    The environment's `QLUE_LINE_MAKASSAR_WHATSAPP={"token": "..."}` counts more than what was entered on the page.
    """
    if kind == "mail":
        return Account(city.slug, kind, {}) if settings.EMAIL_HOST else None
    if kind == "push":
        return Account(city.slug, kind, {})
    if values := from_environment(city, kind):
        return Account(city.slug, kind, values)
    line = Line.objects.filter(city_id=city.id, kind=kind, active=True).first()
    return Account(city.slug, kind, _values(line)) if line else None


def from_environment(city: CityFacts, kind: str) -> dict[str, str]:
    """{} where the environment names no such line, or not in JSON."""
    text = os.environ.get(f"QLUE_LINE_{city.slug}_{kind}".upper().replace("-", "_"), "")
    try:
        found = json.loads(text) if text else {}
    except ValueError:
        return {}
    return {str(name): str(value) for name, value in found.items()} if isinstance(found, dict) else {}


def _values(line: Line) -> dict[str, str]:
    """Unsealed; secrets that were sealed under another key are missing, and the provider will say so."""
    try:
        secrets = json.loads(unseal(line.sealed)) if line.sealed else {}
    except Unreadable:
        secrets = {}
    known: dict[str, str] = line.settings | secrets
    return known


HEALTH = """
SELECT kind, failures, failing_since, rests_until, last_error, last_good FROM channels_linehealth WHERE city_id = %s
"""
REFUSED = """
SELECT kind, reason, sum(n)::int, max(last_at) FROM channels_refusal WHERE city_id = %s AND day >= %s
GROUP BY kind, reason ORDER BY kind, reason
"""
WAITING = """
SELECT kind, count(*) FILTER (WHERE state <> 'gave_up'), count(*) FILTER (WHERE state = 'gave_up'), min(created_at)
FROM channels_outbound WHERE city_id = %s AND state IN ('queued', 'sending', 'failed_for_now', 'gave_up') GROUP BY kind
"""


def lines_of(city: CityFacts) -> list[dict[str, Any]]:
    """Every line that the city could have, with how it does."""
    entered = {line.kind: line for line in Line.objects.filter(city_id=city.id)}
    health = {
        row[0]: dict(zip(("failures", "since", "rests", "error", "good"), row[1:], strict=True)) for row in _h(city)
    }
    refused = _refused(city)
    waiting = {row[0]: {"waiting": row[1], "lost": row[2], "oldest": row[3]} for row in fetch_all(WAITING, [city.id])}
    found = []
    for kind in KINDS:
        line, environment = entered.get(kind), bool(from_environment(city, kind))
        own: dict[str, Any] = {"kind": kind, "line": line, "environment": environment, "entered": kind in ENTERED}
        own |= {"on": environment or account_of(city, kind) is not None, "refused": refused.get(kind, [])}
        found.append(own | health.get(kind, {}) | waiting.get(kind, {}))
    return found


def _h(city: CityFacts) -> list[tuple[Any, ...]]:
    return fetch_all(HEALTH, [city.id])


def _refused(city: CityFacts) -> dict[str, list[tuple[str, int, datetime]]]:
    found: dict[str, list[tuple[str, int, datetime]]] = {}
    for kind, reason, n, last in fetch_all(REFUSED, [city.id, now().date() - timedelta(days=DAYS)]):
        found.setdefault(kind, []).append((reason, n, last))
    return found
