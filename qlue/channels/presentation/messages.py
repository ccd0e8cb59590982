"""What the message desk says of messages and accounts."""

from dataclasses import dataclass

from django.urls import reverse

from qlue.channels.presentation.labels import CHANNEL_LABELS, PROVIDER_LABELS, REFUSAL_LABELS, STATE_LABELS
from qlue.channels.providers import channel_of
from qlue.channels.queries.accounts import AccountStatus
from qlue.channels.records import MessageRecord, WebhookRecord
from qlue.cities.facts import CityFacts


@dataclass(frozen=True)
class StateBadge:
    """Colour, icon and label of a message's state."""

    colour: str
    icon: str
    label: object


@dataclass(frozen=True)
class MessageCard:
    """A message on the desk; `address` is masked for those who may not know who reported."""

    message: MessageRecord
    channel_icon: str
    channel_label: object
    badge: StateBadge
    address: str
    report_url: str


@dataclass(frozen=True)
class WebhookCard:
    """A request in quarantine; `body` is "" for those who may not know who reported."""

    webhook: WebhookRecord
    channel_icon: str
    channel_label: object
    badge: StateBadge
    body: str


def message_cards(city: CityFacts, messages: list[MessageRecord], is_clear: bool) -> list[MessageCard]:
    return [message_card(city, message, is_clear) for message in messages]


def message_card(city: CityFacts, message: MessageRecord, is_clear: bool) -> MessageCard:
    """`is_clear`: this member may know who reported, so the address is shown."""
    icon, label = CHANNEL_LABELS[channel_of(message.kind)]
    address = message.address
    return MessageCard(
        message,
        channel_icon=icon,
        channel_label=label,
        badge=StateBadge(*STATE_LABELS[message.state]),
        address=address if is_clear or not address else mask_address(address),
        report_url=reverse("case", kwargs={"city_slug": city.slug, "code": message.code}) if message.code else "",
    )


def webhook_card(webhook: WebhookRecord, is_clear: bool) -> WebhookCard:
    """`is_clear`: this member may know who reported, so the raw request is shown."""
    icon, label = CHANNEL_LABELS[channel_of(webhook.kind)]
    # Shown to people, so bytes that are no UTF-8 become signs of replacement instead of an error.
    body = bytes(webhook.body).decode("utf-8", "replace") if is_clear else ""
    return WebhookCard(webhook, icon, label, StateBadge(*STATE_LABELS["quarantine"]), body)


@dataclass(frozen=True)
class AccountCard:
    """An account for the desk; `refusals` are pairs of reason and how many requests it turned away."""

    status: AccountStatus
    icon: str
    label: object
    is_failing: bool
    refusals: tuple[tuple[object, int], ...]


def account_card(status: AccountStatus) -> AccountCard:
    """Red while it fails, with since when and why, and what was turned away."""
    return AccountCard(
        status,
        icon=CHANNEL_LABELS[channel_of(status.kind)][0],
        label=PROVIDER_LABELS[status.kind],
        is_failing=bool(status.health and status.health.failures),
        refusals=tuple((REFUSAL_LABELS.get(tally.reason, tally.reason), tally.count) for tally in status.refusals),
    )


def mask_address(address: str) -> str:
    """Enough to tell two people apart: what those see who may not know who reported."""
    # Six characters of a short address would give it away.
    return f"{address[:4]}…{address[-2:]}" if len(address) > 8 else "…"
