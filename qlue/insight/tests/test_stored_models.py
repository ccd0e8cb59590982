"""Models that earlier versions have stored load, and say what they said then.

`stored/` was written before the classes and modules were renamed: a model in the database names arrays, no classes.
"""

from pathlib import Path

import numpy as np
import pytest

from qlue.insight.duplicates.pairs import FEATURES
from qlue.insight.duplicates.trees import trees_from_arrays
from qlue.insight.registry.artefacts import is_sealed, pack_arrays, seal_of, unpack_arrays
from qlue.insight.sorting.classifier import classifier_from_arrays

STORED = Path(__file__).parent / "stored"


@pytest.fixture(scope="module")
def classifier():
    return classifier_from_arrays(unpack_arrays((STORED / "classifier.npz").read_bytes()))


@pytest.fixture(scope="module")
def trees():
    return trees_from_arrays(unpack_arrays((STORED / "trees.npz").read_bytes()))


@pytest.mark.parametrize(
    ("text", "facts", "label", "confidence"),
    [
        ("sampah di got", (), "dlh", 0.8976),
        ("got penuh", (), "pu", 0.9997),
        ("menumpuk di got meluap", ("kategori:sampah",), "pu", 0.7591),
    ],
)
def test_a_stored_classifier_predicts_as_it_did(classifier, text, facts, label, confidence):
    best = classifier.predict(text, facts)[0]
    assert best.label == label
    assert best.confidence == pytest.approx(confidence, abs=1e-4)


def test_stored_trees_score_as_they_did(trees):
    features = np.zeros((2, len(FEATURES)))
    features[:, 0] = -1.0, 2.0
    assert trees.probability(features) == pytest.approx([0.3179448675, 0.5868607656])


def test_what_is_stored_now_has_the_arrays_of_then(classifier, trees):
    for model, name in ((classifier, "classifier.npz"), (trees, "trees.npz")):
        assert set(model.arrays()) == set(unpack_arrays((STORED / name).read_bytes()))
        assert unpack_arrays(pack_arrays(model.arrays())).keys() == model.arrays().keys()


def test_a_seal_of_then_is_valid_now(settings):
    settings.SECRET_KEY = "kunci"
    data = (STORED / "trees.npz").read_bytes()
    assert seal_of(data) == "47eadc60f2be96f2e8ae1a0c1193c9bfc91f45ef8f35a2d9b23de3de2910a6bd"
    assert is_sealed(b"model", "77cdc7dae460014d64ad376ccd2afa6a035fc04ca29bbdb7f96bc3537efd5bdd")
