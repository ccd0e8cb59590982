"""Reports that live at random, and the same numbers counted the slow way."""

import json
import time
from collections import Counter
from datetime import datetime, timedelta
from math import floor, log2
from random import Random
from typing import Any
from uuid import UUID

from qlue.cities.facts import CityFacts
from qlue.dashboard.rollups import follower as rollups
from qlue.kit.clock import now
from qlue.kit.db import execute, fetch_all
from qlue.people.models import Membership, Role
from qlue.reports.actions import ActionRefused, Actor, StoredPhoto, Submission, submit, transition
from qlue.reports.actions import map_cells as cells
from qlue.reports.states import COLOURS, OPEN_STATUSES, verbs_from
from qlue.timeline.records import EventRecord

HAPPENINGS = """
SELECT id, xid::text::bigint, city_id, at, kind, report_id, data FROM timeline_happening WHERE id > %s ORDER BY id
"""


def report(city: CityFacts, dice: Random, *, at: datetime | None = None, category: str = "", **more: Any) -> int:
    """A report from somewhere in the city, at some time in the last 40 days."""
    chosen = city.category(category) if category else dice.choice(city.open_categories)
    area = dice.choice(city.kelurahan)
    assert chosen
    given = Submission(
        uuid=uuid(dice),
        category_id=chosen.id,
        words="Mohon ditangani",
        lon=area.lon,
        lat=area.lat,
        at=at or now() - timedelta(minutes=dice.randrange(60 * 24 * 40)),
        **more,
    )
    return submit(city=city, submission=given).id


def uuid(dice: Random) -> UUID:
    return UUID(int=dice.getrandbits(128), version=4)


def step(city: CityFacts, report_id: int, verb: str, dice: Random, at: datetime | None = None) -> None:
    """One move by whoever may make it, with whatever it needs."""
    agency = fetch_all("SELECT agency_id FROM reports_report WHERE id = %s", [report_id])[0][0]
    others = [one.id for one in city.open_agencies if one.id != agency]
    given = {
        "words": "Sudah",
        "reason": "Perlu",
        "agency": dice.choice(others) if verb == "reroute" else None,
        "until": now() + timedelta(days=2) if verb == "hold" else None,
        "photo": [StoredPhoto(uuid(dice), 8, 8, None)] if verb == "resolve" else [],
        "category": dice.choice(city.open_categories).id if verb == "recategorise" else None,
    }
    head = Membership(city_id=city.id, role=Role.HEAD, agency_id=agency, active=True)
    by = Actor(reporter=True) if verb in ("confirm", "dispute") else Actor(member=head, granted=frozenset({"reroute"}))
    transition(city=city, report_id=report_id, verb=verb, actor=by, at=at, **given)


def wander(city: CityFacts, dice: Random, reports: int) -> None:
    """Many reports through many states, disputes, hand-overs and holds among them."""
    for _ in range(reports):
        at = now() - timedelta(minutes=dice.randrange(60 * 24 * 40))
        report_id = report(city, dice, at=at, private=dice.random() < 0.2)
        for _ in range(dice.randrange(9)):
            at += timedelta(minutes=dice.randrange(1, 3000))
            status = fetch_all("SELECT status FROM reports_report WHERE id = %s", [report_id])[0][0]
            verbs = [verb for verb in verbs_from(status) if verb not in ("assign", "merge")]
            if verbs and at < now():
                live_on(city, report_id, dice.choice(verbs), dice, at)


def live_on(city: CityFacts, report_id: int, verb: str, dice: Random, at: datetime) -> None:
    try:
        step(city, report_id, verb, dice, at)
    except ActionRefused:  # a report that no agency has yet
        return


def happened(after: int = 0) -> list[EventRecord]:
    """The timeline, with rows of the open transaction that a follower would still wait for."""
    return [EventRecord(*[*row[:6], json.loads(row[6])]) for row in fetch_all(HAPPENINGS, [after])]


def count_all(dice: Random | None = None) -> None:
    """Everything through the followers, in batches of all sizes."""
    left = happened()
    while left:
        size = dice.randrange(1, 40) if dice else len(left)
        batch, left = left[:size], left[size:]
        rollups.count_events(batch)
        cells.update_map_cells(batch)
    read_everything()


FINAL = "SELECT NOT EXISTS (SELECT FROM timeline_happening WHERE xid >= pg_snapshot_xmin(pg_current_snapshot()))"


def settle() -> None:
    """Waits until followers may read everything that is committed: any transaction of the server may be in the way."""
    for _ in range(200):
        if fetch_all(FINAL)[0][0]:
            return
        time.sleep(0.05)


def read_everything() -> None:
    """As if the followers had read what `count_all` counted: rows of an open transaction never come to them."""
    sql = """INSERT INTO timeline_follower (name, xid) VALUES (%s, %s)
    ON CONFLICT (name) DO UPDATE SET xid = excluded.xid"""
    for name in ("rollups", "cells"):
        execute(sql, [name, 1 << 60])


def raw(*cities: CityFacts) -> list[dict[str, Any]]:
    """All reports with what is counted, worked out in Python."""
    names = ("city", "status", "agency", "category", "area", "private", "created", "due", "resolved")
    sql = """SELECT city_id, status, agency_id, category_id, area_id, private, created_at, due_at, resolved_at
    FROM reports_report"""
    zones = {city.id: city.tz for city in cities}
    found = [dict(zip(names, row, strict=True)) for row in fetch_all(sql)]
    for one in found:
        zone = zones[one["city"]]
        one["hours"] = one["resolved"] and (one["resolved"] - one["created"]).total_seconds() / 3600
        for name in ("created", "due", "resolved"):
            one[name] = one[name] and one[name].astimezone(zone).date()
        one["dims"] = [("city", 0), ("agency", one["agency"] or 0), ("category", one["category"])]
        one["dims"] += [("area", one["area"] or 0)]
    return found


def expected(found: list[dict[str, Any]]) -> dict[str, Counter[Any]]:
    """Table -> key -> count."""
    of: dict[str, Counter[Any]] = {"stock": Counter(), "in": Counter(), "out": Counter(), "due": Counter()}
    of |= {"duration": Counter(), "national": Counter()}
    for one in found:
        whose = (one["city"], one["private"])
        for dim, key in one["dims"]:
            of["stock"][*whose, dim, key, one["status"]] += 1
            of["in"][*whose, dim, one["created"], key] += 1
            if one["resolved"]:
                of["out"][*whose, dim, one["resolved"], key] += 1
            if one["due"] and one["status"] in OPEN_STATUSES and dim != "category":
                of["due"][*whose, dim, one["due"], key] += 1
                of["due"][*whose, f"{dim}:m", one["due"].replace(day=1), key] += 1
        if one["resolved"]:
            bucket = floor(8 * log2(max(round(one["hours"], 3), 1 / 60)))
            of["duration"][*whose, one["resolved"], one["agency"] or 0, bucket] += 1
        if not one["private"]:
            of["national"][one["city"], COLOURS[one["status"]]] += 1
    return of


TABLES = {
    "stock": "SELECT city_id, private, dim, key, status, n FROM dashboard_stock",
    "in": "SELECT city_id, private, dim, day, key, received FROM dashboard_flow",
    "out": "SELECT city_id, private, dim, day, key, resolved FROM dashboard_flow",
    "due": "SELECT city_id, private, dim, day, key, n FROM dashboard_due",
    "duration": "SELECT city_id, private, day, agency, bucket, n FROM dashboard_duration",
    "national": """SELECT city_id, colour, n FROM dashboard_national CROSS JOIN LATERAL
        (VALUES ('red', red), ('yellow', yellow), ('green', green), ('grey', grey)) AS c(colour, n)""",
}


def counted() -> dict[str, Counter[Any]]:
    """What the roll-ups say, zeros left out."""
    return {
        name: Counter({tuple(row[:-1]): row[-1] for row in fetch_all(sql) if row[-1]}) for name, sql in TABLES.items()
    }
