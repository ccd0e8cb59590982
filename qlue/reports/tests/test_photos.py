"""Photos: public ones for everybody and for a day, private ones for those with the right, each look noted."""

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from qlue.kit.db import fetch_all, fetch_value
from qlue.reports.presentation.cards import photo_url
from qlue.reports.tests.making import form, jpeg, officer


def sent(client: Client, **more: Any) -> str:
    client.post("/makassar/lapor/", form(photos=[jpeg()], **more))
    return str(fetch_value("SELECT uuid FROM reports_photo"))


def test_a_public_photo_may_be_kept_for_a_year(client: Client, makassar: Any) -> None:
    answer = client.get(photo_url(makassar, sent(client), "thumb"))
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/jpeg")
    assert "max-age=86400" in answer.headers["Cache-Control"]


def test_a_private_photo_needs_its_key(client: Client, makassar: Any) -> None:
    photo = sent(client, private="1")
    assert client.get(photo_url(makassar, photo)).status_code == 404
    answer = client.get(photo_url(makassar, photo, secret=True))
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert client.get(photo_url(makassar, photo) + "?kunci=" + "0" * 32).status_code == 404


@pytest.mark.parametrize(
    ("role", "agency", "status"),
    [("head", "dlh", 200), ("operator", "", 200), ("officer", "dlh", 404), ("head", "pu", 404), ("admin", "", 404)],
)
def test_members_see_the_original_by_right(client: Client, makassar: Any, role: str, agency: str, status: int) -> None:
    address = photo_url(makassar, sent(client, private="1"))
    client.force_login(officer(makassar, role, agency).user)
    assert client.get(address).status_code == status
    assert fetch_all("SELECT what FROM people_look") == ([("photo",)] if status == 200 else [])


def test_another_citys_address_opens_nothing(client: Client, makassar: Any, tomohon: Any) -> None:
    photo = sent(client)
    assert client.get(photo_url(tomohon, photo)).status_code == 404
    assert client.get(photo_url(makassar, photo, secret=True).replace("makassar", "tomohon")).status_code == 404


@pytest.mark.parametrize("rest", ["huge.jpg", "thumb.png", "../thumb.jpg", "thumb.jpg?kunci=%00"])
def test_only_our_sizes_exist(client: Client, makassar: Any, rest: str) -> None:
    assert client.get(f"/makassar/foto/{uuid4()}/{rest}").status_code == 404
