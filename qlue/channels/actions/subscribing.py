"""Which browsers and chats hear of a report."""

from typing import Any

from qlue.channels.models import Subscriber
from qlue.cities.facts import CityFacts
from qlue.kit.clock import now

MOST = 20  # of a report's own reporter; a family has fewer telephones


def subscribe(
    city: CityFacts, report_id: int, kind: str, address: str, extra: dict[str, Any], role: str = "reporter"
) -> None:
    """Once per address; whoever holds the reporter's link stays the reporter. In the city's scope."""
    same = {"city_id": city.id, "report_id": report_id, "kind": kind, "address": address}
    fresh: dict[str, Any] = {"extra": extra, "created_at": now(), "waits": False}
    reporter = fresh | ({"role": role} if role == "reporter" else {})
    Subscriber.objects.update_or_create(**same, defaults=reporter, create_defaults=fresh | {"role": role})
    if role == "reporter":
        _drop_oldest(city, report_id)


def _drop_oldest(city: CityFacts, report_id: int) -> None:
    found = Subscriber.objects.filter(city_id=city.id, report_id=report_id, role="reporter")
    too_many = list(found.order_by("-created_at", "-id").values_list("id", flat=True)[MOST:])
    if too_many:
        Subscriber.objects.filter(city_id=city.id, id__in=too_many).delete()


def unsubscribe(city: CityFacts, report_id: int, kind: str, address: str) -> None:
    """Nothing where there was nobody."""
    Subscriber.objects.filter(city_id=city.id, report_id=report_id, kind=kind, address=address).delete()
