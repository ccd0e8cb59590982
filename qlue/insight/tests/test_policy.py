"""What the mayor sees and decides: from a history to recommendations, from a decision to what came of it."""

from datetime import timedelta
from uuid import uuid4

import pytest

from qlue.insight.actions.decisions import RecordedAction, accept_option, record_action
from qlue.insight.actions.runs import compute_city, evaluate_decisions
from qlue.insight.models import Decision, Forecast, HotSpot, Option, Run
from qlue.insight.policy.outcomes import effects_measured_here
from qlue.insight.queries.history import load_report_history
from qlue.insight.queries.library import find_intervention, intervention_library
from qlue.insight.tests.making import lived, midnight, steady
from qlue.kit.clock import now
from qlue.reports.queries.address import filter_from_query
from qlue.reports.queries.reports import count_reports
from qlue.reports.tests.making import officer

PAGE = "/makassar/wawasan/"


@pytest.fixture
def mayor(makassar, client):
    member = officer(makassar, "mayor")
    client.force_login(member.user)
    client.member = member
    return client


def option(city, **more):
    """A recommendation as the night would leave it."""
    run = Run.objects.create(city_id=city.id, kind="policy", made_at=now())
    effect = {"mean": -0.15, "low": -0.3, "high": 0.0, "n": 0}
    usual = {
        "rank": 1, "intervention": "tempat-sampah-bertanda", "name": "Tempat sampah", "basis": "prior", "grade": "C",
        "weeks": 12, "expected": 40.0, "avoided": 6.0, "avoided_low": 0.0, "avoided_high": 12.0, "cost": 60_000_000,
        "category_id": city.category("sampah").id, "area_id": city.kecamatan[0].id,
        "body": {"effect": effect, "evidence": [{"kind": "open", "n": 3, "query": "category=sampah&status=terbuka"}],
                 "missing": ["less_than_a_year"], "caveats": ["rate_low"], "rate": 0.5, "assumptions": "a;b"},
    }  # fmt: skip
    return Option.objects.create(city_id=city.id, run=run, **(usual | more))


def test_a_history_becomes_recommendations_whose_numbers_are_the_lists_own(makassar, mayor):
    n = lived(makassar, 100, status="routed")
    said = compute_city(makassar)
    assert said["reports"] == n
    best = Option.objects.order_by("rank")[0]
    assert best.basis == "prior"
    assert (best.avoided_low or 0) <= (best.avoided or -1) <= (best.avoided_high or -1)
    for one in best.body["evidence"]:
        query = dict(pair.split("=") for pair in one["query"].split("&"))
        assert count_reports(makassar, filter_from_query(makassar, query)) == one["n"]
    first = HotSpot.objects.filter(category=None).order_by("rank")[0]
    assert first.sure
    assert first.area_id == makassar.kelurahan[0].id
    assert Forecast.objects.filter(area=None, category=None).count() == 7
    told = Forecast.objects.get(category=makassar.category("sampah").id)
    assert told.off is not None
    assert told.low <= told.mean <= told.high
    district = Forecast.objects.filter(area__in=[one.id for one in makassar.kecamatan])
    assert all(one.off is not None for one in district)
    page = mayor.get(PAGE).content.decode()
    assert best.name in page
    assert "Titik rawan" in page
    assert makassar.category("banjir").label in page.split("Riwayat masih terlalu pendek")[2].split("</details>")[0]
    spots = mayor.get(f"{PAGE}titik-rawan.json").json()["features"]
    assert len(spots) == HotSpot.objects.filter(category=None).count()


@pytest.mark.parametrize("days", [0, 1, 20])
def test_a_city_with_no_or_little_history_is_told_so(makassar, mayor, days):
    lived(makassar, days, a_day=2.0)
    compute_city(makassar)
    page = mayor.get(PAGE).content.decode()
    assert "Belum ada rekomendasi" in page
    assert "Belum ada prakiraan" in page


def test_private_and_staff_made_reports_and_copies_say_nothing(makassar):
    lived(makassar, 20, private=True)
    lived(makassar, 20, staff_made=True)
    lived(makassar, 20, status="merged")
    assert len(load_report_history(makassar)) == 0


def test_accepting_keeps_the_promise_and_the_night_sets_the_result_beside_it(makassar, mayor):
    found = option(makassar)
    starts = (now().astimezone(makassar.tz) - timedelta(days=10)).date()
    given = {"request": str(uuid4()), "starts_on": starts, "note": "", "decision": "accept"}
    for _twice in range(2):
        answer = mayor.post(f"{PAGE}rekomendasi/{found.pk}/", given)
        assert answer.status_code == 302
    (decision,) = Decision.objects.all()
    assert decision.promise["avoided"] == 6.0
    evaluate_decisions(makassar, load_report_history(makassar))
    page = mayor.get(PAGE).content.decode()
    assert "laporan berkurang 15% (0 sampai 30%)" in page
    assert "Masih terlalu dini" in page


def test_not_now_needs_a_reason(makassar, mayor):
    address = f"{PAGE}rekomendasi/{option(makassar).pk}/"
    answer = mayor.post(address, {"request": str(uuid4()), "decision": "decline"})
    assert answer.status_code == 422
    answer = mayor.post(address, {"request": str(uuid4()), "decision": "decline", "note": "Anggaran habis"})
    assert answer.status_code == 302
    assert "Anggaran habis" in mayor.get(PAGE).content.decode()


def test_what_was_done_and_helped_is_measured_and_becomes_the_citys_own_effect(tomohon, client):
    member = officer(tomohon, "mayor")
    client.force_login(member.user)
    first, second, *_rest = tomohon.kecamatan
    steady(tomohon, weeks=22, a_week=3, fall_in=first.id, fall=0.6, since_weeks=9)
    starts = (midnight(tomohon) - timedelta(days=63)).date()
    for area in (first, second):
        deed = RecordedAction(
            uuid4(), "jadwal-angkut-tambahan", "Jadwal", tomohon.category("sampah").id, [area.id], starts
        )
        record_action(tomohon, member, deed)
    evaluate_decisions(tomohon, load_report_history(tomohon))
    helped, nothing = Decision.objects.order_by("id")
    assert helped.final
    assert helped.result["low"] < -0.6 < helped.result["high"] < 0
    assert nothing.result["low"] < 0 < nothing.result["high"]
    own = effects_measured_here([helped, nothing])
    assert own["jadwal-angkut-tambahan"].n == 2
    page = client.get("/tomohon/wawasan/").content.decode()
    assert "Membantu" in page
    assert "Belum terlihat bedanya" in page
    assert client.post(f"/tomohon/wawasan/keputusan/{helped.pk}/batal/").status_code == 302
    assert effects_measured_here(list(Decision.objects.all())) == {}


def test_recording_asks_for_a_day_that_has_been(makassar, mayor):
    given = {
        "request": str(uuid4()), "act": "jadwal-angkut-tambahan", "category": makassar.category("sampah").id,
        "area": makassar.kecamatan[0].id, "starts_on": (now() + timedelta(days=5)).date(),
    }  # fmt: skip
    assert mayor.post(f"{PAGE}catat/", given).status_code == 422
    given["starts_on"] = (now() - timedelta(days=50)).date()
    assert mayor.post(f"{PAGE}catat/", given).status_code == 302
    assert Decision.objects.get().state == "recorded"


def test_the_library_starts_with_the_pack_and_keeps_what_people_change(makassar, mayor):
    before = find_intervention(makassar, "tempat-sampah-bertanda")
    assert before
    assert before.fall == pytest.approx((0.147, 0.0, 0.294))
    given = {
        "name": "Tempat sampah baru", "categories": ["sampah"], "scale": "area", "weeks": 8, "cost": 5_000_000,
        "effect": 20, "effect_low": 10, "effect_high": 30, "source": "Uji coba 2026", "active": "on",
    }  # fmt: skip
    address = f"{PAGE}program/tempat-sampah-bertanda/"
    assert mayor.post(address, given).status_code == 302
    after = find_intervention(makassar, "tempat-sampah-bertanda")
    assert after
    assert (after.name, after.effect, after.own) == ("Tempat sampah baru", 0.2, True)
    assert len(intervention_library(makassar)) == len(makassar.interventions)
    for wrong in ({"source": ""}, {"name": "=1+1"}, {"effect": 50}, {"scale": "site"}, {"categories": ["x"]}):
        assert mayor.post(address, given | wrong).status_code == 422


def test_only_those_who_decide_may_decide(makassar, client):
    found = option(makassar)
    address = f"{PAGE}rekomendasi/{found.pk}/"
    assert client.get(PAGE).status_code == 302
    client.force_login(officer(makassar).user)
    assert client.get(PAGE).status_code == 403
    assert client.get(f"{PAGE}titik-rawan.json").status_code == 403
    client.force_login(officer(makassar, "head").user)
    assert client.get(address).status_code == 200
    assert client.post(address, {"request": str(uuid4()), "starts_on": "2026-11-22"}).status_code == 403
    assert client.get(f"{PAGE}catat/").status_code == 403
    assert not Decision.objects.exists()


def test_a_recommendation_of_another_city_does_not_exist_here(makassar, mayor):
    found = option(makassar)
    assert mayor.get(f"/tomohon/wawasan/rekomendasi/{found.pk}/").status_code in (403, 404)
    assert mayor.get(f"{PAGE}rekomendasi/{found.pk + 999}/").status_code == 404


def test_old_runs_go_and_decisions_stay(makassar, mayor):
    from qlue.insight.actions.runs import delete_old_runs

    found = option(makassar)
    accept_option(makassar, found, mayor.member, starts_on=now().date(), note="", request=uuid4())
    Run.objects.update(made_at=now() - timedelta(days=90))
    delete_old_runs(makassar)
    assert not Option.objects.exists()
    assert Decision.objects.get().promise["weeks"] == 12
