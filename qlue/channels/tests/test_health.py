"""What the doctor says."""

from datetime import timedelta
from random import Random

import psycopg
import pytest
from django.db import transaction

from qlue.channels.actions.alerts import climb_alerts, raise_alert
from qlue.channels.actions.lines import refuse, went_wrong
from qlue.channels.actions.outbox import queue
from qlue.channels.health import findings
from qlue.channels.models import Envelope, Outbound
from qlue.channels.wires.contract import Letter
from qlue.cities.facts import city_facts
from qlue.kit.clock import now
from qlue.kit.db import in_city
from qlue.reports.tests.making import handed_in


@pytest.fixture
def told(committed_db, owner_url):
    def tell():
        with psycopg.connect(owner_url) as connection:
            return [(one.state, one.words) for one in findings(connection)]

    return tell


def test_all_is_well(told):
    assert told() == [("good", "0 messages wait to be sent")]


def test_what_somebody_should_look_at(told):
    city = city_facts("makassar")
    assert city
    with in_city(city.id), transaction.atomic():
        raise_alert(city, handed_in(city).id)
        climb_alerts(city, now() + timedelta(hours=1))
        went_wrong(city.id, "kannel", "503 down", now(), Random(1))
        queue(city, key="a", kind="kannel", address="1", letter=Letter("x"))
        Outbound.objects.update(state="gave_up")
        Envelope.objects.create(city_id=city.id, kind="kannel", digest="d", received_at=now(), state="quarantine")
        for _ in range(100):
            refuse(city, "kannel", "signature")
    states = [words for state, words in told() if state == "note"]
    assert states[0].startswith("makassar: kannel failed 1 times")
    assert states[1:] == [
        "1 emergencies climbed the whole ladder and nobody took them",
        "1 messages could not be delivered",
        "1 in quarantine",
        "100 wrongly signed requests in two days",
    ]
