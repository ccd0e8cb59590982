"""/<city>/wilayah.geojson and what the middleware makes of a request."""

import gzip
import json
import re

import psycopg
import pytest
import shapely
from django.db import OperationalError
from django.http import HttpResponse
from django.utils import timezone

from qlue.cities import middleware
from qlue.cities.facts import clear_facts
from qlue.kit.db import fetch_value

URL = "/makassar/wilayah.geojson"


def features(client, url=URL):
    answer = client.get(url)
    assert answer.status_code == 200
    return json.loads(answer.content)["features"]


def test_boundaries_of_a_city(client, makassar):
    found = features(client)
    levels = [feature["properties"]["level"] for feature in found]
    assert (levels.count("kecamatan"), levels.count("kelurahan")) == (15, 153)
    mariso = makassar.area("73.71.01")
    first = next(one for one in found if one["properties"]["code"] == "73.71.01.1001")
    assert first["properties"]["id"] == makassar.area("73.71.01.1001").id
    assert first["properties"]["parent"] == mariso.id
    assert first["properties"]["name"] == "Bontorannu"


def test_simplified_neighbours_still_meet(client, makassar):
    kelurahan = [
        shapely.from_geojson(json.dumps(one["geometry"])) for one in features(client, URL + "?level=kelurahan")
    ]
    gaps = shapely.union_all(kelurahan).area - sum(shape.area for shape in kelurahan)
    assert abs(gaps) < 1e-4 * sum(shape.area for shape in kelurahan)


def test_coordinates_have_five_decimals_and_the_answer_is_small(client, makassar):
    answer = client.get(URL, headers={"accept-encoding": "gzip"})
    assert answer["Content-Encoding"] == "gzip"
    assert len(answer.content) < 60_000
    found = json.loads(gzip.decompress(answer.content))["features"]
    assert max(len(digits) for feature in found for digits in decimals(feature)) <= 5


def decimals(feature):
    return re.findall(r"\.(\d+)", json.dumps(feature["geometry"]["coordinates"]))


def test_one_level(client, makassar):
    assert {one["properties"]["level"] for one in features(client, URL + "?level=kecamatan")} == {"kecamatan"}
    assert client.get(URL + "?level=provinsi").status_code == 422


@pytest.mark.parametrize("weak", ["", "W/"])
def test_a_map_that_has_them_gets_304(client, makassar, weak):
    answer = client.get(URL)
    again = client.get(URL, headers={"if-none-match": weak + answer["ETag"]})
    assert again.status_code == 304
    assert not again.content
    assert "max-age" in answer["Cache-Control"]


def test_only_reading(client, makassar):
    assert client.post(URL).status_code in (403, 405)


def test_an_unknown_city_is_told_with_the_cities_there_are(client, makassar):
    answer = client.get("/atlantis/wilayah.geojson", headers={"accept": "text/html"})
    assert answer.status_code == 404
    assert 'href="/makassar/"' in answer.content.decode()
    assert "atlantis" in answer.content.decode()


def test_an_unknown_city_for_a_program(client, makassar):
    answer = client.get("/atlantis/wilayah.geojson", headers={"accept": "application/json"})
    assert answer.status_code == 404
    assert answer["Content-Type"] == "application/problem+json"


def test_capitals_in_the_address_are_forgiven(client, makassar):
    answer = client.get("/Makassar/wilayah.geojson?level=kecamatan")
    assert answer.status_code == 302
    assert answer["Location"] == "/makassar/wilayah.geojson?level=kecamatan"


def test_the_request_enters_the_city_and_its_time_zone(rf, makassar, tomohon):
    seen = []

    def process(path, **kwargs):
        request = rf.get(path)
        request.resolver_match = None
        answer = middleware.CityMiddleware(lambda request: HttpResponse())
        answer(request)
        answer.process_view(request, None, (), kwargs)
        seen.append((request.city and request.city.slug, fetch_value("SELECT current_setting('qlue.city')")))

    process("/tomohon/", city_slug="tomohon")
    assert timezone.get_current_timezone_name() == "Asia/Makassar"
    process("/")
    assert seen == [("tomohon", str(tomohon.id)), (None, "")]
    timezone.deactivate()


KILL = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = current_user AND pid <> pg_backend_pid()"


def test_a_request_after_a_restart_of_the_server(client, committed_db, settings):
    assert client.get(URL).status_code == 200
    with psycopg.connect(settings.APP_DATABASE_URL, autocommit=True) as other:
        assert other.execute(KILL).fetchall()
    clear_facts()
    assert client.get(URL).status_code == 200


def test_a_fault_that_stays_is_not_hidden(rf, committed_db, monkeypatch):
    tries = []

    def away(slug):
        tries.append(slug)
        raise OperationalError("away")

    monkeypatch.setattr(middleware, "enter_scope", away)
    with pytest.raises(OperationalError):
        middleware._enter_with_retry("makassar")
    assert tries == ["makassar", "makassar"]
