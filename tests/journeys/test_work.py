"""A leader's order, a crew without a network, a proof that shows nothing new, a second look, and the report is done."""

import re
from typing import Any

import pytest

from tests.journeys.conftest import Open, overflow
from tests.journeys.drawn import photo
from tests.journeys.test_loop import do, report

pytestmark = pytest.mark.journey
QUEUE, FIELD = "/makassar/kerja/", "/makassar/kerja/lapangan/"


def ordered(leader: Any, code: str) -> None:
    """A new crew of one, and an order to it."""
    base = leader.url.split("/makassar/")[0]
    leader.goto(f"{base}/makassar/kerja/regu/baru/")
    leader.fill("input[name=name]", f"Regu {code}")
    leader.locator("label", has_text="Petugas DLH").first.click()
    leader.select_option("select[name=area]", index=1)
    leader.locator("main form button.btn-primary").last.click()
    leader.wait_for_url("**/kerja/regu/?*")
    leader.goto(f"{base}/makassar/kerja/perintah/baru/{code}/")
    crew = leader.locator("select[name=who] option", has_text=f"Regu {code}").get_attribute("value")
    leader.select_option("select[name=who]", crew)
    leader.fill("textarea[name=task]", "Angkut semuanya, lalu sapu.")
    leader.locator("main form button.btn-primary").last.click()
    leader.wait_for_url(re.compile(r"/kerja/(perintah/\d+|MKS-\w{7})/"))


def step(task: Any, verb: str) -> Any:
    """One step of a task on the officer's page."""
    return task.locator(f"form[action$='/{verb}/']")


def test_an_order_is_done_in_the_field_without_a_network_and_looked_at_twice(visit: Open, signed_in: Open) -> None:
    code = report(visit("/makassar/lapor/"), "Sampah menutup trotoar di samping pasar.")
    leader = signed_in("kepala.dlh", QUEUE, "desk")
    ordered(leader, code)

    officer = signed_in("petugas.dlh", FIELD)
    task = officer.locator(f"[data-task^='{code}']")
    step(task, "accept").locator("button").click()
    step(task, "begin").locator("button").wait_for()
    assert overflow(officer) == 0
    officer.wait_for_function("() => document.body.dataset.kept === '1'")
    officer.wait_for_timeout(1000)  # the worker fetches what it keeps

    officer.context.set_offline(True)
    officer.reload()  # opens from what was kept
    step(task, "begin").locator("button").click()
    proof = step(task, "submit")
    proof.locator("xpath=ancestor::details/summary").click()
    assert re.fullmatch(r"\w{4,8}", proof.locator(".task-code").inner_text().strip())
    proof.locator("input[type=file]").first.set_input_files([photo("#446644")])
    proof.locator("textarea[name=words]").fill("Sudah diangkut dan disapu.")
    proof.locator("button[type=submit]").last.click()
    officer.wait_for_selector(".outbox-row[data-state=waiting]")
    assert "Sudah diangkut" not in leader.inner_text("main")

    officer.context.set_offline(False)
    officer.wait_for_function(
        "() => !document.querySelector('.outbox-row[data-state=waiting], .outbox-row[data-state=sending]')",
        timeout=30_000,
    )
    leader.goto(leader.url.split("/kerja/")[0] + "/kerja/bukti/")
    card = leader.locator("article.panel", has_text=code)
    assert "Foto tampak sama dengan foto sebelum dikerjakan" in card.inner_text()
    card.locator("button[value=good]").click()
    card.wait_for(state="detached")
    leader.goto(leader.url.split("/kerja/")[0] + f"/kerja/{code}/")
    do(leader, "resolve", words="Trotoar sudah bersih.")
    page = visit(f"/makassar/laporan/{code}/")
    assert "Trotoar sudah bersih." in page.inner_text("main")
