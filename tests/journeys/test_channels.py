"""The call desk by keyboard alone, notices in a browser, and a message that does not get through."""

import hashlib
import hmac
import json
import re
from base64 import urlsafe_b64encode
from datetime import UTC, datetime
from os import urandom
from typing import Any
from urllib.parse import urlencode
from urllib.request import Request, urlopen
from uuid import uuid4

import http_ece  # type: ignore[import-untyped]
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from qlue.channels.simulator import Accepted, Provider, provider
from tests.journeys.conftest import Open, Served, faults_of, overflow
from tests.journeys.test_loop import do

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


def test_a_call_from_ringing_to_report_and_disposition_by_keyboard_alone(served: Served, signed_in: Open) -> None:
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
    keys(desk, "<Alt+2>")
    desk.wait_for_url(f"**{DESK}")
    assert "Iseng" in desk.inner_text("main table")
    assert "Mattoangin" in desk.goto(f"{served.url}/makassar/laporan/{code[0]}/").text()

    head = signed_in("kepala.dlh", "/makassar/darurat/")
    head.click(f"#darurat .note:has-text('{code[0]}') button")
    head.wait_for_selector(".note-success")
    assert (overflow(head), faults_of(head)) == (0, [])
    board.wait_for_selector(f"#kotak-darurat:has-text('{code[0]}')", state="detached")


class Device:
    """The end of a push subscription: only it can read what is sent."""

    def __init__(self, endpoint: str) -> None:
        self.private: EllipticCurvePrivateKey = generate_private_key(SECP256R1())
        self.auth = urandom(16)
        point = self.private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        plain = {name: urlsafe_b64encode(value).decode().rstrip("=") for name, value in self._keys(point).items()}
        self.subscription = {"endpoint": endpoint, "expirationTime": None, "keys": plain}

    def _keys(self, point: bytes) -> dict[str, bytes]:
        return {"p256dh": point, "auth": self.auth}

    def read(self, sealed: str) -> dict[str, str]:
        body = bytes.fromhex(sealed)
        told: dict[str, str] = json.loads(
            http_ece.decrypt(body, private_key=self.private, auth_secret=self.auth, version="aes128gcm")
        )
        return told


# No browser under test reaches its vendor's push service, so what that service hands out is put in its place. All else
# is the browser's own: the permission, the worker, the request to us, the notice that the worker shows.
STAND_IN = """
const given = {toJSON: () => (%s)};
PushManager.prototype.subscribe = async function (wish) { window.wished = wish.applicationServerKey; window.kept = 1; return given; };
PushManager.prototype.getSubscription = async function () { return window.kept ? given : null; };
"""  # noqa: E501


def report_of(served: Served) -> str:
    """A fresh report's code."""
    words: dict[str, Any] = {"uuid": str(uuid4()), "category": "sampah", "words": "Sampah di tepi jalan"}
    words |= {"lon": 119.4124, "lat": -5.1491}
    asked = Request(f"{served.url}/makassar/laporan.json", json.dumps(words).encode())  # noqa: S310
    asked.add_header("Content-Type", "application/json")
    with urlopen(asked) as answer:  # noqa: S310
        return str(json.load(answer)["code"])


def accepted(service: Provider, page: Any) -> Accepted:
    """The one message that the provider was given, as soon as it is there."""
    for _ in range(150):
        if service.accepted:
            break
        page.wait_for_timeout(100)
    [one] = service.accepted
    return one


def test_the_push_button_and_the_notice_that_comes_of_it(served: Served, visit: Open, signed_in: Open) -> None:
    code, device = report_of(served), Device(f"http://127.0.0.1:{served.gateway}/push/hp")
    page = visit(f"/makassar/laporan/{code}/", permissions=["notifications"])
    page.context.add_init_script(STAND_IN % json.dumps(device.subscription))
    devtools, workers = page.context.new_cdp_session(page), []
    devtools.on("ServiceWorker.workerRegistrationUpdated", lambda said: workers.extend(said["registrations"]))
    devtools.send("ServiceWorker.enable")
    page.reload()
    page.click("#kabar [data-push=on]")
    page.wait_for_selector("#kabar [data-push=off]")
    assert len(page.evaluate("window.wished")) == 87

    with provider(port=served.gateway) as service:
        officer = signed_in("petugas.dlh", f"/makassar/kerja/{code}/")
        do(officer, "accept")
        pushed = accepted(service, page)
    told = device.read(pushed.said["sealed"])
    assert told["title"].startswith(code)
    assert told["url"].endswith(f"/makassar/laporan/{code}/")

    number = workers[-1]["registrationId"]
    devtools.send(
        "ServiceWorker.deliverPushMessage",
        {"origin": served.url, "registrationId": number, "data": json.dumps(told)},
    )
    notices = "navigator.serviceWorker.ready.then(w => w.getNotifications())"
    page.wait_for_function(f"{notices}.then(n => n.length === 1)")
    shown = page.evaluate(f"{notices}.then(n => [n[0].title, n[0].body])")
    assert shown == [told["title"], told["body"]]
    page.click("#kabar [data-push=off]")
    page.wait_for_selector("#kabar [data-push=on]")


def test_a_message_that_does_not_get_through_is_seen_and_sent_again(served: Served, signed_in: Open) -> None:
    admin = signed_in("admin.makassar", f"{LINES}kannel/", "desk")
    values = {
        "url": f"http://127.0.0.1:{served.gateway}/cgi-bin/sendsms",
        "sender": "112",
        "password": "p",
        "key": "k3y",
    }
    for name, value in values.items():
        admin.fill(f"input[name={name}]", value)
    admin.click("main form button[type=submit]")
    admin.wait_for_url(f"**{LINES}")
    sms = {"key": "k3y", "from": "+628110000003", "to": "112", "id": uuid4().hex, "text": "BANTUAN", "charset": "UTF-8"}
    with urlopen(f"{served.url}/makassar/webhook/kannel/?{urlencode(sms)}") as answer:  # noqa: S310
        assert answer.status == 200
    admin.goto(f"{served.url}/makassar/pesan/?tab=gagal")
    admin.wait_for_selector("#hasil .case:has-text('Akan dicoba lagi')")
    assert "Tidak menjawab" in admin.inner_text("main") or "refused" in admin.inner_text("main")
    assert (overflow(admin), faults_of(admin)) == (0, [])
    with provider(port=served.gateway) as service:
        admin.click("#hasil .case button:has-text('Kirim lagi')")
        admin.wait_for_load_state()
        assert accepted(service, admin).to == "+628110000003"
    admin.goto(f"{served.url}/makassar/pesan/?tab=keluar")
    assert "Terkirim" in admin.inner_text("#hasil .case")
