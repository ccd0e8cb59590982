"""What the doctor says."""

from datetime import timedelta
from random import Random

import psycopg
import pytest
from django.db import transaction

from qlue.channels.actions.accounts import count_refusal, record_failure
from qlue.channels.actions.alerts import escalate_alerts, raise_alert
from qlue.channels.actions.outbox import queue_message
from qlue.channels.health import findings
from qlue.channels.models import Outbound, RawWebhook
from qlue.channels.providers.contract import OutgoingMessage
from qlue.cities.facts import city_facts
from qlue.kit.clock import now
from qlue.kit.db import in_city
from qlue.reports.tests.making import handed_in


@pytest.fixture
def told(committed_db, owner_url):
    def tell():
        with psycopg.connect(owner_url) as connection:
            return [(one.state, one.text) for one in findings(connection)]

    return tell


def test_all_is_well(told):
    assert told() == [("good", "0 messages wait to be sent")]


def test_what_somebody_should_look_at(told):
    city = city_facts("makassar")
    assert city
    with in_city(city.id), transaction.atomic():
        raise_alert(city, handed_in(city).id)
        escalate_alerts(city, now() + timedelta(hours=1))
        record_failure(city.id, "kannel", "503 down", now(), Random(1))
        queue_message(city, key="a", kind="kannel", address="1", message=OutgoingMessage("x"))
        Outbound.objects.update(state="gave_up")
        RawWebhook.objects.create(city_id=city.id, kind="kannel", digest="d", received_at=now(), state="quarantine")
        for _ in range(100):
            count_refusal(city, "kannel", "signature")
    states = [words for state, words in told() if state == "note"]
    assert states[0].startswith("makassar: kannel failed 1 times")
    assert states[1:] == [
        "1 emergencies climbed the whole ladder and nobody took them",
        "1 messages could not be delivered",
        "1 in quarantine",
        "100 wrongly signed requests in two days",
    ]
