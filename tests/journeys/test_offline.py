"""A resident without a network: the report waits on the phone and sends itself, once."""

import re

import pytest

from tests.journeys.conftest import Open
from tests.journeys.drawn import photo

pytestmark = pytest.mark.journey
WORDS = "Lampu jalan mati sejak Senin di depan sekolah."


def test_a_report_written_without_a_network_sends_itself(visit: Open) -> None:
    page = visit("/makassar/lapor/")
    page.wait_for_function("() => document.body.dataset.kept === '1'")
    page.wait_for_timeout(1000)  # the worker fetches what it keeps
    page.context.set_offline(True)
    page.reload()  # opens from what was kept
    page.check("input[name=category][value=pju-rusak]", force=True)
    page.fill("textarea[name=words]", WORDS)
    page.select_option("select[name=area]", label="Kunjung Mae")
    page.set_input_files("input[name=photos]", [photo()])
    page.click("main form button[type=submit].btn-primary")
    page.wait_for_selector(".outbox-row[data-state=waiting]")
    assert WORDS in page.inner_text(".outbox-row")
    assert "Terkirim sendiri begitu ada jaringan" in page.inner_text("main")

    page.reload()  # the person closes and opens it again
    page.wait_for_selector(".outbox-row[data-state=waiting]")
    assert page.input_value("textarea[name=words]") == ""

    page.context.set_offline(False)
    page.wait_for_selector(".outbox-row[data-state=sent]", timeout=30_000)
    page.click(".outbox-row a")
    page.wait_for_url(re.compile(r"/laporan/MKS-\w{7}/ikuti/"))
    assert WORDS in page.inner_text("main")
    assert page.locator("img[src*='/foto/']").count() >= 1
