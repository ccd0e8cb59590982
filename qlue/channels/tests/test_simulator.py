"""The simulated residents really report."""

from random import Random
from urllib.parse import urlsplit

import pytest

from qlue.channels.actions.trying import break_one, connect
from qlue.channels.models import Envelope, Line, Outbound
from qlue.channels.simulator import residents
from qlue.channels.simulator.residents import Town, answer_questions, chat, exchange_event, sms
from qlue.channels.tests.exchange import settle
from qlue.reports.models import Report


@pytest.fixture
def town(client, makassar, lines, monkeypatch):
    def ask(town, kind, query, body, headers):
        address = f"/{town.city.slug}/webhook/{kind}/{query}"
        if body is None:
            return client.get(address).status_code
        return client.post(address, body, content_type="application/json", headers=headers).status_code

    monkeypatch.setattr(residents, "_ask", ask)
    return Town(makassar, lines.url, lines, lambda slug, dice: f"Ada masalah {slug} sejak kemarin sore", Random(3))


def test_they_write_answer_and_acknowledge(makassar, town):
    assert [sms(town), sms(town), chat(town)] == [200, 200, 200]
    for _ in range(10):
        settle(makassar)
        answer_questions(town)
    settle(makassar)
    assert sorted(Report.objects.values_list("channel", flat=True)) == ["sms", "sms", "whatsapp"]
    assert set(Outbound.objects.values_list("state", flat=True)) <= {"delivered", "read"}
    assert exchange_event(town, "ringing", "c1", "+62411") == 200


def test_real_accounts_are_left_alone(makassar, lines):
    Line.objects.filter(kind="kannel").update(settings={"url": "https://sms.example/sendsms"})
    assert "kannel" not in connect(makassar, lines)
    assert urlsplit(Line.objects.get(kind="kannel").settings["url"]).hostname == "sms.example"


def test_one_broken_envelope_is_made_once(makassar, lines):
    for _ in range(2):
        break_one(makassar)
    settle(makassar)
    assert Envelope.objects.get().state == "quarantine"
