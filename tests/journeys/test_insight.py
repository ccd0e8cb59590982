"""From what people report to what the city promises, and a wrong category put right by its words."""

import re
from typing import Any

import pytest

from tests.journeys.conftest import PATIENCE_S, Open, Served, faults_of, overflow, qlue

pytestmark = pytest.mark.journey

# Tomohon: the other journeys count Makassar's reports.
LIVED = """
from qlue.cities.facts import city_facts
from qlue.insight.actions.runs import compute_city
from qlue.insight.tests.making import lived
from qlue.kit.db import in_city
from qlue.reports.tests.making import TOMOHON, handed_in
city = city_facts("tomohon")
with in_city(city.id):
    lived(city, 40, a_day=10.0, status="routed", agency_id=city.agency("dlh").id)
    words = "Lampu jalan padam, gelap gulita kalau malam"
    wrong = handed_in(city, "sampah", words=words, lon=TOMOHON[0], lat=TOMOHON[1])
compute_city(city)
print("code", wrong.code)
"""


def lived(served: Served) -> str:
    """Six weeks of reports and a night's computing; the code of a report under the wrong category."""
    process = qlue(served.home, "shell", "-c", LIVED)
    told, _nothing = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0, told[-2000:]
    return told.rpartition("code ")[2].strip()


def check(page: Any) -> None:
    assert overflow(page) <= 0
    assert faults_of(page) == []


def number(text: str) -> int:
    return int(re.sub(r"\D", "", text))


def test_from_reports_to_a_promise_and_to_the_right_category(served: Served, signed_in: Open) -> None:
    code = lived(served)
    page = signed_in("walikota.tomohon", "/tomohon/wawasan/", "desk")
    check(page)
    page.locator(".advice-card .advice-title a").first.click()
    title = page.inner_text("h1")
    evidence = page.locator("section:has(h2:text-is('Bukti')) li a").first
    counted = number(evidence.inner_text().split()[0])
    evidence.click()
    page.wait_for_url("**/tomohon/laporan/?**")
    assert number(page.inner_text("#hasil h2")) == counted
    page.go_back()
    page.click("button[name=decision][value=accept]")
    page.wait_for_url("**/tomohon/wawasan/**")
    assert title in page.inner_text("section:has(#hasil-judul)")
    officer = signed_in("petugas.dlh.tomohon", f"/tomohon/kerja/{code}/")
    with officer.expect_navigation():
        officer.click("section:has(#petunjuk) form[action$='/recategorise/'] button")
    officer.goto(f"{served.url}/tomohon/laporan/{code}/")
    assert "PJU rusak" in officer.inner_text("main")
    check(officer)
