"""What pages say of emergencies and of the addresses where members are called."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext_lazy

from qlue.channels.models import AlertContact
from qlue.channels.presentation.labels import CHANNEL_LABELS
from qlue.channels.providers import channel_of
from qlue.channels.queries.alerts import call_chain
from qlue.channels.records import AlertRecord
from qlue.cities.facts import CityFacts
from qlue.work.queries.names import user_names

STEP_LABELS = {
    "duty": gettext_lazy("those on duty"),
    "head": gettext_lazy("heads of the agency"),
    "operator": gettext_lazy("operators"),
    "mayor": gettext_lazy("city leadership"),
}


@dataclass(frozen=True)
class AlertCard:
    """An emergency on a page. `called_steps` names the steps of the call chain so far; people's names may be ""."""

    alert: AlertRecord
    title: str
    area_name: str
    called_steps: str
    taken_by: str
    raised_by: str


def alert_cards(city: CityFacts, alerts: list[AlertRecord]) -> list[AlertCard]:
    """With the names of those who raised and took them: one query for all."""
    names = user_names(user_id for alert in alerts for user_id in (alert.taken_by_id, alert.raised_by_id))
    return [alert_card(city, alert, names) for alert in alerts]


def alert_card(city: CityFacts, alert: AlertRecord, names: Mapping[int, str]) -> AlertCard:
    # Labels are looked up here, not joined: categories and areas lie in memory.
    area = city.areas.get(alert.area_id or 0)
    called_steps = call_chain(city)[: alert.rung]
    return AlertCard(
        alert,
        title=city.categories[alert.category_id].label,
        area_name=area.name if area else "",
        called_steps=", ".join(str(STEP_LABELS[step.tell]) for step in called_steps),
        taken_by=names.get(alert.taken_by_id or 0, ""),
        raised_by=names.get(alert.raised_by_id or 0, ""),
    )


@dataclass(frozen=True)
class ContactCard:
    """A row of the member's own list of addresses."""

    id: int
    icon: str
    label: object
    address: str


def contact_card(contact: AlertContact) -> ContactCard:
    icon, label = CHANNEL_LABELS[channel_of(contact.kind)]
    # A browser's address is long and secret, and says nothing to its owner.
    return ContactCard(contact.pk, icon, label, "" if contact.kind == "push" else contact.address)
