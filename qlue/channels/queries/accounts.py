"""Accounts with providers: the one to send with, and an overview of how each of them does."""

import json
import os
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings

from qlue.channels.models import ChannelAccount
from qlue.channels.providers import CONFIGURABLE_KINDS, PROVIDERS
from qlue.channels.providers.contract import Account
from qlue.channels.records import AccountBacklog, AccountHealth, RefusalTally
from qlue.cities.facts import CityFacts
from qlue.kit.clock import now
from qlue.kit.db import columns, fetch_records
from qlue.kit.seal import UnsealError, unseal

REFUSAL_DAYS = 7


def account_of(city: CityFacts, kind: str) -> Account | None:
    """The account to use a provider with; None where the city has none. In the city's scope.

    The environment's `QLUE_LINE_MAKASSAR_WHATSAPP={"token": "..."}` overrides what was entered on the page.
    """
    # Mail and push belong to the installation, so there is nothing that a city could enter.
    if kind == "mail":
        return Account(city.slug, kind, {}) if settings.EMAIL_HOST else None
    if kind == "push":
        return Account(city.slug, kind, {})
    if values := environment_account(city, kind):
        return Account(city.slug, kind, values)
    account = ChannelAccount.objects.filter(city_id=city.id, kind=kind, active=True).first()
    return Account(city.slug, kind, _account_values(account)) if account else None


def environment_account(city: CityFacts, kind: str) -> dict[str, str]:
    """The values in the environment; {} where there are none, or they are not JSON."""
    text = os.environ.get(f"QLUE_LINE_{city.slug}_{kind}".upper().replace("-", "_"), "")
    try:
        values = json.loads(text) if text else {}
    except ValueError:
        return {}
    return {str(name): str(value) for name, value in values.items()} if isinstance(values, dict) else {}


def _account_values(account: ChannelAccount) -> dict[str, str]:
    """With its secrets, unsealed. Those that were sealed under another key are missing; the provider will say so."""
    try:
        secrets = json.loads(unseal(account.sealed)) if account.sealed else {}
    except UnsealError:
        secrets = {}
    values: dict[str, str] = account.settings | secrets
    return values


HEALTH = f"""
SELECT {columns(AccountHealth)} FROM channels_linehealth WHERE city_id = %s
"""
REFUSALS = """
SELECT kind, reason, sum(n)::int AS count FROM channels_refusal WHERE city_id = %s AND day >= %s
GROUP BY kind, reason ORDER BY kind, reason
"""
BACKLOG = """
SELECT kind, count(*) FILTER (WHERE state <> 'gave_up') AS waiting, count(*) FILTER (WHERE state = 'gave_up') AS lost
FROM channels_outbound WHERE city_id = %s AND state IN ('queued', 'sending', 'failed_for_now', 'gave_up') GROUP BY kind
"""


@dataclass(frozen=True)
class AccountStatus:
    """One account that a city could have: whether it is connected, how it does, what waits, what was refused.

    `account` is what was entered on the page, None where nothing was; `is_configurable`: whether it can be entered.
    """

    kind: str
    account: ChannelAccount | None
    is_from_environment: bool
    is_configurable: bool
    is_connected: bool
    health: AccountHealth | None
    backlog: AccountBacklog | None
    refusals: tuple[RefusalTally, ...]


def account_overview(city: CityFacts) -> list[AccountStatus]:
    """Every account that the city could have: the page of accounts offers those that are not connected, too."""
    accounts = {account.kind: account for account in ChannelAccount.objects.filter(city_id=city.id)}
    health = {record.kind: record for record in fetch_records(AccountHealth, HEALTH, [city.id])}
    backlog = {record.kind: record for record in fetch_records(AccountBacklog, BACKLOG, [city.id])}
    refusals = _list_refusals(city)
    overview = []
    for kind in PROVIDERS:
        is_from_environment = bool(environment_account(city, kind))
        status = AccountStatus(
            kind,
            account=accounts.get(kind),
            is_from_environment=is_from_environment,
            is_configurable=kind in CONFIGURABLE_KINDS,
            is_connected=is_from_environment or account_of(city, kind) is not None,
            health=health.get(kind),
            backlog=backlog.get(kind),
            refusals=tuple(tally for tally in refusals if tally.kind == kind),
        )
        overview.append(status)
    return overview


def _list_refusals(city: CityFacts) -> list[RefusalTally]:
    since = now().date() - timedelta(days=REFUSAL_DAYS)
    return fetch_records(RefusalTally, REFUSALS, [city.id, since])
