"""Suggestions: while somebody types, and for officers."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from qlue.insight.actions.hints import write_hints
from qlue.insight.models import Hint
from qlue.insight.registry import lookup as serving_module
from qlue.insight.registry.lookup import ServedModel
from qlue.kit.clock import now
from qlue.kit.db import fetch_all, fetch_value
from qlue.reports.actions import ActionRefused, Actor, transition
from qlue.reports.tests.making import INSIDE, days_ago, handed_in, officer, resolved

ADDRESS = "/makassar/saran/"


@pytest.fixture(autouse=True)
def _forget():
    serving_module._cache.clear()


def typed(client, **more):
    place = {"lon": str(INSIDE[0]), "lat": str(INSIDE[1])}
    return client.post(ADDRESS, {"words": "sampah menumpuk bau", **place, **more})


def happening_of(report):
    return fetch_value("SELECT id FROM timeline_happening WHERE report_id = %s ORDER BY id LIMIT 1", [report.id])


def test_words_suggest_a_category(client, makassar):
    page = typed(client).content.decode()
    assert "category=sampah" in page
    assert "category=sampah" not in typed(client, category="sampah").content.decode()


def test_each_suggestion_says_how_sure_it_is_and_who_takes_it(client, makassar):
    page = typed(client, words="sampah menumpuk bau busuk di tempat sampah").content.decode()
    assert "sangat mungkin" in page
    assert makassar.agency("dlh").name in page
    assert makassar.agency("dishub").name in typed(client, category="parkir-liar").content.decode()


@pytest.mark.parametrize("words", ["", "tolong segera ya pak", "qwerty zxcvb asdfg", "kemarin saya lewat sini"])
def test_words_that_say_too_little_suggest_nothing(client, makassar, words):
    assert "category=" not in typed(client, words=words).content.decode()


def test_without_script_an_open_category_comes_back_with_what_the_words_may_mean(client, makassar):
    sent = {"words": "lampu jalan mati, gelap sekali kalau malam", "lon": str(INSIDE[0]), "lat": str(INSIDE[1])}
    page = client.post("/makassar/lapor/", sent).content.decode()
    asked = page.split("data-meant")[1].split("</fieldset>")[0]
    assert 'value="pju-rusak"' in asked
    assert makassar.agency("dishub").name in asked
    assert (
        "data-meant" not in client.post("/makassar/lapor/", sent | {"category": "sampah", "words": ""}).content.decode()
    )


def test_an_open_report_near_by_is_shown_with_the_way_to_support_it(client, makassar):
    near = handed_in(makassar, at=days_ago(1))
    page = typed(client, category="sampah").content.decode()
    assert f"/laporan/{near.code}/#dukungan" in page


def test_what_is_done_private_or_far_is_not_shown(client, makassar):
    resolved(makassar)
    handed_in(makassar, private=True)
    handed_in(makassar, lat=INSIDE[1] + 0.01)
    handed_in(makassar, "bansos", words="bantuan sosial belum terdata")
    assert "dukungan" not in typed(client, category="sampah").content.decode()
    assert "dukungan" not in typed(client, category="bansos", words="bansos").content.decode()


def test_what_somebody_types_is_not_stored(client, makassar):
    typed(client, words="kata sangat rahasia")
    assert fetch_value("SELECT count(*) FROM insight_hint") == 0
    assert "rahasia" not in str(fetch_all("SELECT * FROM timeline_happening"))


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"words": "\x00" * 500, "lon": "nan", "lat": "inf"},
        {"words": "x" * 100_000, "category": "'; DROP TABLE", "lon": "-5.1", "lat": "119.4"},
        {"words": "<script>", "category": "tidak-ada", "lon": "1e999", "lat": ""},
    ],
)
def test_strange_input_is_answered_quietly(client, makassar, sent):
    answer = client.post(ADDRESS, sent)
    assert answer.status_code == 200
    assert b"<script>" not in answer.content


def test_who_asks_too_often_gets_nothing(client, makassar, settings):
    settings.RATE_LIMITS = True
    assert 204 in [typed(client).status_code for _ in range(122)]  # two minutes' share: the minute may turn meanwhile


def test_the_form_asks_for_suggestions(client, makassar):
    assert ADDRESS in client.get("/makassar/lapor/").content.decode()


def test_officers_see_the_agency_that_the_words_mean(client, makassar):
    report = handed_in(makassar)
    serving_module._cache[makassar.id, "agency"] = ((None, makassar.version), ServedModel(classifier=always("pu")))
    write_hints(makassar, [happening_of(report)])
    client.force_login(officer(makassar).user)
    page = client.get(f"/makassar/wawasan/kasus/{report.code}/").content.decode()
    queue = client.get("/makassar/wawasan/antrean/").content.decode()
    assert makassar.agency("pu").name in page
    assert report.code in queue


def test_another_category_is_one_press_away_in_case_and_queue(client, makassar):
    report = handed_in(makassar)
    serving_module._cache[makassar.id, "category"] = (
        (None, makassar.version),
        ServedModel(classifier=always("jalan-rusak")),
    )
    write_hints(makassar, [happening_of(report)])
    client.force_login(officer(makassar).user)
    page, queue = (client.get(f"/makassar/wawasan/{path}/") for path in (f"kasus/{report.code}", "antrean"))
    for answer in (page, queue):
        assert f"/kerja/{report.code}/recategorise/" in answer.content.decode()
        assert 'value="jalan-rusak"' in answer.content.decode()
    seen = makassar.category("sampah").id
    pressed = {"uuid": str(uuid4()), "category": "jalan-rusak", "seen": seen, "back": "queue"}
    answer = client.post(f"/makassar/kerja/{report.code}/recategorise/", pressed)
    assert answer["Location"] == "/makassar/kerja/"
    now_is = fetch_all("SELECT category_id, agency_id FROM reports_report WHERE id = %s", [report.id])
    assert now_is == [(makassar.category("jalan-rusak").id, makassar.agency("pu").id)]
    assert report.code not in client.get("/makassar/wawasan/antrean/").content.decode()


def always(label, sure=0.97) -> Any:
    return Always(label, sure)


class Always:
    """A classifier that is sure of one agency."""

    def __init__(self, label, sure):
        self.label, self.sure = label, sure

    def predict(self, text, facts=(), most=3):
        from qlue.insight.sorting.classifier import Prediction

        return [Prediction(self.label, self.sure)]


def test_a_likely_duplicate_is_one_press_away_from_merging(client, makassar):
    first, second = handed_in(makassar, at=days_ago(1)), handed_in(makassar)
    client.force_login(officer(makassar, role="head").user)
    page = client.get(f"/makassar/wawasan/kasus/{second.code}/").content.decode()
    assert f'value="{first.code}"' in page
    uuid = str(uuid4())
    client.post(f"/makassar/kerja/{second.code}/merge/", {"into": first.code, "uuid": uuid})
    found = fetch_all("SELECT status, merged_into_id FROM reports_report WHERE id = %s", [second.id])
    assert found == [("merged", first.id)]
    assert first.code not in client.get(f"/makassar/wawasan/kasus/{second.code}/").content.decode()


def test_hints_are_for_those_whose_case_it_is(client, makassar):
    report = handed_in(makassar)
    address = f"/makassar/wawasan/kasus/{report.code}/"
    assert client.get(address).status_code == 302
    client.force_login(officer(makassar, agency="pu").user)
    assert client.get(address).status_code == 404
    secret = handed_in(makassar, private=True)
    client.force_login(officer(makassar).user)
    assert client.get(f"/makassar/wawasan/kasus/{secret.code}/").status_code == 404


def by_itself(city, report, sure=0.97, limit=0.9, route=("pu",)):
    from dataclasses import replace

    from qlue.cities.records import AutoSettings

    there = replace(city, auto=AutoSettings(route=tuple(route)))
    served = ServedModel(classifier=always("pu", sure), thresholds={"pu": limit})
    serving_module._cache[city.id, "agency"] = ((None, city.version), served)
    write_hints(there, [happening_of(report)])
    return city.agencies[fetch_value("SELECT agency_id FROM reports_report WHERE id = %s", [report.id])].slug


def test_a_sure_report_goes_its_way_by_itself_where_the_pack_says_so(makassar):
    report = handed_in(makassar)
    assert by_itself(makassar, report) == "pu"
    assert Hint.objects.get(report_id=report.id).moved
    kinds = [kind for (kind,) in fetch_all("SELECT kind FROM timeline_happening WHERE report_id = %s", [report.id])]
    assert kinds == ["report.submitted", "report.rerouted"]


def test_otherwise_it_stays(makassar):
    assert by_itself(makassar, handed_in(makassar), route=()) == "dlh"
    assert by_itself(makassar, handed_in(makassar), sure=0.8) == "dlh"
    assert by_itself(makassar, handed_in(makassar), limit=1.1) == "dlh"
    assert by_itself(makassar, handed_in(makassar, private=True)) == "dlh"
    taken = handed_in(makassar)
    transition(city=makassar, report_id=taken.id, verb="accept", actor=Actor(officer(makassar)))
    assert by_itself(makassar, taken) == "dlh"


def test_a_look_may_happen_twice(makassar):
    report = handed_in(makassar)
    assert write_hints(makassar, [happening_of(report)]) == write_hints(makassar, [happening_of(report)]) == 1
    assert Hint.objects.filter(report_id=report.id).count() == 1


def test_a_public_report_is_not_merged_into_a_private_one(makassar):
    open_one, secret = handed_in(makassar), handed_in(makassar, private=True)
    head = Actor(officer(makassar, role="head"))
    with pytest.raises(ActionRefused):
        transition(city=makassar, report_id=open_one.id, verb="merge", actor=head, into=secret.id)


def test_who_reported_a_merged_one_is_led_to_what_stays(client, makassar):
    first, second, third = (handed_in(makassar, at=now() - timedelta(hours=n)) for n in (3, 2, 1))
    head = Actor(officer(makassar, role="head"))
    transition(city=makassar, report_id=third.id, verb="merge", actor=head, into=second.id)
    transition(city=makassar, report_id=second.id, verb="merge", actor=head, into=first.id)
    page = client.get(f"/makassar/laporan/{third.code}/ikuti/{third.token}/").content.decode()
    assert first.code in page
    assert f"/makassar/laporan/{first.code}/" in page
    assert fetch_value("SELECT supporters FROM reports_report WHERE id = %s", [first.id]) >= 2


def test_the_page_of_models_says_what_serves(client, makassar):
    client.force_login(officer(makassar, role="head").user)
    page = client.get("/makassar/wawasan/model/").content.decode()
    assert "200" in page
    client.force_login(officer(makassar).user)
    assert client.get("/makassar/wawasan/model/").status_code == 403
