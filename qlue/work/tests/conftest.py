"""A city with its people and reports in any state, for the tests of this room."""

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from PIL import Image

from qlue.cities.facts import CityFacts
from qlue.kit.clock import now
from qlue.kit.db import execute
from qlue.kit.ids import report_code, report_id, uuid7
from qlue.people.actions import add_user
from qlue.people.models import Membership
from qlue.reports.actions import Submission, submit

PASSWORD = "kata sandi untuk tes"  # noqa: S105
Member = Callable[..., Membership]
Case = Callable[..., str]


@pytest.fixture
def member(makassar: CityFacts) -> Member:
    """Makes a member: `member("officer", "dlh")`; the same words give the same person."""
    known: dict[tuple[str, str, str], Membership] = {}

    def make(role: str, agency: str = "", name: str = "") -> Membership:
        key = (role, agency, name)
        if key not in known:
            who = name or f"{role}.{agency or 'kota'}"
            known[key] = add_user(city=makassar, username=who, role=role, agency=agency, name=who, password=PASSWORD)
        return known[key]

    return make


@pytest.fixture
def signed_in(member: Member) -> Callable[..., Client]:
    """A browser in which such a member is signed in."""

    def sign_in(role: str, agency: str = "", name: str = "") -> Client:
        client = Client()
        client.force_login(member(role, agency, name).user)
        return client

    return sign_in


@pytest.fixture
def case(makassar: CityFacts) -> Case:
    """Makes a report and returns its code: `case("in_progress", agency="pu")`; waste reports go to DLH."""

    def make(status: str = "routed", *, words: str = "Sampah menumpuk di tepi jalan", **columns: Any) -> str:
        return new_case(makassar, status, words=words, **columns)

    return make


def new_case(city: CityFacts, status: str = "routed", *, words: str = "Sampah menumpuk", **columns: Any) -> str:
    category = city.category("sampah")
    assert category
    private, name = columns.pop("private", False), columns.pop("name", "")
    given = Submission(
        uuid7(), category.id, words, city.lon, city.lat, private=private, name=name, email=columns.pop("email", "")
    )
    made = submit(city=city, submission=given)
    if agency := columns.pop("agency", ""):
        found = city.agency(agency)
        assert found
        columns["agency_id"] = found.id
    columns["status"] = status
    if status == "resolved":
        columns.setdefault("resolved_at", now())
    if status == "on_hold":
        columns.setdefault("hold_until", now() + timedelta(days=3))
    sets = ", ".join(f"{column} = %s" for column in columns)
    execute(f"UPDATE reports_report SET {sets} WHERE city_id = %s AND id = %s", [*columns.values(), city.id, made.id])  # noqa: S608
    return report_code(city.code_prefix, made.id)


def number(code: str) -> int:
    """The id behind a code."""
    found = report_id(code)
    assert found is not None
    return found


def picture(colour: str = "green", size: tuple[int, int] = (320, 240)) -> bytes:
    """A small JPEG."""
    out = BytesIO()
    Image.new("RGB", size, colour).save(out, "JPEG")
    return out.getvalue()
