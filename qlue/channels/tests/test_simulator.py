"""The simulated residents really report."""

from random import Random
from urllib.parse import urlsplit

import pytest

from qlue.channels.models import ChannelAccount, Outbound, RawWebhook
from qlue.channels.tests.exchange import run_jobs
from qlue.demo.simulator import residents
from qlue.demo.simulator.connection import connect_city, receive_broken_webhook
from qlue.demo.simulator.residents import ResidentTown, answer_questions, begin_chat, post_call_event, report_by_sms
from qlue.reports.models import Report


@pytest.fixture
def town(client, makassar, lines, monkeypatch):
    def ask(town, kind, query, body, headers):
        address = f"/{town.city.slug}/webhook/{kind}/{query}"
        if body is None:
            return client.get(address).status_code
        return client.post(address, body, content_type="application/json", headers=headers).status_code

    monkeypatch.setattr(residents, "_call_webhook", ask)
    return ResidentTown(
        makassar, lines.url, lines, lambda slug, dice: f"Ada masalah {slug} sejak kemarin sore", Random(3)
    )


def test_they_write_answer_and_acknowledge(makassar, town):
    assert [report_by_sms(town), report_by_sms(town), begin_chat(town)] == [200, 200, 200]
    for _ in range(10):
        run_jobs(makassar)
        answer_questions(town)
    run_jobs(makassar)
    assert sorted(Report.objects.values_list("channel", flat=True)) == ["sms", "sms", "whatsapp"]
    assert set(Outbound.objects.values_list("state", flat=True)) <= {"delivered", "read"}
    assert post_call_event(town, "ringing", "c1", "+62411") == 200


def test_real_accounts_are_left_alone(makassar, lines):
    ChannelAccount.objects.filter(kind="kannel").update(settings={"url": "https://sms.example/sendsms"})
    assert "kannel" not in connect_city(makassar, lines)
    assert urlsplit(ChannelAccount.objects.get(kind="kannel").settings["url"]).hostname == "sms.example"


def test_one_broken_envelope_is_made_once(makassar, lines):
    for _ in range(2):
        receive_broken_webhook(makassar)
    run_jobs(makassar)
    assert RawWebhook.objects.get().state == "quarantine"
