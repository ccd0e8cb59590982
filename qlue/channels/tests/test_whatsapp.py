"""WhatsApp: the webhook's door, the guided dialogue, and exactly one report whatever comes how often in what order."""

import json
import random

import pytest

from qlue.channels.models import Inbound, Outbound, RawWebhook, RefusedRequest
from qlue.channels.tests.exchange import body, post_wa, run_jobs, said, states, status, wa
from qlue.demo.simulator.residents import sign_body
from qlue.reports.models import Contact, Photo, Report
from qlue.reports.tests.making import INSIDE, jpeg

LON, LAT = INSIDE


def heard(provider):
    return [one.text for one in provider.accepted]


def place(**more):
    return wa("location", longitude=LON, latitude=LAT, **more)


def button(choice, title="x", **more):
    return wa("interactive", type="button_reply", button_reply={"id": choice, "title": title}, **more)


def test_meta_reads_its_challenge_back_and_a_stranger_does_not(client, lines):
    asked = {"hub.mode": "subscribe", "hub.challenge": "1158201444", "hub.verify_token": "verify"}
    answer = client.get("/makassar/webhook/whatsapp/", asked)
    assert (answer.status_code, answer.content) == (200, b"1158201444")
    assert client.get("/makassar/webhook/whatsapp/", asked | {"hub.verify_token": "guess"}).status_code == 403


def test_the_guided_dialogue_makes_a_report_with_place_photo_and_sender(client, makassar, lines):
    lines.pictures["2754859441498128"] = jpeg().read()
    steps = [
        said("Halo, mau lapor"),
        wa("interactive", type="list_reply", list_reply={"id": "kat:banjir", "title": "Banjir"}),
        place(),
        said("Air setinggi lutut sejak subuh"),
        wa("image", id="2754859441498128", mime_type="image/jpeg", caption=""),
        button("ya", "Ya, kirim"),
    ]
    for step in steps:
        assert post_wa(client, body(step)).status_code == 200
        assert run_jobs(makassar) == 1
    [report] = Report.objects.all()
    assert (report.channel, report.category_id) == ("whatsapp", makassar.category("banjir").id)
    assert (report.lon, report.lat, report.words) == (LON, LAT, "Air setinggi lutut sejak subuh")
    assert Photo.objects.count() == 1
    contact = Contact.objects.get()
    assert (contact.name, contact.phone) == ("Sari", "+6281355500017")
    assert "MKS-" in heard(lines)[-1]
    assert "/ikuti/" in heard(lines)[-1]


def test_the_questions_have_lists_a_location_request_and_buttons(client, makassar, lines):
    for step in (said("lapor"), said("got mampet"), said("Mattoangin dekat pasar"), said("Mampet dua minggu ini")):
        post_wa(client, body(step))
        run_jobs(makassar)
    kinds = [one.fields.get("interactive", {}).get("type", "text") for one in lines.accepted]
    assert kinds == ["list", "location_request_message", "text", "button"]
    post_wa(client, body(button("foto:tidak")))
    run_jobs(makassar)
    assert "Mattoangin, Mariso" in heard(lines)[-1]
    assert Report.objects.count() == 0


WHOLE = [
    said("LAPOR sampah menumpuk sudah seminggu", at=1_790_000_000),
    place(at=1_790_000_010),
    button("foto:tidak", at=1_790_000_020),
    button("ya", at=1_790_000_030),
]


@pytest.mark.parametrize("seed", range(6))
def test_shuffled_and_repeated_deliveries_make_exactly_one_report(client, makassar, lines, seed):
    dice = random.Random(seed)
    posts = [body(message) for message in WHOLE] * 3 + [body(*WHOLE), body(*dice.sample(WHOLE, 4))]
    dice.shuffle(posts)
    for post in posts:
        assert post_wa(client, post).status_code == 200
    run_jobs(makassar)
    for post in posts:  # and once more, after everything was answered
        post_wa(client, post)
    run_jobs(makassar)
    assert Report.objects.count() == 1
    assert Inbound.objects.count() == 4
    assert RefusedRequest.objects.get(reason="repeated").n == 2 * len(posts) - len(set(posts))
    assert len({one.key for one in Outbound.objects.all()}) == 4
    assert len(lines.accepted) == 4


def test_a_wrong_signature_is_refused_counted_and_keeps_nothing(client, makassar, lines):
    payload = body(said("LAPOR sampah"))
    for signature in ("", "sha256=", "sha256=" + "0" * 64, "sha1=abc", "sha256=ünïcode".encode().decode("latin-1")):
        assert post_wa(client, payload, signature=signature).status_code == 403
    assert post_wa(client, payload, secret="another").status_code == 403
    assert RefusedRequest.objects.get(kind="whatsapp", reason="signature").n == 6
    assert not RawWebhook.objects.exists()


def test_the_signature_is_over_the_bytes_not_over_what_they_mean(client, lines):
    payload = body(said("LAPOR sampah"))
    again = json.dumps(json.loads(payload), indent=1).encode()

    assert post_wa(client, again, signature=sign_body("app-s3cret", payload)).status_code == 403


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"[]",
        b"null",
        b'{"object": "page", "entry": []}',
        b'{"object": "whatsapp_business_account", "entry": {}}',
        body(said("LAPOR sampah"))[:-40],
        b"\xff\xfe\x00",
        b"[" * 50_000,
    ],
)
def test_what_makes_no_sense_is_stored_answered_and_quarantined(client, makassar, lines, payload):
    assert post_wa(client, payload).status_code == 200
    run_jobs(makassar)
    [kept] = RawWebhook.objects.all()
    assert kept.state == "quarantine"
    assert kept.fault
    assert bytes(kept.body) == payload
    assert not lines.accepted


def test_one_broken_message_spoils_no_other_of_its_batch(client, makassar, lines):
    broken = [wa("location", latitude=999, longitude=1), {"from": "1", "type": "text"}, 7, wa("text")]
    post_wa(client, body(*broken, said("LAPOR sampah menumpuk di kel. Mattoangin")))
    run_jobs(makassar)
    assert Inbound.objects.count() == 1
    assert RawWebhook.objects.get().state == "quarantine"
    assert len(lines.accepted) == 1


HOSTILE = [
    "\0\0\0",
    "a" * 200_000,
    "\u202e\u2066" * 50,
    "'; DROP TABLE x; --",
    "<script>alert(1)</script>",
    "{{ 7 }} {% x %}",
    "💩" * 999,
    "%s %(x)s",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_words_are_words(client, makassar, lines, text):
    post_wa(client, body(said(text, number="wamid." + "x" * 50)))
    run_jobs(makassar)
    assert set(Inbound.objects.values_list("state", flat=True)) <= {"done"}
    assert len(lines.accepted) <= 1


def test_statuses_come_in_any_order_and_only_lead_forward(client, makassar, lines):
    post_wa(client, body(said("bantuan")))
    run_jobs(makassar)
    [out] = Outbound.objects.all()
    for state in ("read", "sent", "delivered", "read", "sent"):
        post_wa(client, body(statuses=[status(out.provider_id, state)]))
    run_jobs(makassar)
    out.refresh_from_db()
    assert out.state == "read"
    assert out.delivered_at
    post_wa(client, body(statuses=[status("wamid.NOT-OURS", "delivered"), status(out.provider_id, "failed")]))
    run_jobs(makassar)
    out.refresh_from_db()
    assert out.state == "read"
    assert RefusedRequest.objects.get(reason="unknown-receipt").n == 1


def test_a_message_that_whatsapp_could_not_deliver_is_seen_as_lost(client, makassar, lines):
    post_wa(client, body(said("bantuan")))
    run_jobs(makassar)
    [out] = Outbound.objects.all()
    errors = [{"code": 131026, "title": "Message undeliverable"}]
    post_wa(client, body(statuses=[status(out.provider_id, "failed", errors=errors)]))
    run_jobs(makassar)
    out.refresh_from_db()
    assert (out.state, out.error) == ("gave_up", "131026 Message undeliverable")


def test_a_photo_that_is_no_photo_is_asked_for_again(client, makassar, lines):
    lines.pictures["1"] = b"MZ this is no picture"
    post_wa(client, body(said("LAPOR sampah menumpuk di kel. Mattoangin")))
    run_jobs(makassar)
    post_wa(client, body(wa("image", id="1", mime_type="image/jpeg")))
    run_jobs(makassar)
    assert "tidak dapat dibaca" in heard(lines)[-1]
    assert not Photo.objects.exists()
    assert Inbound.objects.filter(state="quarantine").count() == 0


def test_a_photo_is_fetched_from_the_provider_only_and_not_without_end(client, makassar, lines, settings):
    lines.pictures["1"] = jpeg().read()
    settings.MEDIA_HOSTS = ()
    post_wa(client, body(wa("image", id="1", mime_type="image/jpeg", caption="LAPOR sampah menumpuk")))
    run_jobs(makassar)
    settings.MEDIA_HOSTS = (f"127.0.0.1:{lines.port}",)
    lines.pictures["2"] = b"x" * 15_000_001
    post_wa(client, body(wa("image", id="2", mime_type="image/jpeg")))
    run_jobs(makassar)
    assert not Photo.objects.exists()
    assert Inbound.objects.filter(state="done").count() == 2


def test_another_city_and_a_line_that_nobody_entered_have_no_door(client, lines):
    payload = body(said("LAPOR sampah"))
    assert post_wa(client, payload, city="tomohon").status_code == 404
    assert client.post("/makassar/webhook/mail/", b"{}", content_type="application/json").status_code == 404
    assert client.post("/makassar/webhook/fax/", b"{}", content_type="application/json").status_code == 404


def test_the_news_of_a_report_goes_back_the_same_way(client, makassar, lines):
    from qlue.channels.actions.notifications import notify_reporters
    from qlue.kit.db import fetch_value
    from qlue.reports.actions import Actor, transition
    from qlue.reports.tests.making import officer

    for message in WHOLE:
        post_wa(client, body(message))
    run_jobs(makassar)
    [report] = Report.objects.all()
    transition(city=makassar, report_id=report.id, verb="accept", actor=Actor(member=officer(makassar)))
    newest = fetch_value("SELECT max(id) FROM timeline_happening WHERE report_id = %s", [report.id])
    assert notify_reporters(makassar, [newest, newest]) == 1
    assert notify_reporters(makassar, [newest]) == 0
    run_jobs(makassar)
    assert "MKS-" in heard(lines)[-1]
    assert set(states()) == {"sent"}


def test_work_that_was_sent_back_is_news_for_the_reporter(client, makassar, lines):
    from qlue.channels.actions.notifications import notify_reporters
    from qlue.kit.db import execute, fetch_value
    from qlue.reactions import REACTIONS
    from qlue.reports.actions import Actor, transition
    from qlue.reports.tests.making import officer

    for message in WHOLE:
        post_wa(client, body(message))
    run_jobs(makassar)
    [report] = Report.objects.all()
    execute("UPDATE reports_report SET status = 'resolved', resolved_at = now() WHERE id = %s", [report.id])
    by = Actor(member=officer(makassar, "head"))
    transition(city=makassar, report_id=report.id, verb="send_back", actor=by, words="Sampah masih terlihat")
    newest = fetch_value("SELECT max(id) FROM timeline_happening WHERE report_id = %s", [report.id])
    assert "qlue.channels.jobs.notify_reporter" in REACTIONS["report.sent_back"]
    assert notify_reporters(makassar, [newest]) == 1
    run_jobs(makassar)
    assert "dikembalikan" in heard(lines)[-1]
