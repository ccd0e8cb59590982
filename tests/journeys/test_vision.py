"""A camera from its address to a report: registered, tested, drawn on, suspected, said yes to."""

from pathlib import Path
from typing import Any

import pytest

from qlue.vision.tests.making import film
from tests.journeys.conftest import PASSWORD, Open, Served, faults_of, overflow, qlue

pytestmark = pytest.mark.journey
NAME = "Simpang Perjalanan"
PLACE = (119.4124, -5.1491)
# What a node records once its detector saw a car stand; here it is done by hand, for no detector is fetched in tests.
SUSPECT = """
from io import BytesIO
from PIL import Image
from qlue.cities.facts import city_facts
from qlue.kit.clock import now
from qlue.kit.db import in_city
from qlue.vision.actions.events import EventUpdate, apply_event_update
from qlue.vision.models import Camera
city, jpeg = city_facts("makassar"), BytesIO()
Image.new("RGB", (320, 192), "orange").save(jpeg, "JPEG")
with in_city(city.id):
    camera = Camera.objects.select_related("lease").get(name="Simpang Perjalanan")
    data = {"n": 1, "peak": 1, "seconds": 180, "vehicle": "car"}
    update = EventUpdate(camera.id, city.id, camera.lease.revision, "parking", "Tepi jalan", "parking:Tepi jalan:1,2",
                         "open", now(), data, jpeg.getvalue())
    assert apply_event_update(city, update)
"""


@pytest.fixture
def videos(served: Served) -> Path:
    folder = served.home / "videos"
    folder.mkdir(exist_ok=True)
    return film(folder / "jalan.mp4", seconds=2)


def check(page: Any) -> None:
    page.wait_for_timeout(300)  # colours that fade in
    assert overflow(page) <= 0
    assert faults_of(page) == []


def register(page: Any) -> None:
    """The form with a test first; the place as the map writes it."""
    page.fill("input[name=name]", NAME)
    page.select_option("select[name=kind]", "file")
    page.fill("input[name=address]", "jalan.mp4")
    for name, value in zip(("lon", "lat"), PLACE, strict=True):
        page.eval_on_selector(f"input[name={name}]", "(input, value) => { input.value = value }", str(value))
    page.click("button[name=test]")
    page.wait_for_selector("img[src^='data:image/jpeg']")
    check(page)
    page.click("main form button[type=submit].btn-primary")
    page.wait_for_url("**/garis/")


def draw(page: Any) -> None:
    """A line by mouse, a zone by keyboard."""
    page.wait_for_function("() => document.querySelector('.marks-still')?.naturalWidth > 0")
    page.click("button:has-text('Garis hitung')")
    corner = page.locator(".marks-handle").first.bounding_box()
    page.mouse.move(corner["x"] + 5, corner["y"] + 5)
    page.mouse.down()
    page.mouse.move(corner["x"] + 45, corner["y"] + 30)
    page.mouse.up()
    page.click("button:has-text('Zona larangan parkir')")
    before = page.input_value("textarea[name=marks]")
    page.keyboard.press("Shift+ArrowRight")
    assert page.input_value("textarea[name=marks]") != before
    check(page)
    page.click("main form button[type=submit].btn-primary")
    page.wait_for_url("**/kamera/*/", wait_until="domcontentloaded")  # its live picture never ends loading


def test_a_camera_is_registered_drawn_on_and_its_event_becomes_a_report(
    signed_in: Open, served: Served, videos: Path
) -> None:
    page = signed_in("operator.makassar", "/makassar/kamera/", "desk")
    page.click("a[href$='/kamera/baru/']")
    register(page)
    draw(page)
    address = page.url
    page.wait_for_function(
        "async () => (await (await fetch(location.href)).text()).includes('langsung.mjpg')", timeout=20_000
    )
    page.reload(wait_until="domcontentloaded")
    check(page)
    assert qlue(served.home, "shell", "-c", SUSPECT).wait(60) == 0
    page.goto(address.partition("/kamera/")[0] + "/kamera/kejadian/")
    check(page)
    page.click("button:has-text('Ya, jadikan laporan')")
    page.goto(page.url.partition("?")[0] + "?verdict=yes")
    page.click("main article a[href*='/laporan/']")
    assert NAME in page.inner_text("main")


def test_without_script_a_line_is_written_beside_the_picture(visit: Open, videos: Path) -> None:
    page = visit("/akun/masuk/?next=/makassar/kamera/baru/", "phone", java_script_enabled=False)
    page.fill("input[name=login]", "operator.makassar")
    page.fill("input[name=password]", PASSWORD)
    page.click("main button[type=submit]")
    page.fill("input[name=name]", f"{NAME} dua")
    page.select_option("select[name=kind]", "file")
    page.fill("input[name=address]", "jalan.mp4")
    for name, value in zip(("lon", "lat"), PLACE, strict=True):
        page.fill(f"noscript input[name={name}]", str(value))
    page.click("main form button[type=submit].btn-primary")
    page.wait_for_selector("textarea[name=marks]")
    assert page.locator("img[src$='/gambar.jpg']").count() == 1
    page.fill("textarea[name=marks]", '{"lines": [{"name": "Jalan", "points": [[0, 0.5], [1, 0.5]]}]}')
    page.click("main form button[type=submit].btn-primary")
    page.wait_for_selector("a[href$='/garis/']")
