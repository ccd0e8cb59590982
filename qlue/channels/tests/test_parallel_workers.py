"""Real commits, several workers: still exactly one report, and what is too large stays outside."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from django.db import connection
from django.utils import translation

from qlue.channels.actions.accounts import save_account
from qlue.channels.actions.inbox import reschedule_stale
from qlue.channels.models import Inbound, RawWebhook, RefusedRequest
from qlue.channels.tests.exchange import body, get_sms, post_wa, run_jobs, said
from qlue.cities.facts import city_facts
from qlue.kit.clock import now
from qlue.kit.db import enter_city
from qlue.reports.models import Report


def test_four_workers_at_once_make_one_report(committed_db, client, provider):
    city = city_facts("makassar")
    assert city
    enter_city(city.id)
    for kind in ("whatsapp", "kannel"):
        save_account(city, kind, provider.account(kind))
    for _ in range(2):
        get_sms(client, "LAPOR sampah menumpuk di kel. Mattoangin", number="once", at="1790000000")
    for n in range(3):
        post_wa(client, body(said("LAPOR sampah menumpuk di kel. Mattoangin", number="wamid.ONCE"), name=f"{n}"))

    def work(_n):
        enter_city(city.id)
        with translation.override("id"):
            run_jobs(city)
        connection.close()

    with ThreadPoolExecutor(4) as workers:
        list(workers.map(work, range(4)))
    enter_city(city.id)
    with translation.override("id"):
        run_jobs(city)
    assert Inbound.objects.count() == 2
    assert Report.objects.count() == 1  # the chat still asks for a photo
    assert len(provider.accepted) == 2


def test_a_body_without_end_is_refused_and_counted(client, makassar, lines):
    assert post_wa(client, b"x" * 3_000_000, signature="").status_code == 413
    assert RefusedRequest.objects.get().reason == "too-large"


def test_what_was_left_lying_is_picked_up(client, makassar, lines):
    get_sms(client, "BANTUAN")
    assert reschedule_stale(makassar) == 0
    RawWebhook.objects.update(received_at=now() - timedelta(minutes=6))
    assert reschedule_stale(makassar) == 1
