"""Who wants to hear of a report."""

from typing import Any

from qlue.channels.models import Subscriber
from qlue.cities.facts import CityFacts
from qlue.kit.clock import now

MOST = 20  # subscribers of one report; a family has fewer telephones


def subscribe(city: CityFacts, report_id: int, kind: str, address: str, extra: dict[str, Any]) -> None:
    """Once per address; of too many the oldest goes. In the city's scope."""
    Subscriber.objects.update_or_create(
        city_id=city.id,
        report_id=report_id,
        kind=kind,
        address=address,
        defaults={"extra": extra, "created_at": now()},
    )
    found = Subscriber.objects.filter(city_id=city.id, report_id=report_id).order_by("-created_at", "-id")
    extra_ones = list(found.values_list("id", flat=True)[MOST:])
    if extra_ones:
        Subscriber.objects.filter(city_id=city.id, id__in=extra_ones).delete()


def unsubscribe(city: CityFacts, report_id: int, kind: str, address: str) -> None:
    """Nothing where there was nobody."""
    Subscriber.objects.filter(city_id=city.id, report_id=report_id, kind=kind, address=address).delete()
