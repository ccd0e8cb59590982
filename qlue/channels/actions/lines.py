"""Verbs of lines: enter an account, count what was turned away, note how sending goes."""

import json
import random
from datetime import datetime, timedelta

from qlue.channels.models import Line
from qlue.channels.wires import KINDS
from qlue.cities.facts import CityFacts
from qlue.kit.clock import now
from qlue.kit.db import execute, fetch_all, fetch_value
from qlue.kit.seal import Unreadable, seal, unseal

BEARS = 3  # failures in a row before a line rests
LONGEST_REST = timedelta(minutes=15)


def enter_line(city: CityFacts, kind: str, values: dict[str, str], *, active: bool = True) -> Line:
    """Stores an account: secrets sealed, and an empty secret keeps the one before. In the city's scope."""
    wire = KINDS[kind]
    line = Line.objects.filter(city_id=city.id, kind=kind).first() or Line(city_id=city.id, kind=kind)
    kept = _opened(line)
    secrets = {name: values.get(name) or kept.get(name, "") for name in wire.SECRETS}
    line.settings = {name: values.get(name, default) for name, default in wire.FIELDS.items()}
    if api := values.get("api"):
        line.settings["api"] = api
    line.sealed, line.active, line.updated_at = seal(json.dumps(secrets)), active, now()
    line.save()
    return line


def _opened(line: Line) -> dict[str, str]:
    try:
        found = json.loads(unseal(line.sealed)) if line.sealed else {}
    except Unreadable:
        return {}
    return {str(name): str(value) for name, value in found.items()}


REFUSE = """
INSERT INTO channels_refusal AS r (city_id, kind, reason, day, n, last_at) VALUES (%s, %s, %s, %s, 1, %s)
ON CONFLICT (city_id, kind, reason, day) DO UPDATE SET n = r.n + 1, last_at = excluded.last_at
"""


def refuse(city: CityFacts, kind: str, reason: str) -> None:
    """Counts something that was turned away, for the desk and the doctor. In the city's scope."""
    at = now()
    execute(REFUSE, [city.id, kind, reason, at.astimezone(city.tz).date(), at])


WAKE = "SELECT pg_notify('qlue_live', json_build_object(%s::text, json_build_array(%s::text))::text)"


def wake(city: CityFacts, topic: str = "messages") -> None:
    """Desks that are open look again."""
    fetch_all(WAKE, [city.slug, topic])


GOOD = """
INSERT INTO channels_linehealth (city_id, kind, failures, last_error, last_good)
VALUES (%(city)s, %(kind)s, 0, '', %(at)s)
ON CONFLICT (city_id, kind) DO UPDATE
SET failures = 0, failing_since = NULL, rests_until = NULL, last_error = '', last_good = excluded.last_good
"""
BAD = """
INSERT INTO channels_linehealth AS h (city_id, kind, failures, failing_since, last_error)
VALUES (%(city)s, %(kind)s, 1, %(at)s, %(error)s)
ON CONFLICT (city_id, kind) DO UPDATE SET failures = h.failures + 1,
    failing_since = coalesce(h.failing_since, excluded.failing_since), last_error = excluded.last_error
RETURNING failures
"""
REST = "UPDATE channels_linehealth SET rests_until = %s WHERE city_id = %s AND kind = %s"


def went_well(city_id: int, kind: str, at: datetime) -> None:
    """The provider answered."""
    execute(GOOD, {"city": city_id, "kind": kind, "at": at})


def went_wrong(city_id: int, kind: str, error: str, at: datetime, dice: random.Random) -> None:
    """The provider did not answer, or not for us; after some failures nobody asks it for a while."""
    failures = int(fetch_value(BAD, {"city": city_id, "kind": kind, "at": at, "error": error[:300]}))
    if failures >= BEARS:
        rest = min(timedelta(seconds=30) * 2 ** min(failures - BEARS, 10), LONGEST_REST)
        execute(REST, [at + rest * dice.uniform(0.75, 1.25), city_id, kind])
