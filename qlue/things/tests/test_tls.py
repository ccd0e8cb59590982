"""TLS: paho talks through it, a renewed certificate serves new lines, a bad one changes nothing."""

import json
import ssl
import time
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from qlue.cities.facts import city_facts
from qlue.kit.db import enter_city, fetch_all, fetch_value
from qlue.things.mqtt import codec
from qlue.things.mqtt.tls import Certificate, UnusableCertificate
from qlue.things.tests.factories import device, listening, profile
from qlue.things.tests.test_listener import TOPIC, raw, sensor, until


def certify(folder, days=30, lock=None):
    """A certificate for 127.0.0.1 that signs itself, and its key, as two files."""
    key = generate_private_key(SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    made = made.not_valid_before(datetime.now(UTC) - timedelta(1)).not_valid_after(datetime.now(UTC) + timedelta(days))
    made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), False)
    way = BestAvailableEncryption(lock) if lock else NoEncryption()
    (folder / "cert.pem").write_bytes(made.sign(key, SHA256()).public_bytes(Encoding.PEM))
    (folder / "key.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, way))
    return Certificate(folder / "cert.pem", folder / "key.pem")


@pytest.fixture
def here(committed_db, tmp_path):
    city = city_facts("makassar")
    assert city
    enter_city(city.id)
    before = datetime.now(UTC) - timedelta(minutes=1)  # what has just changed signs in anew
    device(city, profile=profile(city, updated_at=before), updated_at=before)
    with listening(certify(tmp_path)) as running:
        yield running


def trusting(folder):
    return {"tls": ssl.create_default_context(cafile=str(folder / "cert.pem")), "host": "localhost"}


def test_a_device_talks_through_tls(here, tmp_path):
    with sensor(here, **trusting(tmp_path)) as client:
        sent = client.publish(TOPIC, json.dumps({"at": time.time(), "level_cm": 151}), 1)
        sent.wait_for_publish(5)
        assert sent.is_published()
    assert fetch_all("SELECT value FROM things_reading") == [(151.0,)]
    assert until(
        lambda: fetch_value("SELECT certificate_until > now() + interval '29 days' FROM things_listener LIMIT 1")
    )


def test_talk_without_tls_is_cut_off_and_counted(here):
    assert raw(here, codec.encode_pingreq() * 100).recv(10) == b""
    assert until(lambda: fetch_value("SELECT reasons->>'tls' FROM things_listener WHERE reasons ? 'tls'")) == "1"
    assert until(lambda: not here.listener.connections)


def test_a_renewed_certificate_serves_new_lines_and_drops_none(here, tmp_path):
    with sensor(here, **trusting(tmp_path)) as old:
        certify(tmp_path, days=60)
        assert until(
            lambda: fetch_value("SELECT certificate_until > now() + interval '50 days' FROM things_listener LIMIT 1")
        )
        with raw(here) as line, trusting(tmp_path)["tls"].wrap_socket(line, server_hostname="localhost") as new:
            assert new.version() == "TLSv1.3"
        old.publish(TOPIC, '{"level_cm": 2}', 1).wait_for_publish(5)
    assert fetch_value("SELECT count(*) FROM things_reading") == 1


def test_a_pair_that_does_not_fit_is_refused_and_the_old_one_stays(tmp_path):
    good = certify(tmp_path)
    until_then = good.until
    (tmp_path / "key.pem").write_text("nonsense")
    with pytest.raises(UnusableCertificate):
        good.renew()
    assert good.until == until_then
    with pytest.raises(UnusableCertificate):
        certify(tmp_path, lock=b"a password nobody types")
    with pytest.raises(UnusableCertificate, match="No such file"):
        Certificate(tmp_path / "none.pem", tmp_path / "key.pem")
