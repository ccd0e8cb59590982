import json

import pytest

from qlue.people.models import Role
from qlue.reports.models import Report
from qlue.reports.tests.making import officer
from qlue.vision.actions.events import apply_event_update
from qlue.vision.models import Camera
from qlue.vision.tests.making import film
from qlue.vision.tests.test_events import PLACE, only_event, registered, told


@pytest.fixture
def operator(client, makassar):
    member = officer(makassar, Role.OPERATOR)
    client.force_login(member.user)
    return client


@pytest.fixture
def videos(tmp_path, settings):
    settings.HOME = tmp_path
    folder = tmp_path / "videos"
    folder.mkdir()
    film(folder / "uji.mp4", seconds=1)
    return folder


def said(**more):
    usual = {"name": "Veteran", "kind": "rtsp", "address": "rtsp://ani:kata-sandi@10.1.2.3:554/s1", "lon": PLACE[0],
             "lat": PLACE[1]}  # fmt: skip
    return usual | more


def test_a_camera_is_registered_and_its_login_never_shown_again(operator, makassar):
    answer = operator.post("/makassar/kamera/baru/", said())
    camera = Camera.objects.get()
    assert answer.url == f"/makassar/kamera/{camera.id}/garis/"
    assert (camera.url, camera.active) == ("rtsp://10.1.2.3:554/s1", True)
    for page in ("", "ubah/"):
        shown = operator.get(f"/makassar/kamera/{camera.id}/{page}").content.decode()
        assert "kata-sandi" not in shown
        assert "10.1.2.3" in shown
    operator.post(f"/makassar/kamera/{camera.id}/ubah/", said(name="Veteran Utara", address=""))
    after = Camera.objects.get()
    assert (after.name, after.url, after.secret, after.changed) == (
        "Veteran Utara", camera.url, camera.secret, camera.changed + 1)  # fmt: skip


REFUSED = [
    ("rtsp", "http://10.0.0.1/"),
    ("rtsp", "file:///etc/passwd"),
    ("hls", "ftp://10.0.0.1/x.m3u8"),
    ("hls", "http://127.0.0.1:8000/x.m3u8"),
    ("hls", "http://[::1]/x.m3u8"),
    ("mjpeg", "http://[::ffff:127.0.0.1]/"),
    ("mjpeg", "http://169.254.169.254/latest/meta-data/"),
    ("mjpeg", "http://0.0.0.0/"),
    ("mjpeg", "concat:http://10.0.0.1/|file:///etc/passwd"),
    ("rtsp", "rtsp:///nohost"),
    ("rtsp", "rtsp://10.0.0.1:99999/"),
    ("rtsp", "rtsp://10.0.0.1/a b"),
    ("file", "../../secret"),
    ("file", "/etc/passwd"),
    ("file", "gone.mp4"),
    ("file", "link.mp4"),
    ("rtsp", ""),
]


@pytest.mark.parametrize(("kind", "address"), REFUSED)
def test_addresses_that_are_not_opened(operator, videos, kind, address):
    (videos / "link.mp4").symlink_to("/etc/passwd")
    answer = operator.post("/makassar/kamera/baru/", said(kind=kind, address=address))
    assert answer.status_code == 422
    assert not Camera.objects.exists()


def test_a_test_shows_the_picture_or_says_why_there_is_none(operator, videos, monkeypatch):
    good = operator.post("/makassar/kamera/baru/", said(kind="file", address="uji.mp4", test="1"))
    assert "data:image/jpeg;base64," in good.content.decode()
    (videos / "rusak.mp4").write_bytes(b"no film at all" * 100)
    bad = operator.post("/makassar/kamera/baru/", said(kind="file", address="rusak.mp4", test="1"))
    assert "Kamera menolak sambungan" in bad.content.decode()
    monkeypatch.setenv("QLUE_CAMERA_NETWORKS", "127.0.0.0/8")
    gone = operator.post("/makassar/kamera/baru/", said(address="rtsp://ani:kata-sandi@127.0.0.1:9/", test="1"))
    assert "Kamera menolak sambungan" in gone.content.decode()
    assert not Camera.objects.exists()


def test_lines_and_zones_are_kept_and_garbage_comes_back(operator, makassar):
    camera = registered(makassar)
    page = f"/makassar/kamera/{camera.id}/garis/"
    marks = {"lines": [{"name": "Jalan", "points": [[0, 0.5], [1, 0.5]]}], "zones": []}
    assert operator.post(page, {"marks": json.dumps(marks)}).status_code == 302
    assert Camera.objects.get().marks == marks
    for garbage in ("{", '{"lines":[{"name":"x","points":[[0,0],[9,9]]}]}', "[" * 30000):
        answer = operator.post(page, {"marks": garbage})
        assert answer.status_code == 422
    assert Camera.objects.get().marks == marks


def test_an_operator_says_yes_and_the_report_is_there(operator, makassar):
    apply_event_update(makassar, told(registered(makassar)))
    event = only_event()
    page = operator.get("/makassar/kamera/kejadian/").content.decode()
    assert "Ya, jadikan laporan" in page
    assert operator.get(f"/makassar/kamera/kejadian/{event.id}/medium.jpg")["Content-Type"] == "image/jpeg"
    answer = operator.post(
        f"/makassar/kamera/kejadian/{event.id}/", {"verdict": "yes", "category": "parkir-liar", "words": "Mobil parkir"}
    )
    assert answer.status_code == 302
    assert Report.objects.get().words == "Mobil parkir"
    assert "Simpang Lima" in operator.get("/makassar/kamera/kejadian/?verdict=yes").content.decode()


def test_the_desk_tells_how_each_camera_is(operator, makassar):
    registered(makassar)
    page = operator.get("/makassar/kamera/").content.decode()
    assert "Simpang Lima" in page
    assert "Belum dibaca" in page
    layer = operator.get("/makassar/kamera/lalu-lintas.geojson").json()
    assert layer["features"][0]["properties"]["note"] == "Belum diketahui"


def test_without_the_right_nothing_is_seen_or_changed(client, makassar):
    camera = registered(makassar)
    apply_event_update(makassar, told(camera))
    its = [f"{camera.id}/{page}" for page in ("", "ubah/", "garis/", "gambar.jpg", "langsung.mjpg")]
    paths = ["", "baru/", "kejadian/", *its, f"kejadian/{only_event().id}/large.jpg"]
    for path in paths:
        assert client.get(f"/makassar/kamera/{path}").status_code == 302  # to sign in
    client.force_login(officer(makassar).user)
    assert {client.get(f"/makassar/kamera/{path}").status_code for path in paths} == {403}
    client.force_login(officer(makassar, Role.HEAD).user)
    assert client.get("/makassar/kamera/").status_code == 200
    assert client.post(f"/makassar/kamera/kejadian/{only_event().id}/", {"verdict": "no"}).status_code == 403
    assert client.post("/makassar/kamera/baru/", said()).status_code == 403


def test_a_camera_can_be_switched_off_and_on(operator, makassar):
    camera = registered(makassar)
    operator.post(f"/makassar/kamera/{camera.id}/nyala/", {"active": "0"})
    assert "Dimatikan" in operator.get(f"/makassar/kamera/{camera.id}/").content.decode()
    operator.post(f"/makassar/kamera/{camera.id}/nyala/", {"active": "1"})
    assert Camera.objects.get().active


def test_the_minutes_of_a_day_come_as_csv_without_formulas(operator, makassar):
    from qlue.kit.clock import now
    from qlue.vision.actions import counts, leases
    from qlue.vision.rules.minutes import MinuteSums

    camera = registered(makassar)
    leases.take_leases("a", 9)
    minute = MinuteSums(int(now().timestamp() // 60 * 60), seen_s=60, frames=300)
    minute.crossings["=HYPERLINK(1)", "car", "forward"] = 2
    counts.store_minutes(makassar.id, camera.id, 1, [minute])
    table = operator.get(f"/makassar/kamera/{camera.id}/menit.csv").content.decode()
    assert "'=HYPERLINK" in table
