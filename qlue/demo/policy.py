"""What the demo city has tried, and recommendations computed on its ninety days; its mayor accepts one."""

from datetime import timedelta
from uuid import UUID, uuid5

from qlue.cities.facts import CityFacts
from qlue.insight.actions.decisions import RecordedAction, accept_option, record_action
from qlue.insight.actions.enqueue import enqueue_compute
from qlue.insight.models import Decision, Option, Run
from qlue.insight.queries.library import find_intervention
from qlue.insight.states import DecisionState
from qlue.kit.clock import now
from qlue.people.models import Membership, Role

# Uuids made from names: a second start records nothing twice.
UUID_NAMESPACE = UUID("5e4d5bb2-9a0f-4c6e-8f43-1b1c0d6c7a11")
# Intervention, category, position of the kecamatan, days ago: long enough ago that a result can be measured.
TRIED_ACTIONS = (("jadwal-angkut-tambahan", "sampah", 0, 45), ("jadwal-angkut-tambahan", "sampah", 2, 40))
DECIDE_EVERY = 20  # ticks
NOTE = "Contoh: dicatat oleh demo"


def seed_policy(city: CityFacts) -> None:
    """Once: two recorded actions, then a job that computes; the worker does it while people already look around."""
    if Run.objects.filter(city_id=city.id).exists():
        return
    for slug, category, position, days in TRIED_ACTIONS:
        _record_tried_action(city, slug, category, position, days)
    enqueue_compute(city.slug)


def _record_tried_action(city: CityFacts, slug: str, category: str, position: int, days: int) -> None:
    intervention, problem = find_intervention(city, slug), city.category(category)
    if intervention is None or problem is None or position >= len(city.kecamatan):
        return
    starts = (now() - timedelta(days=days)).astimezone(city.tz).date()
    request = uuid5(UUID_NAMESPACE, f"{city.slug} {slug} {position}")
    action = RecordedAction(
        request=request,
        intervention=slug,
        name=intervention.name,
        category=problem.id,
        areas=[city.kecamatan[position].id],
        starts_on=starts,
        cost=intervention.cost,
        note=NOTE,
    )
    record_action(city, None, action)


def tick_policy(city: CityFacts, tick: int) -> None:
    """The mayor accepts the first recommendation that promises something, once."""
    if tick % DECIDE_EVERY or Decision.objects.filter(city_id=city.id, state=DecisionState.ACCEPTED).exists():
        return
    best = Option.objects.filter(city_id=city.id, avoided__isnull=False).order_by("-run_id", "rank").first()
    mayor = Membership.objects.filter(city_id=city.id, role=Role.MAYOR, active=True).select_related("user").first()
    if best and mayor:
        request = uuid5(UUID_NAMESPACE, f"{city.slug} accepted")
        accept_option(city, best, mayor, starts_on=now().astimezone(city.tz).date(), note=NOTE, request=request)
