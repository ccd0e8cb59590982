"""The message desk: what came and went, quarantine with retry, and the lines' accounts."""

from dataclasses import replace

import pytest

from qlue.channels.actions import outbox
from qlue.channels.models import ChannelAccount, Outbound, RawWebhook
from qlue.channels.providers import PROVIDERS
from qlue.channels.providers.contract import WebhookContent
from qlue.channels.providers.whatsapp import WHATSAPP
from qlue.channels.queries.accounts import account_of
from qlue.channels.tests.exchange import body, get_sms, post_wa, run_jobs, said, sign_in


def page(client, tab="masuk"):
    answer = client.get(f"/makassar/pesan/?tab={tab}")
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_desk_shows_what_came_and_what_left(client, makassar, lines):
    get_sms(client, "LAPOR sampah menumpuk di kel. Mattoangin")
    run_jobs(makassar)
    sign_in(client, makassar, "operator")
    assert "sampah menumpuk" in page(client)
    assert "+6281355500017" in page(client)
    assert "MKS-" in page(client, "keluar")
    assert "Tidak ada yang menunggu" in page(client, "gagal")
    assert client.get("/makassar/pesan/?tab=xyz").status_code == 404


def test_who_may_not_know_reporters_sees_masked_numbers(client, makassar, lines):
    get_sms(client, "LAPOR sampah menumpuk di kel. Mattoangin")
    run_jobs(makassar)
    sign_in(client, makassar, "mayor")
    assert "+6281355500017" not in page(client)
    assert "+628…17" in page(client)


def test_quarantine_is_counted_shown_and_read_again(client, makassar, lines, monkeypatch):
    post_wa(client, b"{broken <script>")
    run_jobs(makassar)
    sign_in(client, makassar, "admin")
    shown = page(client, "karantina")
    assert "not JSON" in shown
    assert "<script>" not in shown.partition('id="hasil"')[2].partition("</section>")[0]
    [kept] = RawWebhook.objects.all()
    client.post(f"/makassar/pesan/ulang/amplop/{kept.id}/")
    assert RawWebhook.objects.get().state == "quarantine"
    monkeypatch.setitem(PROVIDERS, "whatsapp", replace(WHATSAPP, parse=lambda query, body: WebhookContent()))
    client.post(f"/makassar/pesan/ulang/amplop/{kept.id}/")
    assert RawWebhook.objects.get().state == "done"


def test_what_is_nothing_can_be_left_aside(client, makassar, lines):
    post_wa(client, b"{}")
    run_jobs(makassar)
    sign_in(client, makassar, "admin")
    client.post(f"/makassar/pesan/ulang/amplop/{RawWebhook.objects.get().id}/", {"drop": "1"})
    assert RawWebhook.objects.get().state == "ignored"


def test_failures_are_seen_and_sent_again(client, makassar, lines):
    lines.mood = lambda n: "down"
    get_sms(client, "BANTUAN")
    run_jobs(makassar)
    Outbound.objects.update(state="gave_up")
    sign_in(client, makassar, "admin")
    assert "503" in page(client, "gagal")
    client.post("/makassar/pesan/ulang/keluar/0/")
    [out] = Outbound.objects.all()
    assert out.state == "queued"
    lines.mood = lambda n: ""
    assert outbox.deliver_message(makassar, out.id) == "sent"


def test_operators_see_but_do_not_manage(client, makassar, lines):
    sign_in(client, makassar, "operator")
    assert client.get("/makassar/pesan/").status_code == 200
    assert client.get("/makassar/pesan/saluran/").status_code == 403
    assert client.post("/makassar/pesan/ulang/keluar/0/").status_code == 403
    sign_in(client, makassar, "officer", "dlh")
    assert client.get("/makassar/pesan/").status_code == 403


def test_an_account_is_entered_sealed_kept_and_switched_off(client, makassar):
    sign_in(client, makassar, "admin")
    given = {"phone_number_id": "1059", "token": "EAAG", "app_secret": "geheim", "verify_token": "v", "active": "on"}
    assert client.get("/makassar/pesan/saluran/whatsapp/").status_code == 200
    assert client.post("/makassar/pesan/saluran/whatsapp/", {"active": "on"}).status_code == 422
    assert client.post("/makassar/pesan/saluran/whatsapp/", given).status_code == 302
    line = ChannelAccount.objects.get()
    assert b"geheim" not in bytes(line.sealed)
    assert "geheim" not in str(line.settings)
    assert "geheim" not in client.get("/makassar/pesan/saluran/whatsapp/").content.decode()
    client.post("/makassar/pesan/saluran/whatsapp/", {"phone_number_id": "7", "active": "on"})
    account = account_of(makassar, "whatsapp")
    assert account
    assert (account["app_secret"], account["phone_number_id"]) == ("geheim", "7")
    client.post("/makassar/pesan/saluran/whatsapp/", {"phone_number_id": "7"})
    assert account_of(makassar, "whatsapp") is None


def test_the_environment_counts_more(makassar, lines, monkeypatch):
    monkeypatch.setenv("QLUE_LINE_MAKASSAR_TELEGRAM", '{"token": "from-outside"}')
    account = account_of(makassar, "telegram")
    assert account
    assert account["token"] == "from-outside"


@pytest.mark.parametrize("kind", ["fax", "mail", "push"])
def test_there_is_no_account_to_enter_for_others(client, makassar, kind):
    sign_in(client, makassar, "admin")
    assert client.get(f"/makassar/pesan/saluran/{kind}/").status_code == 404


def test_a_flood_of_one_number_stops_answering_it(client, makassar, lines, settings):
    settings.RATE_LIMITS = True
    messages = [said(f"LAPOR sampah nomor {n} di kel. Mattoangin") for n in range(70)]
    post_wa(client, body(*messages))
    run_jobs(makassar)
    assert len(lines.accepted) <= 40
