"""A sensor from its registration to the end of its case; nobody reloads a page on the way."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from tests.journeys.conftest import Open, Served, faults_of, overflow

pytestmark = pytest.mark.journey
KEY, NAME, WAIT_MS = "air-jurnal", "Pos air jurnal", 15_000
CARD = f"article:has-text('{NAME}')"


@contextmanager
def sensor(served: Served, token: str) -> Iterator[Callable[..., None]]:
    """`say((seconds ago, value), ...)`: the device as it would speak, on the second port above the web's."""
    name, began = f"makassar.{KEY}", time.time()
    client = paho.Client(CallbackAPIVersion.VERSION2, name)
    client.username_pw_set(name, token)
    client.connect("127.0.0.1", int(served.url.rpartition(":")[2]) + 2)
    client.loop_start()

    def say(*readings: tuple[int, int]) -> None:
        for ago, value in readings:
            body = json.dumps({"at": began - ago, "level_cm": value})
            client.publish(f"qlue/makassar/{KEY}/readings", body, 1).wait_for_publish(10)

    yield say
    client.disconnect()
    client.loop_stop()


def test_a_gauge_is_registered_rings_and_falls_silent(served: Served, signed_in: Open) -> None:
    page = signed_in("admin.makassar", "/makassar/sensor/baru/", "desk")
    for name, words in {"key": KEY, "name": NAME, "lat": "-5.1491", "lon": "119.4124"}.items():
        page.fill(f"input[name={name}]", words)
    page.select_option("select[name=profile]", "muka-air")
    page.click("main form button[type=submit]")
    token = next(
        word for text in page.locator("main td code").all_inner_texts() for word in text.split() if len(word) == 40
    )
    page.goto(f"{served.url}/makassar/sensor/alat/{KEY}/")
    with sensor(served, token) as say:
        say((600, 100))
        page.wait_for_selector("#nilai >> text=100 cm", timeout=WAIT_MS)
        page.wait_for_selector(".series[data-idle]", timeout=WAIT_MS)
        page.goto(f"{served.url}/makassar/sensor/?q={KEY}")
        desk = signed_in("operator.makassar", "/makassar/alarm/", "phone")
        say((400, 260), (300, 260))
        desk.wait_for_selector(f"{CARD} a[href*='/laporan/']", timeout=WAIT_MS)
        assert "Siaga 2" in desk.inner_text(CARD)
        page.wait_for_selector("main table >> text=Siaga 2", timeout=WAIT_MS)
        assert overflow(desk) <= 0
        assert faults_of(desk) == []
        desk.click(f"{CARD} button:has-text('Saya tangani')")
        desk.wait_for_selector(f"{CARD} >> text=Ditangani")
        desk.click(f"{CARD} summary")
        desk.fill(f"{CARD} input[name=reason]", "servis alat")
        desk.click(f"{CARD} details button")
        desk.wait_for_selector(f"section:has(#senyap) {CARD}")
        case = desk.get_attribute(f"{CARD} a[href*='/laporan/']", "href")
        say((200, 100), (100, 100))
        desk.wait_for_selector(f"section:has(#lalu) >> text={NAME}", timeout=WAIT_MS)
    page.goto(f"{served.url}{case}")
    assert "Selesai" in page.inner_text("main")
