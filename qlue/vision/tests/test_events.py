from dataclasses import replace
from datetime import timedelta

import pytest
from django.conf import settings
from PIL import Image

from qlue.cities.records import AutoSettings
from qlue.kit.clock import now
from qlue.kit.db import fetch_all
from qlue.reports.models import Photo, Report
from qlue.reports.tests.making import officer
from qlue.vision import jobs, queries
from qlue.vision.actions import counts, judge_event, leases, save_camera
from qlue.vision.actions.cameras import CameraInput
from qlue.vision.actions.events import EventUpdate, apply_event_update, close_abandoned
from qlue.vision.actions.verdicts import AlreadyJudged
from qlue.vision.drawing.jpeg import encode_jpeg
from qlue.vision.models import Camera, CameraEvent
from qlue.vision.rules.minutes import MinuteSums
from qlue.vision.sources.address import Address, decrypt_credentials

PLACE = (119.4124, -5.1491)


def registered(city, name="Simpang Lima", url="rtsp://10.0.0.9/satu", credentials="budi:rahasia") -> Camera:
    """A camera that node `a` holds."""
    return save_camera(city, None, CameraInput(name, "rtsp", Address(url, credentials), *PLACE))


def told(camera, step="open", seconds=180, kind="parking", key="parking:Zona:1,2", at=None, **more) -> EventUpdate:
    """What a node says; it took the lease just before."""
    leases.take_leases("a", 9)
    data = {"n": 1, "peak": more.pop("peak", 1), "seconds": seconds, "vehicle": "car"}
    photo = encode_jpeg(Image.new("RGB", (64, 48), "orange")) if step == "open" else b""
    return EventUpdate(camera.id, camera.city_id, 1, kind, "Zona", key, step, at or now(), data, photo)


def only_event() -> CameraEvent:
    return CameraEvent.objects.get()


def test_an_event_is_one_however_often_it_is_told(makassar):
    camera = registered(makassar)
    assert apply_event_update(makassar, told(camera))
    assert apply_event_update(makassar, told(camera, "update", 240, peak=3))
    assert apply_event_update(makassar, told(camera))  # another node begins to see the same
    assert apply_event_update(makassar, told(camera, "close", 300))
    assert apply_event_update(makassar, told(camera))  # a blink of the detector
    event = only_event()
    assert (event.verdict, event.data["peak"], event.closed_at) == ("waiting", 3, None)
    assert event.photo
    kinds = [
        row[0] for row in fetch_all("SELECT kind FROM timeline_happening WHERE city_id = %s ORDER BY id", [makassar.id])
    ]
    assert kinds == ["camera.registered", "camera.event"]


def test_after_a_while_the_same_place_is_a_new_event(makassar):
    camera = registered(makassar)
    apply_event_update(makassar, told(camera, at=now() - timedelta(hours=2)))
    apply_event_update(makassar, told(camera, "close", at=now() - timedelta(hours=1)))
    apply_event_update(makassar, told(camera))
    assert CameraEvent.objects.count() == 2


def test_an_old_holder_tells_in_vain(makassar):
    camera = registered(makassar)
    late = told(camera)
    assert not apply_event_update(makassar, replace(late, revision=7))
    assert not CameraEvent.objects.exists()


def test_yes_makes_one_report_with_the_blurred_picture(makassar):
    camera, operator = registered(makassar), officer(makassar, "operator")
    apply_event_update(makassar, told(camera))
    event = only_event()
    for _ in range(2):  # an impatient finger
        judge_event(makassar, operator, event.id, yes=True, category=makassar.category("parkir-liar"))
    report = Report.objects.get()
    assert (report.channel, report.category_id) == ("camera", makassar.category("parkir-liar").id)
    assert "Simpang Lima" in report.words
    assert "mobil" in report.words
    assert Photo.objects.get().uuid == event.photo
    with pytest.raises(AlreadyJudged):
        judge_event(makassar, operator, event.id, yes=False)


def test_no_ends_it_without_a_report(makassar):
    camera, operator = registered(makassar), officer(makassar, "operator")
    apply_event_update(makassar, told(camera))
    assert judge_event(makassar, operator, only_event().id, yes=False).verdict == "no"
    assert not Report.objects.exists()
    assert queries.verdict_counts(makassar, camera.id) == (0, 1)


def test_where_the_pack_says_so_it_is_a_report_at_once_and_once(makassar):
    city = replace(makassar, auto=AutoSettings(camera_reports=("parking",)))
    camera = registered(city)
    apply_event_update(city, told(camera))
    apply_event_update(city, told(camera, "close"))
    apply_event_update(city, told(camera))
    apply_event_update(city, told(camera, kind="crowd", key="crowd:Zona"))
    assert Report.objects.count() == 1
    assert sorted(CameraEvent.objects.values_list("kind", "verdict")) == [("crowd", "waiting"), ("parking", "auto")]


def test_an_event_whose_node_died_ends_by_itself(makassar):
    camera = registered(makassar)
    apply_event_update(makassar, told(camera, at=now() - timedelta(minutes=30)))
    assert close_abandoned() == 1
    assert only_event().closed_at == only_event().updated_at


def test_minutes_are_stored_absolute_and_add_up_over_holders(makassar):
    camera = registered(makassar)
    leases.take_leases("a", 9)
    start = int(now().timestamp() // 60 * 60)
    minute = MinuteSums(start, seen_s=30, frames=150, vehicles_s=60)
    minute.crossings["Jalan", "car", "forward"] = 4
    for _ in range(2):  # told again after a broken connection
        assert counts.store_minutes(makassar.id, camera.id, 1, [minute])
    fetch_all("UPDATE vision_lease SET until = now() - interval '1 s' RETURNING 1")
    leases.take_leases("b", 9)
    assert not counts.store_minutes(makassar.id, camera.id, 1, [minute])
    rest = MinuteSums(start, seen_s=20, frames=100, vehicles_s=20)
    rest.crossings["Jalan", "car", "forward"] = 1
    assert counts.store_minutes(makassar.id, camera.id, 2, [rest])
    last_minute = queries.list_minutes(makassar, camera.id)[-1]
    assert [last_minute.seen_s, last_minute.vehicles] == pytest.approx([50, 1.6])
    today = now().astimezone(makassar.tz).date()
    assert queries.daily_crossings(makassar, camera.id, today)[1] == {"car": [0] * 13 + [5]}
    flow = queries.traffic_flows(makassar)[camera.id]
    assert (flow.crossed, flow.level) == (5, "unknown")  # fifty seconds of fifteen minutes say nothing


def test_old_minutes_go_at_night_and_the_others_stay(makassar, monkeypatch):
    monkeypatch.setattr(jobs, "KEEP_DAYS", 1)  # less than a camera's page looks back at
    camera = registered(makassar)
    leases.take_leases("a", 9)
    days = (0, 10, 16, 400)
    starts = [int((now() - timedelta(days=ago)).timestamp() // 60 * 60) for ago in days]
    minutes = [MinuteSums(start, seen_s=30, frames=150) for start in starts]
    for minute in minutes:
        minute.crossings["Jalan", "car", "forward"] = 4
    assert counts.store_minutes(makassar.id, camera.id, 1, minutes)
    jobs.forget_old_minutes(0)
    for table in ("vision_minute", "vision_count"):
        kept = fetch_all(f"SELECT extract(epoch FROM start)::bigint FROM {table} ORDER BY start DESC")
        assert [start for (start,) in kept] == starts[:2]


def test_credentials_are_kept_encrypted_and_apart(makassar):
    camera = registered(makassar)
    kept = fetch_all("SELECT url, secret FROM vision_camera WHERE id = %s", [camera.id])[0]
    assert "rahasia" not in "".join(kept)
    assert decrypt_credentials(settings.SECRET_KEY, kept[1]) == "budi:rahasia"


def test_another_citys_cameras_do_not_exist(makassar, tomohon):
    from qlue.kit.db import enter_city

    enter_city(makassar.id)
    registered(makassar)
    enter_city(tomohon.id)
    assert queries.list_cameras(tomohon) == []
    assert not Camera.objects.exists()
