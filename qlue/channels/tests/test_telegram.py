"""Telegram: updates in, keyboards out."""

from qlue.channels.models import Inbound, Outbound, RawWebhook
from qlue.channels.tests.exchange import post_telegram, run_jobs
from qlue.reports.models import Contact, Photo, Report
from qlue.reports.tests.making import INSIDE, jpeg

PERSON = {"id": 777, "first_name": "Budi", "is_bot": False}
CHAT = {"id": 777, "type": "private", "first_name": "Budi"}


def update(n, **content):
    told = {"message_id": n, "from": PERSON, "chat": CHAT, "date": 1_790_000_000 + n} | content
    return {"update_id": 9000 + n, "message": told}


def pressed(n, data):
    return {"update_id": 9000 + n, "callback_query": {"id": str(n), "from": PERSON, "data": data, "message": {}}}


def test_a_report_by_keyboard_location_and_photo(client, makassar, lines):
    lines.pictures["AgAC"] = jpeg().read()
    photo = [{"file_id": "small", "file_size": 10}, {"file_id": "AgAC", "file_size": 900}]
    steps = [
        update(1, text="/start"),
        update(2, text="LAPOR"),
        pressed(3, "kat:jalan-rusak"),
        update(4, location={"longitude": INSIDE[0], "latitude": INSIDE[1]}),
        update(5, text="Lubang besar di tengah jalan"),
        update(6, photo=photo),
        pressed(7, "ya"),
    ]
    for step in steps:
        assert post_telegram(client, step).status_code == 200
        post_telegram(client, step)
        run_jobs(makassar)
    [report] = Report.objects.all()
    assert (report.channel, report.words) == ("telegram", "Lubang besar di tengah jalan")
    assert Photo.objects.count() == 1
    assert (Contact.objects.get().name, Contact.objects.get().phone) == ("Budi", "")
    markup = [one.fields["reply_markup"] for one in lines.accepted]
    assert "inline_keyboard" in markup[1]
    assert markup[2]["keyboard"][0][0]["request_location"] is True
    assert Inbound.objects.count() == 7


def test_strangers_groups_and_edits(client, makassar, lines):
    assert post_telegram(client, update(1, text="LAPOR sampah"), secret="x").status_code == 403
    post_telegram(client, update(2, text="LAPOR sampah", chat={"id": -5, "type": "group"}))
    post_telegram(client, {"update_id": 1, "edited_message": {"text": "x"}})
    post_telegram(client, {"update_id": 2, "message": {"chat": CHAT}})
    post_telegram(client, {"hello": 1})
    run_jobs(makassar)
    assert sorted(RawWebhook.objects.values_list("state", flat=True)) == ["done", "done", "quarantine", "quarantine"]
    assert not Outbound.objects.exists()
