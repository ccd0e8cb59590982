"""Every page, on a phone and on a desk: nobody is shut out, nothing sticks out, no script fails."""

from typing import Any

import pytest

from tests.journeys.conftest import Open, faults_of, overflow

pytestmark = pytest.mark.journey
PUBLIC = (
    "/",
    "/makassar/",
    "/makassar/lapor/",
    "/makassar/laporan/",
    "/makassar/dasbor/",
    "/akun/masuk/",
    "/atlantis/",
)
STAFF = {
    "petugas.dlh": "/makassar/kerja/",
    "operator.makassar": "/makassar/kerja/",
    "walikota.makassar": "/makassar/dasbor/",
}


def check(page: Any) -> None:
    page.wait_for_timeout(400)
    assert overflow(page) <= 0
    assert faults_of(page) == []


@pytest.mark.parametrize("size", ["phone", "desk"])
@pytest.mark.parametrize("path", PUBLIC)
def test_public_pages(visit: Open, path: str, size: str) -> None:
    check(visit(path, size))


@pytest.mark.parametrize("size", ["phone", "desk"])
@pytest.mark.parametrize("username", STAFF)
def test_staff_pages(signed_in: Open, username: str, size: str) -> None:
    check(signed_in(username, STAFF[username], size))


@pytest.mark.parametrize("path", ["/makassar/dasbor/", "/makassar/laporan/"])
def test_maps_draw_without_the_internet(visit: Open, path: str) -> None:
    page = visit(path, "desk")
    page.wait_for_selector("[data-island=map][data-idle='1']", timeout=20_000)
    hosts = page.evaluate("performance.getEntriesByType('resource').map(e => new URL(e.name).hostname)")
    assert set(hosts) == {"127.0.0.1"}


def test_a_page_that_needs_a_member_asks_to_sign_in_and_comes_back(signed_in: Open, visit: Open) -> None:
    page = visit("/makassar/kerja/")
    assert "/akun/masuk/" in page.url
    assert signed_in("petugas.dlh", "/makassar/kerja/").url.endswith("/makassar/kerja/")


def test_officers_of_one_city_are_strangers_in_another(signed_in: Open) -> None:
    page = signed_in("petugas.dlh", "/makassar/kerja/")
    answer = page.goto(page.url.replace("makassar", "tomohon"))
    assert answer.status == 403
