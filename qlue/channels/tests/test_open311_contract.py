"""The shapes of GeoReport v2 as https://wiki.open311.org/GeoReport_v2 writes them, in JSON and in XML."""

import re

import pytest

from qlue.channels.tests.conftest import BASE, in_indonesian, tree

REQUEST_FIELDS = [
    "service_request_id", "status", "status_notes", "service_name", "service_code", "description", "agency_responsible",
    "service_notice", "requested_datetime", "updated_datetime", "expected_datetime", "address", "address_id", "zipcode",
    "lat", "long", "media_url",
]  # fmt: skip
W3 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d([+-]\d\d:\d\d|Z)")


def test_discovery_names_the_endpoint_and_its_forms(client, makassar):
    told = client.get("/open311/discovery.json").json()
    assert set(told) == {"changeset", "contact", "key_service", "endpoints"}
    [endpoint] = told["endpoints"]
    assert endpoint["specification"] == "http://wiki.open311.org/GeoReport_v2"
    assert endpoint["url"] == "http://testserver/open311/v2"
    assert endpoint["type"] == "production"
    assert W3.fullmatch(endpoint["changeset"])
    xml = tree(client.get("/open311/discovery.xml"))
    assert [one.text for one in xml.findall("endpoints/endpoint/formats/format")] == ["text/xml", "application/json"]


def test_discovery_of_a_city_gives_its_contact(client, makassar):
    told = client.get("/open311/discovery.json", {"jurisdiction_id": "makassar"}).json()
    assert told["contact"] == "Diskominfo Kota Makassar"


def test_services_are_the_city_s_categories(client, makassar):
    told = client.get(f"{BASE}/services.json", {"jurisdiction_id": "makassar"}).json()
    assert [one["service_code"] for one in told] == [one.slug for one in makassar.open_categories]
    for one in told:
        assert set(one) == {"service_code", "service_name", "description", "metadata", "type", "keywords", "group"}
        assert one["type"] == "realtime"
        assert one["metadata"] is True
    xml = tree(client.get(f"{BASE}/services.xml", {"jurisdiction_id": "makassar"}))
    assert xml.tag == "services"
    assert [one.findtext("service_code") for one in xml.findall("service")] == [one["service_code"] for one in told]
    assert xml.find("service").findtext("metadata") == "true"


def test_services_speak_english_when_asked(client, makassar):
    ask = {"jurisdiction_id": "makassar", "locale": "en"}
    names = {one["service_code"]: one["service_name"] for one in client.get(f"{BASE}/services.json", ask).json()}
    assert names["sampah"] == makassar.category("sampah").name_en


def test_a_service_definition_asks_nothing_that_must_be(client, makassar):
    told = client.get(f"{BASE}/services/sampah.json", {"jurisdiction_id": "makassar"}).json()
    assert told["service_code"] == "sampah"
    assert [one["order"] for one in told["attributes"]] == [1, 2, 3, 4]
    for one in told["attributes"]:
        assert list(one) == [
            "variable", "code", "datatype", "required", "datatype_description", "order", "description", "values",
        ]  # fmt: skip
        assert one["required"] is False
    xml = tree(client.get(f"{BASE}/services/sampah.xml", {"jurisdiction_id": "makassar"}))
    assert xml.tag == "service_definition"
    assert [one.text for one in xml.findall("attributes/attribute/values/value/key")] == ["yes", "no"]


def test_a_post_answers_with_the_id_at_once(send):
    answer = send()
    assert answer.status_code == 201
    [told] = answer.json()
    assert list(told) == ["service_request_id", "service_notice", "account_id"]
    assert told["service_request_id"].startswith("MKS-")
    assert "/ikuti/" in told["service_notice"]


def test_a_post_answers_in_xml_too(send):
    xml = tree(send("xml"))
    assert xml.tag == "service_requests"
    assert xml.findtext("request/service_request_id").startswith("MKS-")
    assert xml.find("request/account_id").text is None


def test_what_was_posted_can_be_read(client, send, makassar):
    code = send(address_string="Depan pasar, Jalan Veteran").json()[0]["service_request_id"]
    path = f"{BASE}/requests/{code}"
    [told] = client.get(f"{path}.json", {"jurisdiction_id": "makassar"}).json()
    area = makassar.kelurahan[0]
    assert list(told) == REQUEST_FIELDS
    assert told["service_request_id"] == code
    assert (told["status"], told["status_notes"]) == ("open", in_indonesian("routed"))
    assert (told["service_code"], told["service_name"]) == ("sampah", "Sampah")
    assert told["description"] == "Sampah menumpuk di depan pasar"
    assert told["agency_responsible"] == makassar.agency("dlh").name
    assert told["address"].startswith(f"Depan pasar, Jalan Veteran, {area.name}, ")
    assert told["address_id"] == area.code
    assert (told["lat"], told["long"]) == (area.lat, area.lon)
    for name in ("requested_datetime", "updated_datetime", "expected_datetime"):
        assert W3.fullmatch(told[name])
        assert told[name].endswith("+08:00")
    xml = tree(client.get(f"{path}.xml", {"jurisdiction_id": "makassar"}))
    assert [one.tag for one in xml.find("request")] == REQUEST_FIELDS
    assert xml.findtext("request/description") == told["description"]


def test_an_id_is_its_own_token(ask, send):
    code = send().json()[0]["service_request_id"]
    assert ask(f"tokens/{code}") == (200, [{"service_request_id": code, "token": code}])
    assert ask("tokens/MKS-0000000")[0] == 404


@pytest.mark.parametrize(
    "path", ["services", "services/sampah", "requests", "requests/MKS-0000000", "tokens/MKS-0000000"]
)
def test_the_jurisdiction_is_asked_for_everywhere(client, makassar, tomohon, path):
    for asked, status in (({}, 400), ({"jurisdiction_id": "atlantis"}, 404)):
        answer = client.get(f"{BASE}/{path}.json", asked)
        assert answer.status_code == status
        [told] = answer.json()
        assert told["code"] == status
        assert "makassar, tomohon" in told["description"]


def test_errors_in_xml(client, makassar):
    answer = client.get(f"{BASE}/services/perahu.xml", {"jurisdiction_id": "makassar"})
    assert answer.status_code == 404
    xml = tree(answer)
    assert xml.tag == "errors"
    assert xml.findtext("error/code") == "404"
    assert "perahu" in xml.findtext("error/description")


def test_scripts_of_other_sites_may_read_and_caches_may_keep(client, makassar):
    answer = client.get(f"{BASE}/services.json", {"jurisdiction_id": "makassar"})
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert answer["Cache-Control"] == "public, max-age=15"
    assert not answer.cookies


def test_addresses_without_a_version_work_too(client, makassar):
    assert client.get("/open311/services.json", {"jurisdiction_id": "makassar"}).status_code == 200


def test_only_the_methods_of_the_standard(client, makassar):
    answer = client.delete(f"{BASE}/requests.json?jurisdiction_id=makassar")
    assert answer.status_code == 405
    assert answer.json()[0]["code"] == 405
    assert client.head(f"{BASE}/services.json?jurisdiction_id=makassar").status_code == 200


@pytest.mark.parametrize(
    "path", ["/open311/", "/open311/v2/requests.html", "/open311/v3/services.json", "/open311/v2/requests"]
)
def test_unknown_addresses_answer_in_the_same_shape(client, makassar, path):
    for answer in (client.get(path), client.post(path)):
        assert answer.status_code == 404
        assert answer.json()[0]["code"] == 404
