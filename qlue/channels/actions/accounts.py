"""Accounts with providers: store one, count what was turned away, record how sending goes."""

import json
import random
from datetime import datetime, timedelta

from qlue.channels.models import ChannelAccount
from qlue.channels.providers import PROVIDERS
from qlue.cities.facts import CityFacts
from qlue.kit.clock import now
from qlue.kit.db import execute, fetch_all, fetch_value
from qlue.kit.seal import UnsealError, seal, unseal

FAILURES_BEFORE_REST = 3  # in a row; then nothing is sent through this account for a while
LONGEST_REST = timedelta(minutes=15)


def save_account(city: CityFacts, kind: str, values: dict[str, str], *, active: bool = True) -> ChannelAccount:
    """Stores an account: secrets sealed, and an empty secret keeps the one before. In the city's scope."""
    provider = PROVIDERS[kind]
    account = ChannelAccount.objects.filter(city_id=city.id, kind=kind).first()
    account = account or ChannelAccount(city_id=city.id, kind=kind)
    stored_secrets = _unsealed_secrets(account)
    secrets = {name: values.get(name) or stored_secrets.get(name, "") for name in provider.secrets}
    account.settings = {name: values.get(name, default) for name, default in provider.fields.items()}
    # Only the simulator sets `api`: no form has this field, so nobody can lead a provider's traffic elsewhere.
    if api := values.get("api"):
        account.settings["api"] = api
    account.sealed, account.active, account.updated_at = seal(json.dumps(secrets)), active, now()
    account.save()
    return account


def _unsealed_secrets(account: ChannelAccount) -> dict[str, str]:
    try:
        secrets = json.loads(unseal(account.sealed)) if account.sealed else {}
    except UnsealError:  # sealed under an earlier key of the installation; all secrets have to be entered again
        return {}
    return {str(name): str(value) for name, value in secrets.items()}


COUNT_REFUSAL = """
INSERT INTO channels_refusal AS r (city_id, kind, reason, day, n, last_at) VALUES (%s, %s, %s, %s, 1, %s)
ON CONFLICT (city_id, kind, reason, day) DO UPDATE SET n = r.n + 1, last_at = excluded.last_at
"""


def count_refusal(city: CityFacts, kind: str, reason: str) -> None:
    """Counts a request that was turned away, for the desk and `qlue doctor`. In the city's scope."""
    at = now()
    execute(COUNT_REFUSAL, [city.id, kind, reason, at.astimezone(city.tz).date(), at])


NOTIFY = "SELECT pg_notify('qlue_live', json_build_object(%s::text, json_build_array(%s::text))::text)"


def notify_desks(city: CityFacts, topic: str = "messages") -> None:
    """Tells open pages that listen to `topic` to load themselves again; sent when the transaction commits."""
    fetch_all(NOTIFY, [city.slug, topic])


RECORD_SUCCESS = """
INSERT INTO channels_linehealth (city_id, kind, failures, last_error, last_good)
VALUES (%(city)s, %(kind)s, 0, '', %(at)s)
ON CONFLICT (city_id, kind) DO UPDATE
SET failures = 0, failing_since = NULL, rests_until = NULL, last_error = '', last_good = excluded.last_good
"""
RECORD_FAILURE = """
INSERT INTO channels_linehealth AS h (city_id, kind, failures, failing_since, last_error)
VALUES (%(city)s, %(kind)s, 1, %(at)s, %(error)s)
ON CONFLICT (city_id, kind) DO UPDATE SET failures = h.failures + 1,
    failing_since = coalesce(h.failing_since, excluded.failing_since), last_error = excluded.last_error
RETURNING failures
"""
SET_REST = "UPDATE channels_linehealth SET rests_until = %s WHERE city_id = %s AND kind = %s"


def record_success(city_id: int, kind: str, at: datetime) -> None:
    """The provider answered: the account no longer rests."""
    execute(RECORD_SUCCESS, {"city": city_id, "kind": kind, "at": at})


def record_failure(city_id: int, kind: str, error: str, at: datetime, random_source: random.Random) -> None:
    """The provider did not answer, or refused us; after some failures in a row the account rests."""
    failures = int(fetch_value(RECORD_FAILURE, {"city": city_id, "kind": kind, "at": at, "error": error[:300]}))
    if failures >= FAILURES_BEFORE_REST:
        rest = min(timedelta(seconds=30) * 2 ** min(failures - FAILURES_BEFORE_REST, 10), LONGEST_REST)
        # Jitter, so that the accounts of all cities do not come back to the provider in the same second.
        execute(SET_REST, [at + rest * random_source.uniform(0.75, 1.25), city_id, kind])
