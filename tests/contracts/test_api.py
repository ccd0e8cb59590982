"""The API keeps what its OpenAPI document promises."""

import json
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from openapi_spec_validator import validate

from qlue.api import ReportOut, ReportsOut, Taken

GIVEN = {"category": "sampah", "words": "Sampah menumpuk di pasar", "lon": 119.4124, "lat": -5.1491}
API = "/api/v1/makassar"


@pytest.fixture
def caller(makassar: Any) -> Client:
    return Client()


def hand_in(caller: Client, **more: Any) -> Any:
    body = GIVEN | {"uuid": str(uuid4())} | more
    return caller.post(f"{API}/reports", json.dumps(body), content_type="application/json")


def test_the_document_is_valid_openapi(caller: Client) -> None:
    document = caller.get("/api/v1/openapi.json").json()
    validate(document)
    assert {"listReports", "submitReport", "getReport", "listCities"} <= {
        verb["operationId"] for path in document["paths"].values() for verb in path.values()
    }


def test_what_is_handed_in_can_be_read_back_as_promised(caller: Client) -> None:
    answer = hand_in(caller)
    assert answer.status_code == 201
    taken = Taken(**answer.json())
    page = ReportsOut(**caller.get(f"{API}/reports?category=sampah").json())
    assert taken.code in {report.code for report in page.reports}
    assert ReportOut(**caller.get(f"{API}/reports/{taken.code.lower()}").json()).category == "sampah"


def test_a_repeat_is_answered_with_the_first(caller: Client) -> None:
    uuid = str(uuid4())
    first, second = hand_in(caller, uuid=uuid), hand_in(caller, uuid=uuid)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json()["code"] == second.json()["code"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/v1/atlantis/reports", 404),
        (f"{API}/reports/MKS-0000000", 404),
        (f"{API}/reports/not a code", 404),
        (f"{API}/reports/MKS-7K2Q9XZ'--", 404),
    ],
)
def test_what_is_not_there_is_a_problem(caller: Client, path: str, status: int) -> None:
    answer = caller.get(path)
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["status"] == status


@pytest.mark.parametrize(
    "wrong",
    [{"lon": "x"}, {"category": "nope"}, {"words": ""}, {"lat": 99, "lon": 200}, {"uuid": "1"}, {"lon": None}],
)
def test_what_cannot_be_taken_is_a_problem_that_names_the_field(caller: Client, wrong: dict[str, Any]) -> None:
    answer = hand_in(caller, **wrong)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"]


def test_a_private_report_is_not_there(caller: Client) -> None:
    code = hand_in(caller, private=True).json()["code"]
    assert caller.get(f"{API}/reports/{code}").status_code == 404


def test_cities_and_what_they_consist_of(caller: Client) -> None:
    assert {"makassar", "tomohon"} <= {city["slug"] for city in caller.get("/api/v1/cities").json()}
    assert len(caller.get(f"{API}/areas").json()) == 15 + 153
    assert {"dlh", "pu", "dishub"} <= {agency["slug"] for agency in caller.get(f"{API}/agencies").json()}
    assert all(category["agency"] for category in caller.get(f"{API}/categories").json())
