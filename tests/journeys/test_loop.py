"""A resident reports, the agency works and proves it, the resident answers, and the dashboard shows it live."""

import re
from typing import Any

import pytest

from tests.journeys.conftest import Open
from tests.journeys.drawn import photo

pytestmark = pytest.mark.journey
QUEUE = "/makassar/kerja/"


def fill(page: Any, words: str) -> None:
    page.check("input[name=category][value=sampah]", force=True)
    page.fill("textarea[name=words]", words)


def report(page: Any, words: str) -> str:
    """Hands in a report by kelurahan and landmark; returns its code."""
    fill(page, words)
    page.select_option("select[name=area]", label="Kunjung Mae")
    page.fill("input[name=landmark]", "Depan pasar")
    page.set_input_files("input[name=photos]", [photo()])
    page.click("main form button[type=submit].btn-primary")
    page.wait_for_url(re.compile(r"/laporan/MKS-\w{7}/ikuti/"))
    found = re.search(r"MKS-\w{7}", page.url)
    assert found
    return found[0]


def number(page: Any, index: int) -> int:
    """A number of the dashboard's first row: 0 new today, 1 waiting, 2 in progress."""
    return int(page.locator(".wall-numbers .tile-value").nth(index).inner_text().split()[0].replace(".", ""))


def do(page: Any, verb: str, **fields: Any) -> None:
    """One verb on a case page, with its fields."""
    step = page.locator(f"form[action$='/{verb}/']")
    if not step.locator("button").is_visible():
        page.locator(f"#langkah-{verb} summary").click()
    for name, value in fields.items():
        if name == "photos":
            step.locator("input[type=file]").first.set_input_files([value])
        else:
            step.locator(f"[name={name}]").fill(value)
    step.locator("button[type=submit]").click()
    step.wait_for(state="detached")  # with photos the page is sent and replaced in place, without a navigation


def test_the_whole_loop(visit: Open, signed_in: Open) -> None:
    board = visit("/makassar/dasbor/", "desk")
    board.wait_for_selector("[data-live-sign]")
    before = number(board, 1)

    resident = visit("/makassar/lapor/")
    code = report(resident, "Sampah menumpuk tiga hari di depan pasar.")
    board.wait_for_function(
        "n => +document.querySelectorAll('.wall-numbers .tile-value')[1].innerText.replace('.', '') === n",
        arg=before + 1,
        timeout=3000,
    )

    officer = signed_in("petugas.dlh", QUEUE)
    officer.get_by_text(code).first.wait_for()
    officer.goto(officer.url + f"{code}/")
    do(officer, "accept")
    do(officer, "start")
    do(officer, "resolve", words="Sudah diangkut semuanya.", photos=photo("#557755"))

    resident.reload()
    assert "Sudah diangkut semuanya." in resident.inner_text("main")
    resident.fill("#jawab textarea[name=words]", "Masih ada di sudut belakang.")
    with resident.expect_navigation():
        resident.click("button[value=dispute]")

    officer.reload()
    assert "Masih ada di sudut belakang." in officer.inner_text("main")
    do(officer, "start")
    do(officer, "resolve", words="Sudut belakang juga bersih.", photos=photo("#448844"))

    resident.goto(resident.url.split("?")[0].split("#")[0])
    with resident.expect_navigation():
        resident.click("button[value=confirm]")
    page = visit(f"/makassar/laporan/{code}/")
    assert "Sudut belakang juga bersih." in page.inner_text("main")
    assert page.locator("img[src*='/foto/']").count() >= 2


def test_the_form_works_without_script_and_keeps_what_was_typed(visit: Open) -> None:
    page = visit("/makassar/lapor/", java_script_enabled=False)
    page.fill("textarea[name=words]", "Lubang besar di jalan depan sekolah.")
    page.set_input_files("input[name=photos]", [photo()])
    page.click("main form button[type=submit].btn-primary")
    assert page.locator(".field-wrong, .is-invalid").count() >= 1
    assert page.input_value("textarea[name=words]") == "Lubang besar di jalan depan sekolah."
    page.locator("input[name=category][value=jalan-rusak]").last.check(force=True)
    page.select_option("select[name=area]", label="Kunjung Mae")
    page.click("main form button[type=submit].btn-primary")
    page.wait_for_url(re.compile(r"/ikuti/"))
    assert page.locator("img[src*='/foto/']").count() >= 1  # the photo chosen before the error is still there


def test_the_place_may_come_from_the_photo(visit: Open) -> None:
    page = visit("/makassar/lapor/", java_script_enabled=False)
    fill(page, "Sampah di tepi jalan.")
    page.set_input_files("input[name=photos]", [photo(place=(119.4124, -5.1491))])
    page.click("main form button[type=submit].btn-primary")
    page.wait_for_url(re.compile(r"/ikuti/"))
    assert "Kunjung Mae" in page.inner_text("main")


def test_english_is_one_press_away(visit: Open) -> None:
    page = visit("/makassar/laporan/", "desk")
    assert page.get_attribute("html", "lang") == "id"
    page.locator("details.account summary").click()
    page.locator("details.account a[hreflang=en]").click()
    page.wait_for_function("document.documentElement.lang === 'en'")
