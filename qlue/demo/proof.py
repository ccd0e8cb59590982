"""Proof of work in the demo: officers with tasks of their own, honest proofs, and a few that ask for a second look."""

from collections.abc import Iterator
from datetime import timedelta
from random import Random
from uuid import UUID

from qlue.cities.facts import CityFacts
from qlue.demo.pictures import picture
from qlue.kit.clock import now
from qlue.kit.db import fetch_all
from qlue.people.models import Membership, Role
from qlue.reports.actions import Mover, Refused, StoredPhoto, move, store_photos
from qlue.work.actions import Evidence, issue, resolve
from qlue.work.models import Proof

TASKS = 5  # of each officer
EVERY = 40  # ticks
WORK = """
SELECT id, lon, lat FROM reports_report WHERE city_id = %s AND agency_id = %s AND status = ANY(%s)
    AND assignee_id IS NULL AND NOT private ORDER BY created_at DESC LIMIT %s
"""
MINE = "SELECT count(*) FROM reports_report WHERE city_id = %s AND assignee_id = %s AND status = ANY(%s)"
WAITING = ["routed", "accepted"]


def seed(city: CityFacts) -> None:
    """Tasks for the officers of two agencies, and their first proofs; nothing where there are proofs already."""
    if Proof.objects.filter(city_id=city.id).exists():
        return
    dice = Random(f"{city.slug} proof")
    for officer, head in list(_pairs(city))[:2]:
        for kind, (report, lon, lat) in enumerate(_some(city, officer, ["in_progress"], 6)):
            _prove(city, officer, report, (lon, lat), kind, dice)
        _assign(city, officer, head, TASKS)


def turn(city: CityFacts, tick: int) -> None:
    """Now and then a head hands out what has come in."""
    if tick % EVERY:
        return
    for officer, head in list(_pairs(city))[:2]:
        mine = fetch_all(MINE, [city.id, officer.user_id, [*WAITING, "in_progress", "reopened"]])[0][0]
        _assign(city, officer, head, TASKS - mine)


def _pairs(city: CityFacts) -> Iterator[tuple[Membership, Membership]]:
    """An officer and the head of each agency that has both."""
    people = list(Membership.objects.filter(city_id=city.id, active=True).order_by("id"))
    heads = {one.agency_id: one for one in people if one.role == Role.HEAD}
    seen: set[int | None] = set()
    for one in people:
        if one.role == Role.OFFICER and one.agency_id in heads and one.agency_id not in seen:
            seen.add(one.agency_id)
            yield one, heads[one.agency_id]


def _some(city: CityFacts, officer: Membership, states: list[str], most: int) -> list[tuple[int, float, float]]:
    return [(row[0], row[1], row[2]) for row in fetch_all(WORK, [city.id, officer.agency_id, states, max(most, 0)])]


def _assign(city: CityFacts, officer: Membership, head: Membership, most: int) -> None:
    for report, _lon, _lat in _some(city, officer, WAITING, most):
        try:
            move(city=city, report_id=report, verb="assign", by=Mover(head), person=officer.user_id)
        except Refused:
            continue


def _prove(city: CityFacts, officer: Membership, report: int, at: tuple[float, float], kind: int, dice: Random) -> None:
    """0-2 honest; 3 from far away; 4 without its code and with an old photo; 5 with somebody else's picture."""
    uuid = UUID(int=dice.getrandbits(128), version=4)
    lon, lat = at[0] + dice.gauss(0, 1e-4), at[1] + dice.gauss(0, 1e-4)
    evidence = Evidence(
        token="" if kind == 4 else issue(city.id, officer.user_id, report).token,
        place=(lon + 0.03, lat) if kind == 3 else (lon, lat),
        accuracy=dice.uniform(4, 20),
        taken_at=now() - timedelta(days=2) if kind == 4 else now(),
        pressed=now(),
    )
    words = "Sudah dikerjakan, lokasi sudah bersih dan aman."
    photos = _photos(city, uuid, 1 if kind == 5 else kind)
    try:
        resolve(city=city, report_id=report, by=officer, evidence=evidence, words=words, photo=photos, uuid=uuid)
    except Refused:
        return


def _photos(city: CityFacts, uuid: UUID, number: int) -> list[StoredPhoto]:
    return store_photos(city.id, uuid, [picture(number, fixed=True)])
