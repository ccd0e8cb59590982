"""Connects a city to the simulated provider, and gives its own accounts back."""

from qlue.channels.actions import WebhookRequest
from qlue.channels.actions.accounts import save_account
from qlue.channels.actions.inbox import store_webhook
from qlue.channels.models import ChannelAccount, RawWebhook
from qlue.cities.facts import CityFacts
from qlue.demo.simulator.provider import SimulatedProvider

BROKEN_BODY = b'{"object": "whatsapp_business_account", "entry": [{"id": "10222", "changes": [{"val'
SIMULATED_KINDS = ("whatsapp", "kannel", "cti")


def connect_city(city: CityFacts, provider: SimulatedProvider, kinds: tuple[str, ...] = SIMULATED_KINDS) -> list[str]:
    """Connects kinds without a real account to the simulator; returns those kinds. In the city's scope."""
    kinds_connected = []
    for kind in kinds:
        account = ChannelAccount.objects.filter(city_id=city.id, kind=kind).first()
        if account is None or "api" in account.settings:  # the page never writes `api`, so this one is not a person's
            save_account(city, kind, provider.account(kind))
            kinds_connected.append(kind)
    return kinds_connected


def current_accounts(city: CityFacts) -> dict[str, ChannelAccount]:
    """The accounts as they are now, for `restore_accounts`."""
    return {account.kind: account for account in ChannelAccount.objects.filter(city_id=city.id)}


def restore_accounts(city: CityFacts, kinds: list[str], previous: dict[str, ChannelAccount]) -> None:
    """Puts the accounts back as they were; those that were none are switched off."""
    for kind in kinds:
        if kind in previous:
            previous[kind].save()
        else:
            ChannelAccount.objects.filter(city_id=city.id, kind=kind).update(active=False)


def receive_broken_webhook(city: CityFacts) -> None:
    """Stores a truncated request, once: something to see in quarantine."""
    if not RawWebhook.objects.filter(city_id=city.id, kind="whatsapp", body=BROKEN_BODY).exists():
        store_webhook(city, "whatsapp", WebhookRequest("POST", "", "", {}, BROKEN_BODY))
