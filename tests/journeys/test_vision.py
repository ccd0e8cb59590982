"""A camera is registered and drawn on."""

from pathlib import Path

import pytest

from qlue.vision.tests.making import film
from tests.journeys.conftest import PASSWORD, Open, Served

pytestmark = pytest.mark.journey
NAME = "Simpang Perjalanan"
PLACE = (119.4124, -5.1491)


@pytest.fixture
def videos(served: Served) -> Path:
    folder = served.home / "videos"
    folder.mkdir(exist_ok=True)
    return film(folder / "jalan.mp4", seconds=2)


def test_without_script_a_line_is_written_beside_the_picture(visit: Open, videos: Path) -> None:
    page = visit("/akun/masuk/?next=/makassar/kamera/baru/", "phone", java_script_enabled=False)
    page.fill("input[name=login]", "operator.makassar")
    page.fill("input[name=password]", PASSWORD)
    page.click("main button[type=submit]")
    page.fill("input[name=name]", f"{NAME}")
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
