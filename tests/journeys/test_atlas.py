"""The city's data from a file to the map and the brief; its pages hold on a phone and on a desk."""

from pathlib import Path
from typing import Any

import pytest

from tests.journeys.conftest import Open, faults_of, overflow

pytestmark = pytest.mark.journey
CSV = """Kode;Kelurahan;Jumlah Penduduk
73.71.01.1001;Bontorannu;5.683
73.71.01.1009;Tamarunang;5.777
;Antah Berantah;12
"""


def check(page: Any) -> None:
    page.wait_for_timeout(300)
    assert overflow(page) <= 0
    assert faults_of(page) == []


def test_a_file_becomes_a_map(signed_in: Open, tmp_path: Path) -> None:
    file = tmp_path / "penduduk.csv"
    file.write_text(CSV)
    page = signed_in("admin.makassar", "/makassar/data/", "desk")
    check(page)
    page.goto(page.url + "unggah/")
    check(page)
    page.set_input_files("input[type=file]", str(file))
    page.fill("input[name=name]", "Penduduk coba")
    page.select_option("select[name=topic]", "population")
    page.check("input[name=shape][value=figures]")
    page.check("input[name=public]")
    page.click("main form button[type=submit]")
    page.wait_for_url("**/data/draf/**")
    check(page)
    page.click("button[name=keep]")
    page.wait_for_url("**/data/penduduk-coba/")
    assert "5.683" in page.content()
    check(page)
    board = page.url
    file.write_text(CSV.replace("5.683", "9.999"))
    page.click("a:has-text('Unggah versi baru')")
    page.set_input_files("input[type=file]", str(file))
    page.click("main form button[type=submit]")
    page.click("button[name=keep]")
    page.wait_for_url("**/data/penduduk-coba/")
    assert "9.999" in page.inner_text("main table")
    page.click("form[action$='/versi/1/'] button")
    page.wait_for_load_state()
    assert "5.683" in page.inner_text("main table")
    page.goto(board.replace("data/penduduk-coba/", "dasbor/?tab=wilayah&tingkat=kelurahan&ukuran=data:penduduk-coba"))
    page.click("table.tally a:has-text('Bontorannu')")
    page.wait_for_url("**tab=kasus&area=73.71.01.1001**")


@pytest.mark.parametrize("size", ["phone", "desk"])
def test_pages_under_a_filter(signed_in: Open, size: str) -> None:
    page = signed_in("walikota.makassar", "/makassar/dasbor/ringkasan-pekan/", size)
    check(page)
    home = page.url.replace("ringkasan-pekan/", "")
    for tab in ("wilayah", "rincian", "kasus"):
        page.goto(f"{home}?tab={tab}&period=30&lapisan=laporan")
        check(page)
    page.goto(page.url.replace("dasbor/", "data/").partition("?")[0])
    check(page)
