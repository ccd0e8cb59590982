"""What the demo city has tried, and recommendations computed on its ninety days; its mayor accepts one."""

from datetime import timedelta
from uuid import UUID, uuid5

from qlue.cities.facts import CityFacts
from qlue.insight.actions.asking import compute_soon
from qlue.insight.actions.decisions import Deed, accept, record_deed
from qlue.insight.models import Decision, Option, Run
from qlue.insight.reading.library import act
from qlue.kit.clock import now
from qlue.people.models import Membership, Role

SPACE = UUID("5e4d5bb2-9a0f-4c6e-8f43-1b1c0d6c7a11")
TRIED = (("jadwal-angkut-tambahan", "sampah", 0, 45), ("jadwal-angkut-tambahan", "sampah", 2, 40))
LOOK_EVERY = 20  # turns
NOTE = "Contoh: dicatat oleh demo"


def seed(city: CityFacts) -> None:
    """Once: two recorded actions, then a job that computes; the worker does it while people already look around."""
    if Run.objects.filter(city_id=city.id).exists():
        return
    for slug, category, at, days in TRIED:
        _try(city, slug, category, at, days)
    compute_soon(city.slug)


def _try(city: CityFacts, slug: str, category: str, at: int, days: int) -> None:
    found, kind = act(city, slug), city.category(category)
    if found is None or kind is None or at >= len(city.kecamatan):
        return
    starts = (now() - timedelta(days=days)).astimezone(city.tz).date()
    request = uuid5(SPACE, f"{city.slug} {slug} {at}")
    area = city.kecamatan[at].id
    record_deed(city, None, Deed(request, slug, found.name, kind.id, [area], starts, found.cost, NOTE))


def turn(city: CityFacts, tick: int) -> None:
    """The mayor accepts the first recommendation that promises something, once."""
    if tick % LOOK_EVERY or Decision.objects.filter(city_id=city.id, state=Decision.State.ACCEPTED).exists():
        return
    best = Option.objects.filter(city_id=city.id, avoided__isnull=False).order_by("-run_id", "rank").first()
    mayor = Membership.objects.filter(city_id=city.id, role=Role.MAYOR, active=True).select_related("user").first()
    if best and mayor:
        request = uuid5(SPACE, f"{city.slug} accepted")
        accept(city, best, mayor, starts_on=now().astimezone(city.tz).date(), note=NOTE, request=request)
