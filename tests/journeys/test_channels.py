"""The call desk by keyboard alone, from ringing to a report and an emergency that everybody on duty sees."""

import hashlib
import hmac
import json
import re
from datetime import UTC, datetime
from typing import Any
from urllib.request import Request, urlopen
from uuid import uuid4

import pytest

from tests.journeys.conftest import Open, Served, faults_of, overflow

pytestmark = pytest.mark.journey
SECRET = "rahasia-sentral-telepon"  # noqa: S105 - of this test's exchange
DESK, LINES = "/makassar/meja-112/", "/makassar/pesan/saluran/"


def exchange(served: Served, event: str, call: str, number: str) -> None:
    """What the telephone exchange tells of a call, signed."""
    said = {"event": event, "call": call, "number": number, "at": datetime.now(UTC).isoformat()}
    body = json.dumps(said).encode()
    proof = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    headers = {"X-Qlue-Signature": f"sha256={proof}", "Content-Type": "application/json"}
    with urlopen(Request(f"{served.url}/makassar/webhook/cti/", body, headers)) as answer:  # noqa: S310
        assert answer.status == 200


def keys(page: Any, *pressed: str) -> None:
    """Words that begin with a letter are typed, `<Tab>` and `<Alt+1>` are pressed."""
    for one in pressed:
        if one.startswith("<"):
            page.keyboard.press(one[1:-1])
        else:
            page.keyboard.type(one)


def test_a_call_from_ringing_to_report_and_emergency_by_keyboard_alone(served: Served, signed_in: Open) -> None:
    admin = signed_in("admin.makassar", f"{LINES}cti/", "desk")
    admin.fill("input[name=secret]", SECRET)
    admin.keyboard.press("Enter")
    admin.wait_for_url(f"**{LINES}")
    board = signed_in("walikota.makassar", "/makassar/dasbor/", "desk")
    desk = signed_in("operator.makassar", DESK, "desk")
    desk.wait_for_selector("[data-live-sign]")

    exchange(served, "ringing", uuid4().hex, "+628110000001")
    desk.wait_for_selector("#berdering a[data-key='0']")
    keys(desk, "<0>")
    desk.wait_for_url("**panggilan=*")
    desk.wait_for_selector("[data-keys][data-awake]")
    keys(desk, "sampah", "<Tab>", "Mattoangin", "<Tab>", "Sampah terbakar di belakang pasar.", "<Tab>", "depan masjid")
    keys(desk, "<Tab>", "<Tab>", "<Tab>", "<Tab>", "<Space>", "<Alt+1>")
    desk.wait_for_url(f"**{DESK}")
    code = re.search(r"MKS-\w{7}", desk.inner_text("main"))
    assert code
    assert "Saya tangani" in desk.inner_text("#darurat")
    assert (overflow(desk), faults_of(desk)) == (0, [])
    board.wait_for_selector(f"#kotak-darurat:has-text('{code[0]}')")

    exchange(served, "ringing", uuid4().hex, "+628110000002")
    desk.wait_for_selector("#berdering a[data-key='0']")
    keys(desk, "<0>")
    desk.wait_for_url("**panggilan=*")
    desk.wait_for_selector("[data-keys][data-awake]")
    keys(desk, "<Alt+2>")
    desk.wait_for_url(f"**{DESK}")
    assert "Iseng" in desk.inner_text("main table")

    head = signed_in("kepala.dlh", "/makassar/darurat/")
    head.click(f"#darurat .note:has-text('{code[0]}') button")
    head.wait_for_selector(".note-success")
    assert (overflow(head), faults_of(head)) == (0, [])
    board.wait_for_selector(f"#kotak-darurat:has-text('{code[0]}')", state="detached")

    assert "Mattoangin" in desk.goto(f"{served.url}/makassar/laporan/{code[0]}/").text()
