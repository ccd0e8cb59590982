"""The pages of sensors and alarms as people at work see them."""

import json
import re
import time

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client

from qlue.kit.db import enter_city, enter_every_city, fetch_value
from qlue.people.actions import add_user
from qlue.things.alarms import watch
from qlue.things.intake.identity import hash_token
from qlue.things.intake.store import build_batch, store_batch
from qlue.things.models import Alarm, Command, Device, Profile, Silence
from qlue.things.tests.factories import device, identity_of

HEAD = "key,name,profile,lat,lon,place,every_seconds,levels\n"
GOOD = "air-9,Pos Uji,muka-air,-5.1491,119.4124,Jembatan,60,4=100/90; 3=150/140\n"


@pytest.fixture
def visit(makassar):
    """A browser in which somebody with this role is signed in."""

    def sign_in(role):
        member = add_user(city=makassar, username=role, role=role, agency="", name=role, password="panjang sekali 1")
        client = Client()
        client.force_login(member.user)
        return client

    return sign_in


@pytest.fixture
def flooded(makassar):
    """A gauge that stands at siaga 2, and its readings."""
    made = device(makassar)
    source = identity_of(made.key)
    told = [(source, json.dumps({"at": time.time() - 60 * i, "level_cm": 262, "battery_v": 3.9}).encode(), time.time())
            for i in range(3)]  # fmt: skip
    with connection.cursor() as cursor:
        store_batch(cursor, build_batch([*told, (source, b'{"level_cm": "=cmd()"}', time.time())]))
    enter_every_city()
    watch.watch_once()
    enter_city(makassar.id)
    return made


def test_the_list_shows_the_worst_first_and_what_was_refused(visit, flooded, makassar):
    device(makassar, "sepi", name="Pos sepi")
    page = visit("operator").get("/makassar/sensor/").content.decode()
    assert page.index("Pos air-01") < page.index("Pos sepi")
    assert "Siaga 2" in page
    assert "262" in page
    assert "=cmd()" in page.replace("&quot;", '"')


def test_the_map_layer_is_geojson(visit, flooded):
    found = visit("mayor").get("/makassar/sensor/sensor.geojson").json()
    assert found["features"][0]["properties"]["state"] == "alarm"
    points = Client().get("/makassar/sensor/titik.json")
    assert points.status_code == 302


def test_a_device_shows_its_series_and_levels(visit, flooded):
    client = visit("mayor")
    page = client.get("/makassar/sensor/alat/air-01/").content.decode()
    assert "Siaga 1" in page
    for span in ("1j", "6j", "24j", "7h", "30h", "1t"):
        found = client.get(f"/makassar/sensor/alat/air-01/seri.json?field=level_cm&rentang={span}").json()
        assert found["unit"] == "cm"
    found = client.get("/makassar/sensor/alat/air-01/seri.json").json()
    assert set(found["mean"]) == {262}
    assert client.get("/makassar/sensor/alat/tiada/").status_code == 404


def test_the_console_acknowledges_and_silences(visit, flooded):
    client = visit("operator")
    alarm = Alarm.objects.get()
    assert "Siaga 2" in client.get("/makassar/alarm/").content.decode()
    client.post(f"/makassar/alarm/{alarm.id}/terima/")
    assert Alarm.objects.get().acknowledged_at
    client.post("/makassar/sensor/alat/air-01/senyap/", {"hours": "4", "reason": "Servis", "field": "level_cm"})
    assert Silence.objects.get().reason == "Servis"
    client.post("/makassar/sensor/alat/air-01/senyap/", {"hours": "4", "reason": ""})
    assert Silence.objects.count() == 1
    assert "Servis" in client.get("/makassar/alarm/").content.decode()


def test_who_may_only_look_cannot_act(visit, flooded):
    client, alarm = visit("mayor"), Alarm.objects.get()
    assert client.get("/makassar/alarm/").status_code == 200
    for address in (f"/makassar/alarm/{alarm.id}/terima/", "/makassar/sensor/alat/air-01/senyap/"):
        assert client.post(address).status_code == 403
    assert client.get("/makassar/sensor/impor/").status_code == 403
    assert Client().get("/makassar/sensor/").status_code == 302


def test_a_command_waits_for_the_device(visit, flooded):
    visit("operator").post("/makassar/sensor/alat/air-01/perintah/", {"name": "interval", "value": "30"})
    assert (Command.objects.get().name, Command.objects.get().state) == ("interval", "waiting")


def test_a_new_device_gets_a_token_that_is_shown_once(visit, makassar):
    given = {
        "key": "air-5",
        "name": "Pos 5",
        "profile": "muka-air",
        "lat": "-5.1491",
        "lon": "119.4124",
        "expected_s": 60,
    }
    client = visit("admin")
    page = client.post("/makassar/sensor/baru/", given).content.decode()
    made = Device.objects.get(key="air-5")
    (token,) = re.findall(r"<code[^>]*>([0-9a-f]{40})</code>", page)
    assert made.token_hash == hash_token(token.encode())
    assert token not in client.get("/makassar/sensor/alat/air-5/").content.decode()
    assert client.post("/makassar/sensor/baru/", given).status_code == 422


def upload(client, text, name="a.csv"):
    data = text if isinstance(text, bytes) else text.encode()
    return client.post("/makassar/sensor/impor/", {"file": SimpleUploadedFile(name, data)})


def test_devices_come_from_a_file_and_go_back_into_one(visit, makassar):
    client = visit("admin")
    page = upload(client, HEAD + GOOD + "hujan-9,Hujan,hujan,-5.15,119.42,,,\n").content.decode()
    assert page.count("makassar.") == 2
    assert [step.at for step in Device.objects.get(key="air-9").alarm_rules()[0].steps] == [100, 150]
    Device.objects.filter(key="air-9").update(name="=HYPERLINK(1)", place="@x")
    written = client.get("/makassar/sensor/ekspor.csv").content.decode("utf-8-sig")
    assert "'=HYPERLINK(1)" in written
    assert "'@x" in written
    assert "-5.1491" in written
    assert "'-5" not in written
    assert upload(client, HEAD + GOOD).status_code == 302
    assert fetch_value("SELECT count(*) FROM things_device") == 2


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (HEAD + GOOD.replace("-5.1491,119.4124", "119.4124,-5.1491"), "tertukar"),
        (HEAD + GOOD.replace("-5.1491", "1.3"), "luar Makassar"),
        (HEAD + GOOD.replace("-5.1491", "NaN"), "bukan angka"),
        (HEAD + GOOD.replace("Pos Uji", "=2+2"), "rumus"),
        (HEAD + GOOD.replace("muka-air", "roket"), "roket"),
        (HEAD + GOOD + GOOD, "baris 2"),
        (HEAD + GOOD.replace("4=100/90", "4=200/190"), "Tingkat"),
        ((HEAD + GOOD).encode("utf-16"), "UTF-8"),
        ((HEAD + GOOD.replace("Pos", "Pós")).encode("latin-1"), "UTF-8"),
        ("a,b\n1,2\n", "Kolom"),
        ("", "Kolom"),
    ],
)
def test_a_faulty_file_stores_nothing_and_names_the_line(visit, makassar, text, words):
    answer = upload(visit("admin"), text) if text else upload(visit("admin"), "\n")
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert fetch_value("SELECT count(*) FROM things_device") == 0


def alarms(*forms):
    """What a browser sends of the alarms in the form of a kind."""
    usual = {"field": "", "levels": "", "above": "1", "hold_s": 60, "category": "", "case_from": 4}
    sent = {f"alarm-{n}-{name}": value for n, form in enumerate(forms) for name, value in (usual | form).items()}
    return sent | {"alarm-TOTAL_FORMS": len(forms), "alarm-INITIAL_FORMS": 0}


def test_a_kind_can_be_changed_and_keeps_the_numbers_of_its_fields(visit, makassar):
    client = visit("admin")
    client.get("/makassar/sensor/jenis/")
    page = client.get("/makassar/sensor/jenis/hujan/")
    assert page.status_code == 200
    lines = "rain_mm_h; Hujan; mm/jam; 0; 400\ntilt; Kemiringan; °; 0; 90"
    given: dict[str, object] = {
        "name": "Hujan",
        "fields_text": lines,
    }
    given |= alarms({"field": "rain_mm_h", "levels": "4=20/10; 3=60/40", "category": "banjir", "case_from": 3}, {})
    assert client.post("/makassar/sensor/jenis/hujan/", given).status_code == 302
    fields = fetch_value("SELECT fields FROM things_profile WHERE slug = 'hujan'")
    assert [(field["name"], field["number"]) for field in json.loads(fields)] == [("rain_mm_h", 1), ("tilt", 10)]
    assert client.post("/makassar/sensor/jenis/hujan/", given | {"alarm-0-levels": "x"}).status_code == 422
    assert client.get("/makassar/sensor/jenis/baru/").status_code == 200
    for slug in ("getaran", "getaran-2"):
        assert client.post("/makassar/sensor/jenis/baru/", given | {"name": "Getaran"}).status_code == 302
        assert fetch_value("SELECT count(*) FROM things_profile WHERE slug = %s", [slug]) == 1


TWO: tuple[dict[str, object], ...] = (
    {"field": "level_cm", "levels": "4=150/140; 2=250/240", "category": "potensi-banjir", "case_from": 2},
    {"field": "battery_v", "levels": "4=3.3/3.5", "above": "0"},
    {},
)
KIND = {"name": "Pos air", "fields_text": "level_cm; Muka air; cm; -50; 1000\nbattery_v; Baterai; V; 0; 20"}


def test_a_kind_has_several_alarms_each_field_one(visit, makassar):
    device(makassar)
    client, address = visit("admin"), "/makassar/sensor/jenis/air/"
    assert client.post(address, KIND | alarms(*TWO)).status_code == 302
    kept = Profile.objects.get(slug="air").alarm_rules()
    assert [(one.field, one.above, len(one.steps)) for one in kept] == [("level_cm", True, 2), ("battery_v", False, 1)]
    page = client.get(address).content.decode()
    assert page.count("-levels") > page.count('value="4=3.3/3.5"') == 1
    twice = client.post(address, KIND | alarms(TWO[0], TWO[0]))
    unknown = client.post(address, KIND | alarms({"field": "suhu", "levels": "4=1/0"}))
    assert twice.status_code == unknown.status_code == 422
    assert client.post(address, KIND | alarms({}, TWO[1])).status_code == 302
    assert [one.field for one in Profile.objects.get(slug="air").alarm_rules()] == ["battery_v"]


def test_alarms_are_tried_on_what_was_measured_before_they_are_saved(visit, makassar):
    gauge = device(makassar, expected_s=600)
    device(makassar, "air-02", steps={"level_cm": [{"level": 4, "at": 90, "clear": 80}]})
    values = [100, 160, 160, 100, 100, 260, 260, 300, 300, 100, 140, 141, 100, 160]  # the last has not held
    for key in ("air-01", "air-02"):
        source = identity_of(key)
        start = time.time() - 600 * len(values)
        bodies = [b'{"at": %f, "level_cm": %f}' % (start + n * 600, value) for n, value in enumerate(values)]
        with connection.cursor() as cursor:
            store_batch(cursor, build_batch((source, body, time.time()) for body in bodies))
    client, address = visit("admin"), "/makassar/sensor/jenis/air/"
    page = " ".join(client.post(address, KIND | alarms(*TWO) | {"try": "1"}).content.decode().split())
    assert "Muka air</strong>: 3 alarm, 1 di antaranya" in page
    assert "Pos air-01 2, Pos air-02 1" in page
    assert len(Profile.objects.get(slug="air").alarm_rules()[0].steps) == 4
    own = {"name": "Pos", "profile": "air", "lat": gauge.lat, "lon": gauge.lon, "expected_s": 600, "active": "on"}
    trial = own | {"levels": "4=350/340", "try": "1"}
    page = " ".join(client.post("/makassar/sensor/alat/air-01/ubah/", trial).content.decode().split())
    assert "</strong>: 0 alarm" in page
    assert Device.objects.get(key="air-01").steps == {}


def test_a_place_may_have_its_own_levels_of_every_alarm(visit, makassar):
    gauge = device(makassar)
    client, address = visit("admin"), "/makassar/sensor/alat/air-01/ubah/"
    given = {"name": "Pos", "profile": "air", "lat": gauge.lat, "lon": gauge.lon, "expected_s": 60, "active": "on"}
    assert client.post(address, given | {"levels": "4=90/80 | battery_v: 4=3/3.2"}).status_code == 302
    assert set(Device.objects.get().steps) == {"level_cm", "battery_v"}
    assert "4=90/80 | battery_v: 4=3/3.2" in client.get(address).content.decode()
    assert "4=90/80 | battery_v: 4=3/3.2" in client.get("/makassar/sensor/ekspor.csv").content.decode("utf-8-sig")
    assert client.post(address, given | {"levels": "suhu: 4=3/2"}).status_code == 422
