"""Browsers and chats that get the news of a report."""

from typing import Any

from qlue.channels.models import Subscriber
from qlue.cities.facts import CityFacts
from qlue.kit.clock import now

MAX_REPORTER_ADDRESSES = 20  # of a report's own reporter; a family has fewer telephones


def subscribe_address(
    city: CityFacts, report_id: int, kind: str, address: str, extra: dict[str, Any], role: str = "reporter"
) -> None:
    """Adds an address, once per report. Whoever subscribed with the reporter's link stays the reporter."""
    identity = {"city_id": city.id, "report_id": report_id, "kind": kind, "address": address}
    defaults: dict[str, Any] = {"extra": extra, "created_at": now(), "waits": False}
    updates = defaults | ({"role": role} if role == "reporter" else {})
    Subscriber.objects.update_or_create(**identity, defaults=updates, create_defaults=defaults | {"role": role})
    # Only reporters: their number has no limit of its own as that of watchers has.
    if role == "reporter":
        _drop_oldest(city, report_id)


def _drop_oldest(city: CityFacts, report_id: int) -> None:
    subscribers = Subscriber.objects.filter(city_id=city.id, report_id=report_id, role="reporter")
    surplus = list(subscribers.order_by("-created_at", "-id").values_list("id", flat=True)[MAX_REPORTER_ADDRESSES:])
    if surplus:
        Subscriber.objects.filter(city_id=city.id, id__in=surplus).delete()


def unsubscribe_address(city: CityFacts, report_id: int, kind: str, address: str) -> None:
    """Removes an address; nothing happens where it was none."""
    Subscriber.objects.filter(city_id=city.id, report_id=report_id, kind=kind, address=address).delete()
