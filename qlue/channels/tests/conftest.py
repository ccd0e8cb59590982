"""Shared by the tests: a key and short ways to ask and to send for Open311, a provider to talk with."""

from xml.etree import ElementTree

import pytest
from django.utils import translation

from qlue.channels.actions import create_api_key
from qlue.channels.actions.accounts import save_account
from qlue.demo.simulator import run_provider as a_provider
from qlue.reports.states import STATUS_LABELS

BASE = "/open311/v2"


@pytest.fixture
def key(makassar):
    return create_api_key(makassar, "aplikasi uji")


@pytest.fixture
def given(makassar, key):
    """A complete, valid POST."""
    area = makassar.kelurahan[0]
    return {
        "jurisdiction_id": "makassar",
        "api_key": key,
        "service_code": "sampah",
        "lat": str(area.lat),
        "long": str(area.lon),
        "description": "Sampah menumpuk di depan pasar",
    }


@pytest.fixture
def send(client, given):
    """Posts the valid request with changes (None leaves a field out) and returns the response."""

    def sent(form="json", **changed):
        data = {name: value for name, value in (given | changed).items() if value is not None}
        return client.post(f"{BASE}/requests.{form}", data)

    return sent


@pytest.fixture
def ask(client):
    """GET as JSON; returns the status and what came."""

    def asked(path, **params):
        answer = client.get(f"{BASE}/{path}.json", {"jurisdiction_id": "makassar"} | params)
        return answer.status_code, answer.json()

    return asked


def tree(response):
    assert response["Content-Type"] == "text/xml; charset=utf-8"
    assert response.content.startswith(b"<?xml version='1.0' encoding='utf-8'?>")
    return ElementTree.fromstring(response.content)


def in_indonesian(state):
    with translation.override("id"):
        return str(STATUS_LABELS[state])


@pytest.fixture
def provider():
    """A provider's server on this machine."""
    with a_provider() as its:
        yield its


@pytest.fixture
def lines(makassar, provider, settings):
    """Makassar has accounts of every kind with that provider."""
    settings.MEDIA_HOSTS = (f"127.0.0.1:{provider.port}",)
    settings.LANGUAGE_CODE = "id"
    for kind in ("whatsapp", "kannel", "twilio", "telegram", "cti"):
        save_account(makassar, kind, provider.account(kind))
    with translation.override("id"):
        yield provider
