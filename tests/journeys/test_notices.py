"""A notice in a browser that asked for it, and a message that does not get through."""

import json
from base64 import urlsafe_b64encode
from os import urandom
from typing import Any
from urllib.parse import urlencode
from urllib.request import Request, urlopen
from uuid import uuid4

import http_ece
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from qlue.demo.simulator import AcceptedMessage, SimulatedProvider, run_provider
from tests.journeys.conftest import Open, Served, faults_of, overflow
from tests.journeys.test_loop import do

pytestmark = pytest.mark.journey
LINES = "/makassar/pesan/saluran/"


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


def accepted(service: SimulatedProvider, page: Any) -> AcceptedMessage:
    """The one message that the provider was given, as soon as it is there."""
    for _ in range(150):
        if service.accepted:
            break
        page.wait_for_timeout(100)
    [one] = service.accepted
    return one


NOTICES = "navigator.serviceWorker.ready.then(w => w.getNotifications()).then(all => all.map(n => [n.title, n.body]))"


def notices_in(page: Any) -> list[list[str]]:
    """What the browser shows, as soon as it shows something."""
    shown: list[list[str]] = []
    for _ in range(100):
        shown = page.evaluate(NOTICES)
        if shown:
            break
        page.wait_for_timeout(100)
    return shown


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

    with run_provider(port=served.gateway) as service:
        officer = signed_in("petugas.dlh", f"/makassar/kerja/{code}/")
        do(officer, "accept")
        pushed = accepted(service, page)
    told = device.read(pushed.fields["sealed"])
    assert told["title"].startswith(code)
    assert told["url"].endswith(f"/makassar/laporan/{code}/")

    number = workers[-1]["registrationId"]
    devtools.send(
        "ServiceWorker.deliverPushMessage",
        {"origin": served.url, "registrationId": number, "data": json.dumps(told)},
    )
    assert notices_in(page) == [[told["title"], told["body"]]]
    page.click("#kabar [data-push=off]")
    page.wait_for_selector("#kabar [data-push=on]")


# Fails now and then after other journeys: the message stays queued without a try although its job has ended. The cause
# is not found yet.
@pytest.mark.xfail(reason="the first delivery sometimes claims nothing", strict=False)
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
    with run_provider(port=served.gateway) as service:
        admin.click("#hasil .case button:has-text('Kirim ulang')")
        admin.wait_for_load_state()
        assert accepted(service, admin).recipient == "+628110000003"
    admin.goto(f"{served.url}/makassar/pesan/?tab=keluar")
    assert "Terkirim" in admin.inner_text("#hasil .case")
