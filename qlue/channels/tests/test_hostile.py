"""What strangers, broken providers and wrong clocks send to the doors: stored or refused, never an error of ours."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from PIL import Image

from qlue.channels.actions import conversations as talking
from qlue.channels.actions import inbox
from qlue.channels.actions.erasure import empty_expired
from qlue.channels.models import Call, Conversation, Inbound, Outbound, RawWebhook, RefusedRequest
from qlue.channels.providers import PROVIDERS
from qlue.channels.providers.whatsapp import WHATSAPP
from qlue.channels.tests.exchange import (
    body,
    get_sms,
    post_telegram,
    post_twilio,
    post_wa,
    run_jobs,
    said,
    status,
    wa,
)
from qlue.demo.simulator.residents import sign_body
from qlue.kit.clock import now
from qlue.reports.models import Photo, Report

WHOLE = "LAPOR sampah menumpuk dekat pasar kel. Mattoangin"
YEARS = 10 * 365 * 86_400
NUL, LONE = "\\u0000", "\\ud83d"
DEEP = b"[" * 60_000


def post_cti(client, data, secret="s3cret"):
    signed = {"X-Qlue-Signature": sign_body(secret, data)}
    return client.post("/makassar/webhook/cti/", data, content_type="application/json", headers=signed)


def post_tg(client, data):
    headers = {"X-Telegram-Bot-Api-Secret-Token": "s3cret"}
    return client.post("/makassar/webhook/telegram/", data, content_type="application/json", headers=headers)


DOORS: dict[str, Any] = {"whatsapp": post_wa, "cti": post_cti, "telegram": post_tg}
NONSENSE = {
    "nothing": b"",
    "half": b'{"object": "whatsapp_business_account", "entry": [{"id"',
    "utf-16": json.dumps({"event": "ringing"}).encode("utf-16"),
    "latin-1": '{"event": "ringing", "call": "é"}'.encode("latin-1"),
    "lone surrogate": f'{{"event": "{LONE}"}}'.encode(),
    "deep": DEEP,
    "deep objects": b'{"a":' * 60_000,
    "a number": b"1e400",
    "null": b"null",
    "many lists": b"[[],{},null,1,true]",
    "huge digits": b'{"event":"ringing","call":' + b"9" * 5000 + b',"at":1}',
    "end of time": b'{"event":"ringing","call":"1","at":"9999-12-31T23:59:59-12:00"}',
    "no zone": b'{"event":"ringing","call":"1","at":"2026-01-31T08:00:00"}',
}


@pytest.mark.parametrize("kind", DOORS)
def test_nonsense_is_stored_answered_and_waits_in_quarantine(client, makassar, lines, kind):
    for name, data in NONSENSE.items():
        assert DOORS[kind](client, data).status_code == 200, name
    run_jobs(makassar)
    kept = list(RawWebhook.objects.order_by("id"))
    assert [bytes(one.body) for one in kept] == list(NONSENSE.values())
    assert [name for name, one in zip(NONSENSE, kept, strict=True) if one.state != "quarantine" or not one.fault] == []
    assert not Report.objects.exists()


@pytest.mark.parametrize("kind", ["whatsapp", "cti", "telegram", "twilio", "kannel"])
def test_ten_megabytes_are_refused_before_they_are_kept(client, makassar, lines, kind):
    answer = client.post(f"/makassar/webhook/{kind}/", b"x" * 10_000_000, content_type="application/json")
    assert answer.status_code == 413
    assert not RawWebhook.objects.exists()
    assert RefusedRequest.objects.get().reason == "too-large"


@pytest.mark.parametrize("kind", ["whatsapp", "cti", "telegram", "twilio"])
def test_wrongly_signed_is_refused_whatever_it_is(makassar, lines, kind):
    client = Client()
    for data in (b"", b"{}", DEEP, b"&".join(b"a%d=1" % n for n in range(300)), "ключ".encode("utf-16")):
        headers = {"X-Hub-Signature-256": "sha256=é", "X-Qlue-Signature": "x", "X-Twilio-Signature": "ÿ"}
        answer = client.post(f"/makassar/webhook/{kind}/", data, content_type="text/plain", headers=headers)
        assert answer.status_code == 403
    assert not RawWebhook.objects.exists()


def test_what_no_column_can_hold_spoils_nothing(client, makassar, lines):
    broken = [
        wa("image", id="42", mime_type=f"image/jpeg{NUL}", caption="x"),
        wa("image", id="../me?fields=id#", mime_type="image/jpeg"),
        wa(f"odd{NUL}", a=1),
        wa("location", latitude=1e308, longitude=10**400),
        wa("document", id=[], mime_type="image/png"),
    ]
    failed = status("wamid.none", "failed", errors=[{"code": 1, "title": f"no{NUL}"}])
    whole = body(*broken, said(WHOLE), statuses=[failed, failed | {"errors": "text"}]).replace(
        b"\\\\u0000", NUL.encode()
    )
    assert NUL.encode() in whole
    assert post_wa(client, whole).status_code == 200
    run_jobs(makassar)
    assert RawWebhook.objects.get().state == "quarantine"
    assert Inbound.objects.filter(state="new").count() == 0
    assert Conversation.objects.count() == 1
    assert "Mattoangin" in str(Conversation.objects.get().state) or Report.objects.exists()


def test_nul_in_a_twilio_field(client, makassar, lines, settings):
    fields = {"MessageSid": "SM1", "From": "+6281100", "Body": "a\0b", "NumMedia": "1", "MediaUrl0": "http://x\0y"}
    assert post_twilio(client, settings, fields).status_code == 200
    failed = {"MessageSid": "SM2", "MessageStatus": "failed", "ErrorCode": "3\0"}
    assert post_twilio(client, settings, failed, query="?own=x").status_code == 200
    run_jobs(makassar)
    assert {one.state for one in RawWebhook.objects.all()} == {"done"}


@pytest.mark.parametrize("charset", ["rot13", "hex", "utf-7", "unicode_escape", "punycode", "x\0y", "é", "utf-16be"])
def test_charsets_that_kannel_never_names(client, makassar, lines, charset):
    assert get_sms(client, b"\xd8\x00a", charset=charset).status_code == 200
    run_jobs(makassar)
    assert RawWebhook.objects.get().state == "quarantine"


def test_latin_1_is_read_as_what_kannel_says(client, makassar, lines):
    get_sms(client, "LAPOR sampah di café kel. Mattoangin".encode("latin-1"), charset="ISO-8859-1")
    run_jobs(makassar)
    assert "café" in Report.objects.get().words


def test_a_replay_after_a_month_or_a_year_makes_no_second_report(client, makassar, lines):
    first = body(said(WHOLE, number="wamid.A"))
    other = body(said(WHOLE, number="wamid.A"), name="Lain")
    get_sms(client, WHOLE, number="sms-1")
    for payload in (first, other):
        post_wa(client, payload)
    run_jobs(makassar)
    reports, heard = Report.objects.count(), Inbound.objects.count()
    for days in (31, 400):
        empty_expired(makassar, now() + timedelta(days=days))
        for payload in (first, other, first):
            assert post_wa(client, payload).status_code == 200
        get_sms(client, WHOLE, number="sms-1")
        run_jobs(makassar)
        assert (Report.objects.count(), Inbound.objects.count()) == (reports, heard)
    assert heard == 2


@pytest.mark.parametrize("off", [YEARS, -YEARS, 0])
def test_a_dialogue_comes_to_its_end_though_the_providers_clock_is_ten_years_off(client, makassar, lines, off):
    at = int(now().timestamp()) + off
    for n, text in enumerate(("LAPOR sampah menumpuk", "Mattoangin")):
        assert post_wa(client, body(said(text, at=at + n))).status_code == 200
        run_jobs(makassar)
    conversation = Conversation.objects.get()
    assert conversation.heard_at <= now()
    assert conversation.state["draft"]["category"] == "sampah"  # the first message is not forgotten
    assert conversation.state["draft"]["area"]


@pytest.mark.parametrize("year", [1, 2016, 2036, 9999])
def test_the_exchanges_clock_may_be_anywhere(client, makassar, lines, year):
    at = datetime(year, 6, 1, tzinfo=UTC).isoformat()
    for event in ("ringing", "answered", "ended"):
        data = json.dumps({"event": event, "call": "c1", "number": "+62811", "at": at}).encode()
        assert post_cti(client, data).status_code == 200
    run_jobs(makassar)
    call = Call.objects.get()
    assert call.ringing_at
    assert call.ended_at
    assert max(abs(call.ringing_at - now()), abs(call.ended_at - now())) < timedelta(minutes=5)


def test_receipts_from_another_century(client, makassar, lines):
    get_sms(client, WHOLE)
    post_wa(client, body(said(WHOLE)))
    run_jobs(makassar)
    mine = Outbound.objects.filter(kind="whatsapp")[0]
    post_wa(client, body(statuses=[status(mine.provider_id, "read") | {"timestamp": "253402300799"}]))
    run_jobs(makassar)
    mine.refresh_from_db()
    assert mine.state == "read"
    assert mine.read_at
    assert mine.read_at <= now()


def test_a_long_list_of_events_is_read_whole_and_one_bad_one_spoils_no_other(client, makassar, lines):
    at = now().isoformat()
    events = [{"event": "ringing", "call": f"c{n}", "number": f"+62811{n:04}", "at": at} for n in range(150)]
    events.insert(70, {"event": "exploded"})
    assert post_cti(client, json.dumps(events).encode()).status_code == 200
    run_jobs(makassar)
    assert Call.objects.count() == 150
    assert RawWebhook.objects.get().state == "quarantine"


# Pictures


def jpeg():
    out = BytesIO()
    Image.new("RGB", (40, 30), "green").save(out, "JPEG")
    return out.getvalue()


def mms(client, settings, url, number="SM9"):
    fields = {"MessageSid": number, "From": "+6281100", "Body": WHOLE, "NumMedia": "1", "MediaUrl0": url}
    return post_twilio(client, settings, fields | {"MediaContentType0": "image/jpeg"})


ELSEWHERE = [
    "http://169.254.169.254/latest/meta-data",
    "http://127.0.0.1:5432/",
    "https://evil.example/api.twilio.com/x.jpg",
    "https://api.twilio.com@evil.example/x.jpg",
    "https://api.twilio.com.evil.example/x.jpg",
    "http://api.twilio.com/x.jpg",
    "https://user:pw@api.twilio.com/x.jpg",
    "file:///etc/passwd",
    "ftp://api.twilio.com/x",
    "//api.twilio.com/x",
    "https://[::1/x",
    "gopher://127.0.0.1:6379/_x",
    "",
]


def test_a_picture_is_fetched_from_the_provider_only(client, makassar, lines, settings, monkeypatch):
    asked = []
    monkeypatch.setattr("qlue.channels.providers.http.send_request", lambda *args, **more: asked.append(args))
    for n, url in enumerate(ELSEWHERE):
        mms(client, settings, url, f"SM{n}")
    settle_answers(makassar)
    assert asked == []
    assert not Photo.objects.exists()
    assert Inbound.objects.filter(state="done").count() == len(ELSEWHERE)


def settle_answers(city):
    """Everything but sending, which would use the same road."""
    for number in RawWebhook.objects.filter(state="new").values_list("id", flat=True):
        inbox.parse_webhook(city, number)
    for kind, sender in set(Inbound.objects.filter(state="new").values_list("kind", "sender")):
        talking.answer_sender(city, kind, sender)


@pytest.mark.parametrize("hop", ["http://169.254.169.254/x", "https://evil.example/x", "file:///etc/passwd", ""])
def test_a_picture_that_leads_elsewhere_is_not_followed(client, makassar, lines, settings, hop):
    lines.redirects["a.jpg"] = hop
    mms(client, settings, f"{lines.url}/pictures/a.jpg")
    run_jobs(makassar)
    assert not Photo.objects.exists()
    assert Inbound.objects.get().state == "done"


def test_a_picture_that_lies_in_the_providers_store_is_fetched_without_our_secret(client, makassar, lines, settings):
    lines.redirects |= {"a.jpg": "/pictures/b.jpg", "b.jpg": f"{lines.url}/pictures/c.jpg"}
    lines.pictures["c.jpg"] = jpeg()
    mms(client, settings, f"{lines.url}/pictures/a.jpg")
    run_jobs(makassar)
    assert Photo.objects.count() == 1
    assert [bool(secret) for secret in lines.secrets_seen] == [True, False, False]


def test_a_circle_of_pictures_ends(client, makassar, lines, settings):
    lines.redirects |= {"a.jpg": "/pictures/b.jpg", "b.jpg": "/pictures/a.jpg"}
    mms(client, settings, f"{lines.url}/pictures/a.jpg")
    run_jobs(makassar)
    assert len(lines.secrets_seen) == 3
    assert Inbound.objects.get().state == "done"


def test_a_picture_without_end_is_cut_off(client, makassar, lines, settings):
    lines.pictures["big.jpg"] = b"\xff\xd8" + b"x" * 16_000_000
    mms(client, settings, f"{lines.url}/pictures/big.jpg")
    run_jobs(makassar)
    assert not Photo.objects.exists()
    assert Inbound.objects.get().state == "done"


def test_telegram_cannot_be_led_elsewhere_by_a_files_name(client, makassar, lines):
    for n, name in enumerate(("../../etc/passwd", "http://169.254.169.254/x", "a?b#c", "@evil.example/x")):
        photo = [{"file_id": name, "file_size": 10}]
        chat = {"id": 77, "type": "private"}
        message = {"message_id": n, "date": int(now().timestamp()), "chat": chat, "photo": photo, "caption": WHOLE}
        update = {"update_id": n, "message": message}
        assert post_telegram(client, update).status_code == 200
    run_jobs(makassar)
    assert not Photo.objects.exists()
    assert set(Inbound.objects.values_list("state", flat=True)) == {"done"}


def test_a_provider_that_answers_nonsense_is_seen_on_the_desk(client, makassar, lines, monkeypatch):
    broken = replace(WHATSAPP, send=lambda account, delivery: json.loads("{}")["message_id"])
    monkeypatch.setitem(PROVIDERS, "whatsapp", broken)
    post_wa(client, body(said("halo")))
    run_jobs(makassar)
    one = Outbound.objects.get()
    assert (one.state, one.error) == ("failed_for_now", "KeyError: 'message_id'")
