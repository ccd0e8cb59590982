"""A linear model over terms, as plain numbers: used without scikit-learn, stored without pickle."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import log, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qlue.insight.sorting.terms import BLOCKS, FACT, READING, terms_of

Floats = NDArray[np.float64]
TextWithFacts = tuple[str, Sequence[str]]  # the words, and facts that are known besides them
TermColumns = tuple[dict[str, int], ...]  # for each of BLOCKS the column of its terms
SeedPhrase = tuple[TextWithFacts, str]  # a text that nobody reported, and its label

STRAIGHT: Floats = np.array([[0.0, 1.0], [0.0, 1.0]])  # a calibration curve that changes nothing


@dataclass(frozen=True)
class Prediction:
    """`confidence` is calibrated: of predictions with 0.8, about 80 of 100 are right."""

    label: str
    confidence: float


@dataclass(frozen=True)
class Classifier:
    """`weights` has a row for each label and a column for each term.

    `sharpness` turns its sums into probabilities (a softmax), `curve` (two rows, both rising) those into confidence.
    """

    labels: tuple[str, ...]
    terms: tuple[str, ...]  # each with the sign of its block in front
    rarity: NDArray[np.float32]  # inverse document frequency
    weights: NDArray[np.float32] = field(repr=False)
    offsets: NDArray[np.float32]
    sharpness: float
    curve: Floats

    @cached_property
    def columns(self) -> TermColumns:
        """The column of each term."""
        return term_columns(self.terms)

    @cached_property
    def by_term(self) -> NDArray[np.float32]:
        """The weights with a row for each term: those of one text then lie together in memory."""
        return np.ascontiguousarray(self.weights.T)

    def predict(self, text: str, facts: Sequence[str] = (), most: int = 3) -> list[Prediction]:
        """The likeliest labels, the best first; none where not one term of the text is known."""
        terms = terms_of(text, facts)
        if not any(columns.keys() & block.keys() for columns, block in zip(self.columns, terms, strict=True)):
            return []
        confidences = self.confidences(self.sums([terms]))[0]
        return [
            Prediction(self.labels[i], float(confidences[i])) for i in np.argsort(-confidences, kind="stable")[:most]
        ]

    def confidences_of(self, texts: Sequence[TextWithFacts]) -> Floats:
        """The confidence in every label, a row for each text."""
        return self.confidences(self.sums([terms_of(*text) for text in texts]))

    def sums(self, counts: Sequence[Sequence[Counter[str]]]) -> Floats:
        """What the terms of each text say for each label, before it becomes a confidence."""
        sums = np.tile(self.offsets.astype(np.float64), (len(counts), 1))
        for row, terms in enumerate(counts):
            columns, values = term_values(terms, self.columns, self.rarity)
            sums[row] += values @ self.by_term[columns]
        return sums

    def confidences(self, sums: Floats) -> Floats:
        """How often such a prediction is right; the order of the labels is that of their sums."""
        return np.asarray(np.interp(softmax(sums, self.sharpness), *self.curve))

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """Everything, for `numpy.savez_compressed`; texts as UTF-8 with a line for each."""
        # These keys are in every stored model; half precision of the weights halves its size.
        return {
            "labels": _lines_to_bytes(self.labels),
            "terms": _lines_to_bytes(self.terms),
            "rarity": self.rarity,
            "weights": self.weights.astype(np.float16),
            "offsets": self.offsets,
            "sharpness": np.array(self.sharpness),
            "curve": self.curve,
            "reading": np.array(READING),
        }


def classifier_from_arrays(arrays: Mapping[str, Any]) -> Classifier:
    """The reverse of `Classifier.arrays`; ValueError where the parts do not fit together."""
    if int(arrays["reading"]) != READING:
        raise ValueError("the model learnt from words that were read in another way")
    labels, terms = _lines_from_bytes(arrays["labels"]), _lines_from_bytes(arrays["terms"])
    weights = np.asarray(arrays["weights"], dtype=np.float32)
    rarity, offsets = np.asarray(arrays["rarity"], np.float32), np.asarray(arrays["offsets"], np.float32)
    if weights.shape != (len(labels), len(terms)) or rarity.shape != (len(terms),) or offsets.shape != (len(labels),):
        raise ValueError("the parts of the model do not fit together")
    curve = np.asarray(arrays["curve"], dtype=np.float64)
    if curve.ndim != 2 or len(curve) != 2 or not np.isfinite(curve).all() or (np.diff(curve) < 0).any():
        raise ValueError("the curve of the model does not rise")
    return Classifier(labels, terms, rarity, weights, offsets, float(arrays["sharpness"]), curve)


def softmax(sums: Floats, sharpness: float) -> Floats:
    """Each row as probabilities that add up to 1."""
    # Without the largest sum nothing changes, and nothing overflows.
    powers = np.exp(sharpness * (sums - sums.max(axis=1, keepdims=True)))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def term_columns(terms: Sequence[str]) -> TermColumns:
    """The column of each term, a table for each of BLOCKS."""
    tables: dict[str, dict[str, int]] = {sign: {} for sign in BLOCKS}
    for column, term in enumerate(terms):
        tables[term[0]][term[1:]] = column
    return tuple(tables.values())


def term_values(
    counts: Sequence[Counter[str]], columns_of: TermColumns, rarity: NDArray[np.float32]
) -> tuple[NDArray[np.int64], Floats]:
    """The known terms of a text as columns and values: 1 + log(count), times rarity, each block of length 1.

    Unknown terms are as rare as can be and count for the length: what a model never saw makes it less sure.
    """
    rarest = float(rarity.max(initial=1.0))
    parts = [_block_values(block, columns, rarity, rarest) for block, columns in zip(counts, columns_of, strict=True)]
    columns, values = zip(*parts, strict=True)
    return np.concatenate(columns), np.concatenate(values)


def _block_values(
    block: Counter[str], columns_of: Mapping[str, int], rarity: NDArray[np.float32], rarest: float
) -> tuple[NDArray[np.int64], Floats]:
    places = np.array([columns_of.get(term, -1) for term in block], dtype=np.int64)
    weights = 1 + np.log(np.fromiter(block.values(), dtype=np.float64, count=len(block)))
    is_known = places >= 0
    columns, unknown = places[is_known], weights[~is_known] * rarest
    values = weights[is_known] * rarity[columns]
    return columns, np.asarray(values / (sqrt(values @ values + unknown @ unknown) or 1.0), dtype=np.float64)


def inverse_document_frequencies(
    counts: Sequence[Sequence[Counter[str]]], least: int = 1, most: int | None = None
) -> tuple[tuple[str, ...], NDArray[np.float32]]:
    """The commonest `most` terms of at least `least` texts, with their inverse document frequency."""
    texts_with: Counter[str] = Counter()
    for blocks in counts:
        for sign, block in zip(BLOCKS, blocks, strict=True):
            texts_with.update(sign + term for term in block)
    # Facts stay even where they are rare: a new kecamatan has few reports.
    common = [(term, n) for term, n in texts_with.most_common(most) if n >= least or term[0] == FACT]
    rarity = np.array([log((1 + len(counts)) / (1 + n)) + 1 for _, n in common], dtype=np.float32)
    return tuple(term for term, _ in common), rarity


def _lines_to_bytes(texts: Sequence[str]) -> NDArray[np.uint8]:
    return np.frombuffer("\n".join(texts).encode(), dtype=np.uint8)


def _lines_from_bytes(lines: Any) -> tuple[str, ...]:
    return tuple(np.asarray(lines, dtype=np.uint8).tobytes().decode().split("\n"))
