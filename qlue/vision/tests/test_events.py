from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType

import pytest
from django.conf import settings
from PIL import Image

from qlue.kit.clock import now
from qlue.kit.db import fetch_all
from qlue.reports.models import Photo, Report
from qlue.reports.tests.making import officer
from qlue.vision import jobs, reading
from qlue.vision.actions import counting, judge, keep_camera, leasing
from qlue.vision.actions.cameras import Given
from qlue.vision.actions.judging import Judged
from qlue.vision.actions.telling import Told, close_dead, tell
from qlue.vision.models import Camera, Event
from qlue.vision.rules.book import Minute
from qlue.vision.showing.jpeg import jpeg
from qlue.vision.sources.address import Address, decrypt

PLACE = (119.4124, -5.1491)


def registered(city, name="Simpang Lima", url="rtsp://10.0.0.9/satu", credentials="budi:rahasia") -> Camera:
    """A camera that node `a` holds."""
    return keep_camera(city, None, Given(name, "rtsp", Address(url, credentials), *PLACE))


def told(camera, step="open", seconds=180, kind="parking", key="parking:Zona:1,2", at=None, **more) -> Told:
    """What a node says; it took the lease just before."""
    leasing.take("a", 9)
    data = {"n": 1, "peak": more.pop("peak", 1), "seconds": seconds, "vehicle": "car"}
    photo = jpeg(Image.new("RGB", (64, 48), "orange")) if step == "open" else b""
    return Told(camera.id, camera.city_id, 1, kind, "Zona", key, step, at or now(), data, photo)


def only_event() -> Event:
    return Event.objects.get()


def test_an_event_is_one_however_often_it_is_told(makassar):
    camera = registered(makassar)
    assert tell(makassar, told(camera))
    assert tell(makassar, told(camera, "update", 240, peak=3))
    assert tell(makassar, told(camera))  # another node begins to see the same
    assert tell(makassar, told(camera, "close", 300))
    assert tell(makassar, told(camera))  # a blink of the detector
    event = only_event()
    assert (event.verdict, event.data["peak"], event.closed_at) == ("waiting", 3, None)
    assert event.photo
    kinds = [
        row[0] for row in fetch_all("SELECT kind FROM timeline_happening WHERE city_id = %s ORDER BY id", [makassar.id])
    ]
    assert kinds == ["camera.registered", "camera.event"]


def test_after_a_while_the_same_place_is_a_new_event(makassar):
    camera = registered(makassar)
    tell(makassar, told(camera, at=now() - timedelta(hours=2)))
    tell(makassar, told(camera, "close", at=now() - timedelta(hours=1)))
    tell(makassar, told(camera))
    assert Event.objects.count() == 2


def test_an_old_holder_tells_in_vain(makassar):
    camera = registered(makassar)
    late = told(camera)
    assert not tell(makassar, replace(late, revision=7))
    assert not Event.objects.exists()


def test_yes_makes_one_report_with_the_blurred_picture(makassar):
    camera, operator = registered(makassar), officer(makassar, "operator")
    tell(makassar, told(camera))
    event = only_event()
    for _ in range(2):  # an impatient finger
        judge(makassar, operator, event.id, yes=True, category=makassar.category("parkir-liar"))
    report = Report.objects.get()
    assert (report.channel, report.category_id) == ("camera", makassar.category("parkir-liar").id)
    assert "Simpang Lima" in report.words
    assert "mobil" in report.words
    assert Photo.objects.get().uuid == event.photo
    with pytest.raises(Judged):
        judge(makassar, operator, event.id, yes=False)


def test_no_ends_it_without_a_report(makassar):
    camera, operator = registered(makassar), officer(makassar, "operator")
    tell(makassar, told(camera))
    assert judge(makassar, operator, only_event().id, yes=False).verdict == "no"
    assert not Report.objects.exists()
    assert reading.judged(makassar, camera.id) == (0, 1)


def test_where_the_pack_says_so_it_is_a_report_at_once_and_once(makassar):
    city = replace(makassar, auto=MappingProxyType({"camera_reports": ["parking"]}))
    camera = registered(city)
    tell(city, told(camera))
    tell(city, told(camera, "close"))
    tell(city, told(camera))
    tell(city, told(camera, kind="crowd", key="crowd:Zona"))
    assert Report.objects.count() == 1
    assert sorted(Event.objects.values_list("kind", "verdict")) == [("crowd", "waiting"), ("parking", "auto")]


def test_an_event_whose_node_died_ends_by_itself(makassar):
    camera = registered(makassar)
    tell(makassar, told(camera, at=now() - timedelta(minutes=30)))
    assert close_dead() == 1
    assert only_event().closed_at == only_event().updated_at


def test_minutes_are_stored_absolute_and_add_up_over_holders(makassar):
    camera = registered(makassar)
    leasing.take("a", 9)
    start = int(now().timestamp() // 60 * 60)
    minute = Minute(start, seen_s=30, frames=150, vehicles_s=60)
    minute.crossings["Jalan", "car", "forward"] = 4
    for _ in range(2):  # told again after a broken connection
        assert counting.count(makassar.id, camera.id, 1, [minute])
    fetch_all("UPDATE vision_lease SET until = now() - interval '1 s' RETURNING 1")
    leasing.take("b", 9)
    assert not counting.count(makassar.id, camera.id, 1, [minute])
    rest = Minute(start, seen_s=20, frames=100, vehicles_s=20)
    rest.crossings["Jalan", "car", "forward"] = 1
    assert counting.count(makassar.id, camera.id, 2, [rest])
    assert list(reading.minutes(makassar, camera.id)[-1][1:3]) == pytest.approx([50, 1.6])
    today = now().astimezone(makassar.tz).date()
    assert reading.days(makassar, camera.id, today)[1] == {"car": [0] * 13 + [5]}
    flow = reading.flows(makassar)[camera.id]
    assert (flow.crossed, flow.level) == (5, "unknown")  # fifty seconds of fifteen minutes say nothing


def test_old_minutes_go_at_night_and_the_others_stay(makassar, monkeypatch):
    monkeypatch.setattr(jobs, "KEEP_DAYS", 1)  # less than a camera's page looks back at
    camera = registered(makassar)
    leasing.take("a", 9)
    days = (0, 10, 16, 400)
    starts = [int((now() - timedelta(days=ago)).timestamp() // 60 * 60) for ago in days]
    minutes = [Minute(start, seen_s=30, frames=150) for start in starts]
    for minute in minutes:
        minute.crossings["Jalan", "car", "forward"] = 4
    assert counting.count(makassar.id, camera.id, 1, minutes)
    jobs.forget_old_minutes(0)
    for table in ("vision_minute", "vision_count"):
        kept = fetch_all(f"SELECT extract(epoch FROM start)::bigint FROM {table} ORDER BY start DESC")
        assert [start for (start,) in kept] == starts[:2]


def test_credentials_are_kept_encrypted_and_apart(makassar):
    camera = registered(makassar)
    kept = fetch_all("SELECT url, secret FROM vision_camera WHERE id = %s", [camera.id])[0]
    assert "rahasia" not in "".join(kept)
    assert decrypt(settings.SECRET_KEY, kept[1]) == "budi:rahasia"


def test_another_citys_cameras_do_not_exist(makassar, tomohon):
    from qlue.kit.db import enter_city

    enter_city(makassar.id)
    registered(makassar)
    enter_city(tomohon.id)
    assert reading.cameras(tomohon) == []
    assert not Camera.objects.exists()
