"""SMS by Kannel and Twilio: one message can be a whole report; what is missing is asked for."""

import pytest

from qlue.channels.models import Outbound, RawWebhook, RefusedRequest
from qlue.channels.providers import kannel
from qlue.channels.providers.contract import Account, Delivery, MessageNotSent, OutgoingMessage
from qlue.channels.tests.exchange import get_sms, post_twilio, run_jobs
from qlue.reports.models import Report

LON_LAT = (119.4021, -5.1563)


def heard(provider):
    return [one.text for one in provider.accepted]


def test_one_sms_is_a_whole_report(client, makassar, lines):
    text = "LAPOR SAMPAH menumpuk di Jl. Cendrawasih dekat pasar kel. Mattoangin"
    assert get_sms(client, text).status_code == 200
    run_jobs(makassar)
    [report] = Report.objects.all()
    assert report.category_id == makassar.category("sampah").id
    assert makassar.areas[report.area_id].name == "Mattoangin"
    assert (report.channel, report.place) == ("sms", "area")
    assert report.landmark == "di Jl. Cendrawasih dekat pasar kel. Mattoangin"
    assert "MKS-" in heard(lines)[0]
    assert lines.accepted[0].fields["coding"] == "0"


def test_without_a_place_it_asks_and_the_answer_completes_the_report(client, makassar, lines):
    get_sms(client, "LAPOR lampu jalan mati di depan sekolah sejak senin")
    run_jobs(makassar)
    assert "kelurahan mana" in heard(lines)[0]
    get_sms(client, "matoangin")  # mistyped
    run_jobs(makassar)
    [report] = Report.objects.all()
    assert makassar.areas[report.area_id].name == "Mattoangin"
    assert report.words == "lampu jalan mati di depan sekolah sejak senin"


def test_without_a_known_word_it_offers_numbers(client, makassar, lines):
    get_sms(client, "LAPOR ada masalah besar di kel. Mattoangin")
    run_jobs(makassar)
    assert "\n1. Sampah\n2. Banjir" in heard(lines)[0]
    get_sms(client, "2")
    run_jobs(makassar)
    assert Report.objects.get().category_id == makassar.category("banjir").id


def test_status_batal_and_bantuan(client, makassar, lines):
    get_sms(client, "LAPOR SAMPAH menumpuk di kel. Mattoangin")
    run_jobs(makassar)
    code = heard(lines)[0].split("MKS-")[1][:7]
    for text in (f"STATUS MKS-{code}", f"mks-{code}", "STATUS MKS-ZZZZZZZ", "status", "BANTUAN", "BATAL"):
        get_sms(client, text)
        run_jobs(makassar)
    answers = heard(lines)[1:]
    assert f"MKS-{code} (Sampah): Menunggu OPD" in answers[0]
    assert answers[1] == answers[0]
    assert "Tidak ada laporan" in answers[2]
    assert "kode laporan" in answers[3]
    assert "LAPOR" in answers[4]
    assert "Tidak ada yang dibatalkan" in answers[5]
    assert Report.objects.count() == 1


def test_a_private_report_tells_its_status_to_nobody(client, makassar, lines):
    get_sms(client, "LAPOR bansos belum dapat bantuan di kel. Mattoangin")
    run_jobs(makassar)
    assert Report.objects.get().private
    get_sms(client, "STATUS MKS-" + heard(lines)[0].split("MKS-")[1][:7], sender="+62811")
    run_jobs(makassar)
    assert "Tidak ada laporan" in heard(lines)[-1]


def test_batal_in_the_middle_sends_nothing(client, makassar, lines):
    for text in ("LAPOR sampah menumpuk", "BATAL", "Mattoangin"):
        get_sms(client, text)
        run_jobs(makassar)
    assert "Dibatalkan" in heard(lines)[1]
    assert not Report.objects.exists()


@pytest.mark.parametrize(
    ("charset", "coding"), [("UTF-8", "0"), ("UTF-16BE", "2"), ("", "2"), ("ISO-8859-1", "0"), ("windows-1252", "0")]
)
def test_kannels_charsets(client, makassar, lines, charset, coding):
    encoding = charset or "utf-16-be"
    text = "LAPOR sampah di café dekat pasar kel. Mattoangin".encode(encoding)
    get_sms(client, text, charset=charset, coding=coding)
    run_jobs(makassar)
    assert "café" in Report.objects.get().words


@pytest.mark.parametrize(
    ("text", "charset"), [(b"\xff\xfe\xfd", "UTF-8"), (b"abc", "klingon"), (b"\xd8", "UTF-16BE"), (b"x", "hex")]
)
def test_wrong_encodings_go_to_quarantine(client, makassar, lines, text, charset):
    assert get_sms(client, text, charset=charset).status_code == 200
    run_jobs(makassar)
    assert RawWebhook.objects.get().state == "quarantine"
    assert not lines.accepted


def test_the_same_sms_again_is_the_same_report(client, makassar, lines):
    for _ in range(3):
        get_sms(client, "LAPOR sampah di kel. Mattoangin", number="smsc-7", at="1790000000")
    get_sms(client, "LAPOR sampah di kel. Mattoangin", number="smsc-7", at="1790000001")
    run_jobs(makassar)
    assert Report.objects.count() == 1
    assert len(lines.accepted) == 1


def test_a_wrong_key_is_refused_and_the_right_one_is_not_kept(client, makassar, lines):
    assert get_sms(client, "LAPOR sampah", key="guess").status_code == 403
    assert get_sms(client, "LAPOR sampah").status_code == 200
    assert "k3y" not in RawWebhook.objects.get().query
    assert RefusedRequest.objects.get(reason="signature").n == 1


def test_kannels_delivery_reports(client, makassar, lines):
    get_sms(client, "BANTUAN")
    run_jobs(makassar)
    [out] = Outbound.objects.all()
    assert out.state == "sent"
    url = lines.accepted[0].fields["dlr-url"]
    assert url.endswith("&dlr=%d")
    for value, state in (("8", "sent"), ("1", "delivered"), ("8", "delivered"), ("4", "delivered")):
        client.get(url.partition("127.0.0.1")[2].replace("%d", value))
        run_jobs(makassar)
        out.refresh_from_db()
        assert out.state == state


def test_two_robots_do_not_talk_for_ever(client, makassar, lines, settings):
    settings.RATE_LIMITS = True
    for _ in range(12):
        get_sms(client, "Terima kasih, pesan Anda kami terima.")
        run_jobs(makassar)
    assert len(lines.accepted) < 8


def twilio(text, **more):
    return {"MessageSid": "SM1", "From": "+6281", "To": "+62112", "Body": text, "NumMedia": "0"} | more


def test_twilio_in_and_out(client, makassar, lines, settings):
    answer = post_twilio(client, settings, twilio("LAPOR sampah menumpuk kel. Mattoangin"))
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/xml")
    run_jobs(makassar)
    assert Report.objects.count() == 1
    [out] = Outbound.objects.all()
    assert (out.state, out.provider_id) == ("sent", "SM1")
    callback = {"MessageSid": "SM1", "MessageStatus": "delivered", "To": "+6281", "From": "+62112"}
    post_twilio(client, settings, callback, query=f"?own={out.uuid}")
    run_jobs(makassar)
    out.refresh_from_db()
    assert out.state == "delivered"


def test_twilios_signature_is_over_address_and_fields(client, lines, settings):
    assert post_twilio(client, settings, twilio("LAPOR sampah"), token="another").status_code == 403
    answer = client.post("/makassar/webhook/twilio/", twilio("LAPOR sampah"))
    assert answer.status_code == 403
    assert not RawWebhook.objects.exists()


OWN_NETWORK = ["http://169.254.169.254/latest", "http://127.0.0.1:9/x", "http://localhost\\.sms.example/"]


@pytest.mark.parametrize("url", OWN_NETWORK)
def test_a_gateway_in_our_own_network_is_the_operators_to_allow(settings, url):
    account = Account("makassar", "kannel", {"url": url, "username": "u", "password": "p", "key": "k"})
    settings.MEDIA_HOSTS = ()
    with pytest.raises(MessageNotSent, match="QLUE_MEDIA_HOSTS"):
        kannel.send_kannel_sms(account, Delivery("1", "+62811", OutgoingMessage("halo")))


def test_a_gateway_that_the_operator_named_is_called(makassar, lines, settings):
    url = f"{lines.url}/cgi-bin/sendsms"
    account = Account("makassar", "kannel", {"url": url, "username": "qlue", "password": "pw", "key": "k"})
    settings.MEDIA_HOSTS = (f"127.0.0.1:{lines.port}",)
    kannel.send_kannel_sms(
        account, Delivery("1", "+62811", OutgoingMessage("halo"), receipt_url="https://kota.example/x")
    )
    assert [one.recipient for one in lines.accepted] == ["+62811"]
