"""Proof of work in the demo: officers with tasks of their own, honest proofs, and a few that look suspicious."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from random import Random
from uuid import UUID

from qlue.cities.facts import CityFacts
from qlue.demo.pictures import draw_scene
from qlue.kit.clock import now
from qlue.kit.db import fetch_all
from qlue.people.models import Membership, Role
from qlue.reports.actions import ActionRefused, Actor, StoredPhoto, store_photos, transition
from qlue.reports.records import REPORTS
from qlue.reports.states import ReportStatus
from qlue.work.actions import Evidence, issue_challenge, resolve_with_proof
from qlue.work.models import Proof

TASKS = 5  # of each officer
ASSIGN_EVERY = 40  # ticks
UNASSIGNED = f"""
SELECT id, lon, lat FROM {REPORTS} AS report WHERE city_id = %s AND agency_id = %s AND status = ANY(%s)
    AND assignee_id IS NULL AND NOT private ORDER BY created_at DESC LIMIT %s
"""
COUNT_ASSIGNED = (
    f"SELECT count(*) FROM {REPORTS} AS report WHERE city_id = %s AND assignee_id = %s AND status = ANY(%s)"
)
WAITING = [ReportStatus.ROUTED, ReportStatus.ACCEPTED]


def seed_proofs(city: CityFacts) -> None:
    """Tasks for the officers of two agencies, and their first proofs; nothing where there are proofs already."""
    if Proof.objects.filter(city_id=city.id).exists():
        return
    dice = Random(f"{city.slug} proof")
    for officer, head in list(_officers_with_heads(city))[:2]:
        for kind, (report, lon, lat) in enumerate(_unassigned_reports(city, officer, ["in_progress"], 6)):
            _submit_proof(city, officer, report, (lon, lat), kind, dice)
        _assign_reports(city, officer, head, TASKS)


def tick_proofs(city: CityFacts, tick: int) -> None:
    """Now and then a head assigns what has come in."""
    if tick % ASSIGN_EVERY:
        return
    for officer, head in list(_officers_with_heads(city))[:2]:
        assigned_reports = fetch_all(COUNT_ASSIGNED, [city.id, officer.user_id, [*WAITING, "in_progress", "reopened"]])[
            0
        ][0]
        _assign_reports(city, officer, head, TASKS - assigned_reports)


def _officers_with_heads(city: CityFacts) -> Iterator[tuple[Membership, Membership]]:
    """An officer and the head of each agency that has both."""
    people = list(Membership.objects.filter(city_id=city.id, active=True).order_by("id"))
    heads = {member.agency_id: member for member in people if member.role == Role.HEAD}
    agencies: set[int | None] = set()
    for member in people:
        if member.role == Role.OFFICER and member.agency_id in heads and member.agency_id not in agencies:
            agencies.add(member.agency_id)
            yield member, heads[member.agency_id]


def _unassigned_reports(
    city: CityFacts, officer: Membership, states: Sequence[str], most: int
) -> list[tuple[int, float, float]]:
    rows = fetch_all(UNASSIGNED, [city.id, officer.agency_id, states, max(most, 0)])
    return [(report, lon, lat) for report, lon, lat in rows]


def _assign_reports(city: CityFacts, officer: Membership, head: Membership, most: int) -> None:
    for report, _lon, _lat in _unassigned_reports(city, officer, WAITING, most):
        try:
            transition(city=city, report_id=report, verb="assign", actor=Actor(head), person=officer.user_id)
        except ActionRefused:
            continue


def _submit_proof(
    city: CityFacts, officer: Membership, report: int, at: tuple[float, float], kind: int, dice: Random
) -> None:
    """`kind` 0 to 2: honest; 3: from far away; 4: without its code and with an old photo; 5: with another's picture."""
    uuid = UUID(int=dice.getrandbits(128), version=4)
    lon, lat = at[0] + dice.gauss(0, 1e-4), at[1] + dice.gauss(0, 1e-4)
    evidence = Evidence(
        token="" if kind == 4 else issue_challenge(city.id, officer.user_id, report).token,
        place=(lon + 0.03, lat) if kind == 3 else (lon, lat),
        accuracy=dice.uniform(4, 20),
        taken_at=now() - timedelta(days=2) if kind == 4 else now(),
        pressed_at=now(),
    )
    words = "Sudah dikerjakan, lokasi sudah bersih dan aman."
    photos = _proof_photos(city, uuid, 1 if kind == 5 else kind)
    try:
        resolve_with_proof(
            city=city, report_id=report, actor=officer, evidence=evidence, words=words, photo=photos, uuid=uuid
        )
    except ActionRefused:
        return


def _proof_photos(city: CityFacts, uuid: UUID, number: int) -> list[StoredPhoto]:
    return store_photos(city.id, uuid, [draw_scene(number, is_repaired=True)])
