"""The console of the emergency number."""

import json
from datetime import timedelta

import pytest

from qlue.channels.models import Call, Caller, RawWebhook, RefusedRequest
from qlue.channels.tests.exchange import run_jobs, sign_in
from qlue.demo.simulator.residents import sign_body
from qlue.kit.clock import now
from qlue.reports.models import Contact, Report


@pytest.fixture
def exchange(client, lines):
    """The telephone exchange: tells one event, signed."""

    def tell(event, call="c1", number="+6281100", secret="s3cret", **more):
        at = now().isoformat()
        data = json.dumps({"event": event, "call": call, "number": number, "at": at} | more).encode()
        signed = {"X-Qlue-Signature": sign_body(secret, data)}
        return client.post("/makassar/webhook/cti/", data, content_type="application/json", headers=signed)

    return tell


@pytest.fixture
def operator(client, makassar):
    return sign_in(client, makassar, "operator")


def given(**more):
    usual = {"what": "samp", "words": "Sampah menutup jalan", "where": "Mattoangin, Mariso", "landmark": "depan masjid"}
    return usual | {"name": "Ibu Ani", "phone": "+6281100"} | more


def ring(exchange, makassar, call="c1", **more):
    exchange("ringing", call, **more)
    run_jobs(makassar)
    return Call.objects.get(call_id=call)


def test_a_ringing_call_stands_on_the_console_and_becomes_a_report(client, makassar, exchange, operator):
    call = ring(exchange, makassar)
    page = client.get("/makassar/meja-112/").content.decode()
    assert "+6281100" in page
    assert "berdering" in page
    form = client.get(f"/makassar/meja-112/?panggilan={call.id}").content.decode()
    assert 'data-key="2"' in form
    for _ in range(2):
        answer = client.post(f"/makassar/meja-112/{call.id}/lapor/", given(emergency="on"))
        assert answer.status_code == 302
    [report] = Report.objects.all()
    assert (report.channel, report.place, report.landmark) == ("phone", "area", "depan masjid")
    assert report.words == "DARURAT: Sampah menutup jalan"
    assert Contact.objects.get().name == "Ibu Ani"
    call.refresh_from_db()
    assert (call.disposition, call.emergency, call.report_id) == ("real", True, report.id)


def test_events_may_come_in_any_order_and_twice(makassar, exchange):
    for event in ("ended", "ringing", "answered", "ringing"):
        exchange(event, agent="ani" if event == "answered" else "")
    run_jobs(makassar)
    [call] = Call.objects.all()
    assert call.ringing_at
    assert call.answered_at
    assert call.ended_at
    assert call.agent == "ani"


def test_strangers_and_nonsense(makassar, exchange):
    assert exchange("ringing", secret="x").status_code == 403
    assert exchange("exploded").status_code == 200
    run_jobs(makassar)
    assert RefusedRequest.objects.get().reason == "signature"
    assert RawWebhook.objects.get().state == "quarantine"
    assert not Call.objects.exists()


def test_the_third_prank_blocks_for_a_day_and_an_operator_may_lift_it(client, makassar, exchange, operator):
    for n in range(3):
        call = ring(exchange, makassar, f"c{n}")
        for _ in range(2):  # a nervous finger counts once
            client.post(f"/makassar/meja-112/{call.id}/prank/")
    caller = Caller.objects.get()
    assert caller.strikes == 3
    assert caller.blocked_until
    assert caller.blocked_until > now() + timedelta(hours=23)
    assert exchange("ringing", "c9").json() == {"stored": True, "blocked": ["+6281100"]}
    run_jobs(makassar)
    assert Call.objects.get(call_id="c9").blocked
    page = client.get("/makassar/meja-112/").content.decode()
    assert "Diblokir" in page
    client.post("/makassar/meja-112/bebaskan/", {"number": "+6281100", "why": ""})
    assert Caller.objects.get().blocked_until
    client.post("/makassar/meja-112/bebaskan/", {"number": "+6281100", "why": "Anak kecil, sudah dijelaskan"})
    assert exchange("ringing", "c10").json()["blocked"] == []


def test_a_real_call_clears_the_strikes(client, makassar, exchange, operator):
    for n in range(2):
        client.post(f"/makassar/meja-112/{ring(exchange, makassar, f'c{n}').id}/prank/")
    client.post(f"/makassar/meja-112/{ring(exchange, makassar, 'c3').id}/lapor/", given())
    assert Caller.objects.get().strikes == 0


def test_a_duplicate_points_to_the_report(client, makassar, exchange, operator):
    client.post(f"/makassar/meja-112/{ring(exchange, makassar).id}/lapor/", given())
    code = client.get("/makassar/meja-112/").content.decode().split("MKS-")[1][:7]
    call = ring(exchange, makassar, "c2")
    client.post(f"/makassar/meja-112/{call.id}/duplicate/", {"code": "MKS-WRONG"})
    call.refresh_from_db()
    assert call.disposition == ""
    client.post(f"/makassar/meja-112/{call.id}/duplicate/", {"code": f"mks-{code.lower()}"})
    call.refresh_from_db()
    assert (call.disposition, call.report_id) == ("duplicate", Report.objects.get().id)


@pytest.mark.parametrize(
    "wrong", [{"what": "xyzzy"}, {"words": "x"}, {"where": ""}, {"where": "Atlantis"}, {"lon": "abc", "lat": "1"}]
)
def test_what_is_missing_is_said_and_nothing_typed_is_lost(client, makassar, exchange, operator, wrong):
    call = ring(exchange, makassar)
    answer = client.post(f"/makassar/meja-112/{call.id}/lapor/", given(**wrong))
    assert answer.status_code == 422
    assert "depan masjid" in answer.content.decode()
    assert not Report.objects.exists()


def test_a_call_without_an_exchange(client, makassar, lines, operator):
    for _ in range(2):
        client.post("/makassar/meja-112/mulai/", {"number": "+62 411-1234", "uuid": "7"})
    assert Call.objects.get().number == "+624111234"


def test_only_operators_answer(client, makassar, lines):
    assert client.get("/makassar/meja-112/").status_code == 302
    sign_in(client, makassar, "officer", "dlh")
    assert client.get("/makassar/meja-112/").status_code == 403
