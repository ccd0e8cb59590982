"""Web push: the button's addresses, and a push that a real service would take."""

from base64 import urlsafe_b64encode
from os import urandom

import http_ece
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from qlue.channels.actions.notifications import notify_reporters
from qlue.channels.models import Outbound, Subscriber
from qlue.channels.providers.contract import Account, Delivery, MessageRejected, OutgoingMessage
from qlue.channels.providers.push import encrypt_payload, send_push
from qlue.channels.tests.exchange import run_jobs
from qlue.kit.db import fetch_value
from qlue.reports.tests.making import handed_in


@pytest.fixture
def home(settings, tmp_path):
    settings.HOME = tmp_path
    return tmp_path


def subscription(endpoint):
    point = generate_private_key(SECP256R1()).public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    keys = {"p256dh": urlsafe_b64encode(point).decode().rstrip("="), "auth": urlsafe_b64encode(urandom(16)).decode()}
    return {"endpoint": endpoint, "expirationTime": None, "keys": keys}


def send(client, report, data, method="post"):
    address = f"/makassar/kabari/{report.code}/{report.token}/"
    return getattr(client, method)(address, data, content_type="application/json")


def test_a_browser_subscribes_hears_and_unsubscribes(client, makassar, lines, home):
    report = handed_in(makassar)
    key = client.get(f"/makassar/kabari/{report.code}/{report.token}/").json()["key"]
    assert len(key) == 87
    assert (home / "vapid.pem").stat().st_mode & 0o077 == 0
    wish = subscription(f"{lines.url}/push/abc")
    for _ in range(2):
        assert send(client, report, wish).status_code == 204
    assert Subscriber.objects.count() == 1
    newest = fetch_value("SELECT max(id) FROM timeline_happening WHERE report_id = %s", [report.id])
    notify_reporters(makassar, [newest])
    assert run_jobs(makassar) == 1
    [got] = lines.accepted
    assert got.own_id == str(Outbound.objects.get().uuid).replace("-", "")
    assert got.fields["content-encoding"] == "aes128gcm"
    assert got.fields["authorization"].startswith("vapid ")
    assert send(client, report, wish, "delete").status_code == 204
    assert not Subscriber.objects.exists()


def test_a_browser_that_has_unsubscribed_is_forgotten(client, makassar, lines, home):
    report = handed_in(makassar)
    send(client, report, subscription(f"{lines.url}/push/gone"))
    newest = fetch_value("SELECT max(id) FROM timeline_happening WHERE report_id = %s", [report.id])
    notify_reporters(makassar, [newest])
    run_jobs(makassar)
    assert Outbound.objects.get().state == "gave_up"
    assert not Subscriber.objects.exists()


def test_only_the_browser_reads_what_is_pushed():
    private, secret = generate_private_key(SECP256R1()), urandom(16)
    point = private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    keys = {"p256dh": urlsafe_b64encode(point).decode().rstrip("="), "auth": urlsafe_b64encode(secret).decode()}
    assert http_ece.decrypt(encrypt_payload(b"Selesai", keys), private_key=private, auth_secret=secret) == b"Selesai"


@pytest.mark.parametrize("keys", [{}, {"p256dh": "B" * 87, "auth": "AA"}, {"p256dh": "Ä", "auth": ""}, {"p256dh": 5}])
def test_a_subscription_with_broken_keys_is_given_up(keys):
    delivery = Delivery("1", "https://fcm.googleapis.com/x", OutgoingMessage("Selesai", extra={"keys": keys}))
    with pytest.raises(MessageRejected, match="make no sense") as refused:
        send_push(Account("makassar", "push", {}), delivery)
    assert refused.value.address_gone


ELSEWHERE = [
    "http://169.254.169.254/latest/meta-data",
    "https://evil.example/fcm.googleapis.com",
    "https://fcm.googleapis.com@evil.example/x",
    "https://fcm.googleapis.com.evil.example/x",
    "http://fcm.googleapis.com/x",
    "https://fcm.googleapis.com:8443/x",
    "file:///etc/passwd",
    "https://evil.example\\.push.apple.com/x",  # our parser and the one that connects see different hosts here
    "https://127.0.0.1\\@.push.apple.com/x",
    "https://fcm.googleapis.com:99999/x",
    "https://[::1",
    "//fcm.googleapis.com/x",
    "https://fcm.googleapis.com\t.evil.example/x",
]


@pytest.mark.parametrize("endpoint", ELSEWHERE)
def test_only_browsers_own_services_are_called(client, makassar, home, endpoint):
    report = handed_in(makassar)
    assert send(client, report, subscription(endpoint)).status_code == 422


def test_only_who_has_the_follow_link_subscribes(client, makassar, lines, home):
    report = handed_in(makassar)
    address = f"/makassar/kabari/{report.code}/{'0' * 32}/"
    assert client.get(address).status_code == 404
    assert send(client, report, {"endpoint": 5}).status_code == 400
