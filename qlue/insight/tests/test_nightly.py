"""Learning each night: from corrected history, never to something worse, and only what is sealed is loaded."""

from datetime import timedelta
from random import Random
from typing import Any

import pytest

from qlue.insight.actions.retrain import retrain_city
from qlue.insight.duplicates import retrain as duplicates
from qlue.insight.models import TrainedModel
from qlue.insight.registry import lookup as serving_module
from qlue.insight.registry.artefacts import pack_arrays, seal_of
from qlue.insight.registry.lookup import served_model as served_now
from qlue.insight.sorting import retrain as sorting
from qlue.insight.sorting.cold_start import known_facts
from qlue.insight.sorting.retrain import is_better
from qlue.insight.sorting.training_set import count_corrected, training_set
from qlue.insight.tests.history import lived
from qlue.kit.clock import now
from qlue.kit.db import execute, fetch_all
from qlue.reports.actions import Actor, transition
from qlue.reports.tests.making import INSIDE, days_ago, handed_in, officer

METRE = 1 / 111_195


def serving(city, kind) -> Any:
    return served_now(city, kind)


def retrain(city, kind) -> Any:
    return sorting.retrain_sorting(city, kind)


@pytest.fixture(autouse=True)
def _forget():
    serving_module._cache.clear()


def test_a_young_city_learns_nothing_and_sorts_by_its_packs_words(makassar):
    assert retrain_city(makassar) == []
    served = serving(makassar, "agency")
    assert served.row is None
    assert served.classifier.predict("sampah menumpuk bau busuk")[0].label == "dlh"


def test_history_teaches_what_the_pack_does_not_know(makassar):
    lived(makassar, 260, misrouted="parkir-liar")
    asked = ("mobil parkir di trotoar", known_facts(makassar, makassar.category("parkir-liar").id, None))
    before = serving(makassar, "agency").classifier.predict(*asked)[0]
    model = retrain(makassar, "agency")
    assert model.serves
    assert model.scores["accuracy"] > model.champion["accuracy"]
    assert model.n_train + model.n_test <= 260
    after = serving(makassar, "agency").classifier.predict(*asked)[0]
    assert (before.label, after.label) == ("dishub", "satpol-pp")
    assert retrain(makassar, "agency") is None  # nothing new since


def test_corrections_of_what_was_learnt_count_as_news(makassar, monkeypatch):
    monkeypatch.setattr(sorting, "is_better", lambda ours, theirs: True)
    lived(makassar, 220)
    assert retrain(makassar, "category").serves
    execute("UPDATE reports_report SET created_at = created_at - interval '30 days'")
    execute("UPDATE insight_trainedmodel SET trained_until = trained_until - interval '30 days'")
    lived(makassar, 80, seed=8)
    serving_module._cache.clear()
    assert retrain(makassar, "category") is None  # eighty new ones are too few by themselves
    waste = makassar.category("sampah").id
    old = fetch_all("SELECT id FROM reports_report WHERE category_id = %s AND created_at < %s", [waste, days_ago(20)])
    operator, wanted = Actor(officer(makassar, "operator")), makassar.category("sanitasi").id
    labelled = training_set(makassar, "category").labels.count("sanitasi")
    for (report,) in old:
        transition(city=makassar, report_id=report, verb="recategorise", actor=operator, category=wanted)
        execute("UPDATE reports_report SET status = 'accepted' WHERE id = %s", [report])
    assert training_set(makassar, "category").labels.count("sanitasi") == labelled + len(old)
    span = (days_ago(1), days_ago(20))
    assert count_corrected(makassar, "category", *span) == len(old)
    assert count_corrected(makassar, "agency", *span) == 0
    monkeypatch.setattr(sorting, "NEW_REPORTS", 80 + len(old))
    assert retrain(makassar, "category").n_test == sorting.LEAST_TESTED
    execute("UPDATE reports_report SET private = true WHERE id = %s", [old[0][0]])
    assert count_corrected(makassar, "category", *span) == len(old) - 1


def test_a_worse_model_does_not_replace_a_better_one(makassar, monkeypatch):
    lived(makassar, 220)
    monkeypatch.setattr("qlue.insight.sorting.retrain.is_better", lambda ours, theirs: True)
    assert retrain(makassar, "category").serves
    serves = serving(makassar, "category")
    execute("UPDATE reports_report SET created_at = created_at - interval '30 days'")
    lived(makassar, 300, seed=8)
    execute("UPDATE insight_trainedmodel SET trained_until = trained_until - interval '30 days'")
    monkeypatch.setattr("qlue.insight.sorting.retrain.is_better", lambda ours, theirs: False)
    serving_module._cache.clear()
    loser = retrain(makassar, "category")
    assert not loser.serves
    assert loser.artefact is None
    assert serving(makassar, "category").row == serves.row
    assert is_better({"accuracy": 0.9, "surprise": 1}, {"accuracy": 0.8, "surprise": 0})
    assert not is_better({"accuracy": 0.8, "surprise": 1}, {"accuracy": 0.8, "surprise": 1})


def test_private_and_own_words_are_never_learnt(makassar, monkeypatch):
    monkeypatch.setattr("qlue.insight.sorting.retrain.is_better", lambda ours, theirs: True)
    lived(makassar, 220)
    execute("UPDATE reports_report SET private = true, words = 'rahasiasekali ' || words WHERE id %% 3 = 0")
    execute("UPDATE reports_report SET staff_made = true, words = 'buatanpegawai ' || words WHERE id %% 3 = 1")
    lived(makassar, 220, seed=9)
    model = retrain(makassar, "category")
    known = " ".join(serving(makassar, "category").classifier.terms)
    assert model.serves
    assert "rahasia" not in known
    assert "buatanpegawai" not in known


@pytest.mark.parametrize("how", ["other bytes", "other seal", "no bytes"])
def test_bytes_that_we_did_not_seal_are_not_loaded(makassar, how):
    data = pack_arrays({"labels": []})
    given = {"other bytes": (data + b"x", seal_of(data)), "other seal": (data, "0" * 64), "no bytes": (None, "")}[how]
    TrainedModel.objects.create(
        city_id=makassar.id, kind="agency", serves=True, trained_until=now(), made_at=now(), n_train=1, n_test=1,
        scores={"accuracy": 1}, artefact=given[0], seal=given[1],
    )  # fmt: skip
    served = serving(makassar, "agency")
    assert served.broken
    assert served.classifier.predict("sampah")[0].label == "dlh"
    assert served.thresholds == {}


def test_merges_teach_which_reports_mean_the_same(makassar):
    _merged_past(makassar)
    model: Any = duplicates.retrain_duplicates(makassar)
    assert model is not None
    assert model.scores["average_precision"] > 0.5
    assert model.serves == (model.scores["average_precision"] > model.champion["average_precision"])
    if model.serves:
        assert serving(makassar, "duplicates").trees is not None


def _merged_past(city):
    """Here a repeat is told an hour later, a hundred metres away; what is next door means another thing."""
    dice = Random(5)
    for n in range(90):
        at = now() - timedelta(hours=20 * (90 - n))
        lon, lat = INSIDE[0] + dice.gauss(0, 0.002), INSIDE[1] + dice.gauss(0, 0.002)
        first = handed_in(city, lon=lon, lat=lat, at=at)
        again = handed_in(city, lon=lon, lat=lat + 100 * METRE, at=at + timedelta(hours=1))
        handed_in(city, lon=lon, lat=lat + 8 * METRE, at=at + timedelta(hours=9), words="Sampah lain")
        execute("UPDATE reports_report SET status = 'merged', merged_into_id = %s WHERE id = %s", [first.id, again.id])
