"""Sorting: how well, how sure, and what it does with strange words and files."""

import csv
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from qlue.insight.registry.artefacts import pack_arrays, unpack_arrays
from qlue.insight.sorting import cold_start as cold
from qlue.insight.sorting.classifier import classifier_from_arrays
from qlue.insight.sorting.fit import fit_classifier
from qlue.insight.sorting.metrics import NEVER, precision_threshold, predict_labelled, prediction_figures
from qlue.insight.sorting.terms import terms_of, words_of
from qlue.insight.tests.complaints import made_up, phrases

COLUMNS = ["--text", "aduan", "--label", "opd", "--time", "waktu"]


@pytest.fixture(scope="module")
def classifier():
    rows = made_up(900)
    return fit_classifier([(text, ()) for text, _, _ in rows], [agency for _, _, agency in rows])


@pytest.fixture
def written(tmp_path):
    def write(rows, name="aduan.csv"):
        start = datetime(2026, 1, 1, tzinfo=UTC)
        lines = [f"{(start + timedelta(hours=n)).isoformat()},{opd},{text!r}" for n, (text, opd) in enumerate(rows)]
        path = tmp_path / name
        path.write_text("\n".join(["waktu,opd,aduan", *(line.replace("'", '"') for line in lines)]))
        return path

    return write


def told(capsys, *words):
    call_command("insight", *words, "--json")
    return json.loads(capsys.readouterr().out)


def test_everyday_words_find_their_agency(classifier):
    guesses = classifier.predict("pak sampah numpuk dpn pasar, bau sekali")
    assert guesses[0].label == "dlh"
    assert guesses[0].confidence > 0.6
    assert classifier.predict("lampu jalan padam semua gelap")[0].label == "dishub"


def test_the_packs_words_alone_are_a_start():
    first = cold.fit_seeds([((phrase, ()), slug) for slug, (said, _) in phrases().items() for phrase in said])
    assert first
    assert first.predict("ada pohon tumbang menutup jalan")[0].label == "tanaman-bermasalah"
    assert "jalan-rusak" in [one.label for one in first.predict("jalan berlubang dalam depan sekolah")]
    rows = made_up(400, seed=3)
    figures = prediction_figures(
        predict_labelled(first, [(text, ()) for text, _, _ in rows], [slug for _, slug, _ in rows])
    )
    assert figures["accuracy"] > 0.5
    assert figures["top3"] > 0.65


def test_sentences_that_nobody_looked_at_while_building_are_understood_on_the_first_day():
    """Colloquial, misspelt, in Makassar's manner, mixed with English; the half `kept` was never tuned on."""
    with (Path(__file__).parent / "said.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["part"] == "kept"]
    hints = [
        ((one, ()), slug) for slug, (own, _) in phrases().items() for one in (*own, *cold.everyday_phrases()[slug])
    ]
    first = cold.fit_seeds(hints)
    assert first
    figures = prediction_figures(
        predict_labelled(first, [(row["words"], ()) for row in rows], [row["category"] for row in rows])
    )
    assert figures["accuracy"] > 0.8
    assert figures["top3"] > 0.9


def test_short_forms_and_small_words_do_not_matter():
    assert words_of("sdh 3 hr lmpu jln mati") == words_of("sudah 3 hari lampu jalan mati")
    assert words_of("motor2 & anak2nya") == ["motor", "anaknya"]


def test_evaluate_tells_the_figures_of_a_time_split(written, capsys):
    rows = [(text, agency) for text, _, agency in made_up(900)]
    figures = told(capsys, "evaluate", "--csv", str(written(rows)), *COLUMNS)
    assert (figures["n_train"], figures["n_test"]) == (720, 180)
    assert figures["accuracy"] > 0.7
    assert figures["top3"] >= figures["accuracy"]
    assert 0 <= figures["ece"] < 0.2
    assert {"macro_f1", "auto_share_at_95"} <= set(figures)


def test_a_kept_model_is_numbers_and_answers_the_same(classifier):
    again = classifier_from_arrays(unpack_arrays(pack_arrays(classifier.arrays())))
    one, two = classifier.predict("got mampet"), again.predict("got mampet")
    assert [guess.label for guess in one] == [guess.label for guess in two]
    assert one[0].confidence == pytest.approx(two[0].confidence, abs=0.01)


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04broken", b"\x80\x04\x95pickle", pack_arrays({"x": np.zeros(3)})])
def test_what_is_no_model_is_refused(data):
    with pytest.raises((ValueError, KeyError)):
        classifier_from_arrays(unpack_arrays(data))


def test_a_pickle_inside_of_a_model_is_never_opened(tmp_path):
    path = tmp_path / "evil.npz"
    np.savez(path, labels=np.array([object()], dtype=object))
    with pytest.raises(ValueError, match="allow_pickle"):
        unpack_arrays(path.read_bytes())


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"waktu,opd,aduan\n", "no row has"),
        (b"waktu,opd,aduan\n2026-01-01,pu,jalan \xff\xfe\n", "line 2: this is not UTF-8"),
        (b"waktu,opd\n2026-01-01,pu\n", "no column aduan"),
        (b"waktu,opd,aduan\n" + b"2026-01-01,pu,jalan rusak\n" * 60, "the same label"),
        (b"waktu,opd,aduan\n2026-01-01,pu,jalan\n2026-01-02,dlh,sampah\n", "too few"),
        (b"waktu,opd,aduan\nkemarin,pu,jalan\n", "time that can be read"),
        (b'waktu,opd,aduan\n2026-01-01,pu,"' + b"a" * 1_200_000 + b'"\n', "field larger than"),
    ],
)
def test_a_hostile_file_is_refused_with_the_reason(tmp_path, content, words):
    path = tmp_path / "aduan.csv"
    path.write_bytes(content)
    with pytest.raises(CommandError, match=words):
        call_command("insight", "evaluate", "--csv", str(path), *COLUMNS)


def test_older_rows_of_one_label_are_no_lesson(written):
    rows = [("jalan rusak", "pu")] * 90 + [("sampah", "dlh")] * 10
    with pytest.raises(CommandError, match="older rows all have the same label"):
        call_command("insight", "evaluate", "--csv", str(written(rows)), *COLUMNS)


STRANGE = (
    "", " \n\t", "\x00\x00", "\u200b\u202e", "💥" * 5000, "a" * 1_000_000, "x " * 200_000,
    "=cmd|' /C calc'!A0", "ｓａｍｐａｈ",
)  # fmt: skip


@pytest.mark.parametrize("text", STRANGE)
def test_strange_words_are_read_in_bounds(classifier, text):
    words, letters, _ = terms_of(text)
    assert sum(words.values()) <= 600
    assert sum(letters.values()) <= 6000
    for guess in classifier.predict(text):
        assert 0 <= guess.confidence <= 1


def test_hidden_signs_and_drawn_out_letters_do_not_hide_a_word():
    assert words_of("SAMPAHHHH") == ["sampahh"]
    assert words_of("sam\u200bpah") == words_of("ｓａｍｐａｈ") == ["sampah"]


def test_a_threshold_lets_through_what_is_right_nineteen_times_in_twenty():
    sure = np.linspace(1, 0, 1000)
    right = np.where(np.arange(1000) < 500, True, np.arange(1000) % 2 == 0)
    limit = precision_threshold(sure, right)
    assert right[sure >= limit].mean() >= 0.95
    assert (sure >= limit).sum() > 450
    assert precision_threshold(sure[:10], right[:10]) == NEVER
    assert precision_threshold(np.ones(100), np.arange(100) % 2 == 0) == NEVER
