"""A linear model over terms, as plain numbers: asked without scikit-learn, kept without pickle."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import log, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qlue.insight.sorting.terms import BLOCKS, READING, terms_of

Floats = NDArray[np.float64]
Text = tuple[str, Sequence[str]]  # the words, and what is known besides them
Known = tuple[dict[str, int], ...]  # for each of BLOCKS the column of its terms
Hint = tuple[Text, str]  # a text that nobody reported, and its label


STRAIGHT: Floats = np.array([[0.0, 1.0], [0.0, 1.0]])


@dataclass(frozen=True)
class Guess:
    """`confidence` is calibrated: of the guesses that say 0.8, about 80 of 100 are right."""

    label: str
    confidence: float


@dataclass(frozen=True)
class Sorter:
    """`weights` has a row for each label and a column for each term.

    `sharpness` turns its sums into shares that add up to 1, `curve` (two rows, both rising) those into confidence.
    """

    labels: tuple[str, ...]
    terms: tuple[str, ...]  # each with its block's sign in front
    rarity: NDArray[np.float32]
    weights: NDArray[np.float32] = field(repr=False)
    offsets: NDArray[np.float32]
    sharpness: float
    curve: Floats

    @cached_property
    def known(self) -> Known:
        """The column of each term."""
        return known_of(self.terms)

    @cached_property
    def by_term(self) -> NDArray[np.float32]:
        """The weights with a row for each term: those of one text then lie together in memory."""
        return np.ascontiguousarray(self.weights.T)

    def guess(self, text: str, beside: Sequence[str] = (), most: int = 3) -> list[Guess]:
        """The likeliest labels, the best first; none where not one term of the text is known."""
        terms = terms_of(text, beside)
        if not any(known.keys() & block.keys() for known, block in zip(self.known, terms, strict=True)):
            return []
        chances = self.confidences(self.sums([terms]))[0]
        return [Guess(self.labels[i], float(chances[i])) for i in np.argsort(-chances, kind="stable")[:most]]

    def chances(self, texts: Sequence[Text]) -> Floats:
        """The confidence in every label, a row for each text."""
        return self.confidences(self.sums([terms_of(*text) for text in texts]))

    def sums(self, counted: Sequence[Sequence[Counter[str]]]) -> Floats:
        """What the terms of each text say for each label, before it becomes a confidence."""
        sums = np.tile(self.offsets.astype(np.float64), (len(counted), 1))
        for row, terms in enumerate(counted):
            columns, values = located(terms, self.known, self.rarity)
            sums[row] += values @ self.by_term[columns]
        return sums

    def confidences(self, sums: Floats) -> Floats:
        """How often such a guess is right; the order of the labels is that of their sums."""
        return np.asarray(np.interp(shares(sums, self.sharpness), *self.curve))

    def arrays(self) -> dict[str, Any]:
        """Everything, for `numpy.savez_compressed`; texts as UTF-8 with a line for each."""
        return {
            "labels": _lines(self.labels),
            "terms": _lines(self.terms),
            "rarity": self.rarity,
            "weights": self.weights.astype(np.float16),
            "offsets": self.offsets,
            "sharpness": np.array(self.sharpness),
            "curve": self.curve,
            "reading": np.array(READING),
        }


def from_arrays(kept: Mapping[str, Any]) -> Sorter:
    """What `arrays` gave; ValueError where the parts do not fit together."""
    if int(kept["reading"]) != READING:
        raise ValueError("the model learnt from words that were read in another way")
    labels, terms = _texts(kept["labels"]), _texts(kept["terms"])
    weights = np.asarray(kept["weights"], dtype=np.float32)
    rarity, offsets = np.asarray(kept["rarity"], np.float32), np.asarray(kept["offsets"], np.float32)
    if weights.shape != (len(labels), len(terms)) or rarity.shape != (len(terms),) or offsets.shape != (len(labels),):
        raise ValueError("the parts of the model do not fit together")
    curve = np.asarray(kept["curve"], dtype=np.float64)
    if curve.ndim != 2 or len(curve) != 2 or not np.isfinite(curve).all() or (np.diff(curve) < 0).any():
        raise ValueError("the curve of the model does not rise")
    return Sorter(labels, terms, rarity, weights, offsets, float(kept["sharpness"]), curve)


def shares(sums: Floats, sharpness: float) -> Floats:
    """Softmax; rows add up to 1."""
    powers = np.exp(sharpness * (sums - sums.max(axis=1, keepdims=True)))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def known_of(terms: Sequence[str]) -> Known:
    """The column of each term, a table for each of BLOCKS."""
    tables: dict[str, dict[str, int]] = {sign: {} for sign in BLOCKS}
    for column, term in enumerate(terms):
        tables[term[0]][term[1:]] = column
    return tuple(tables.values())


def located(
    counted: Sequence[Counter[str]], known: Known, rarity: NDArray[np.float32]
) -> tuple[NDArray[np.int64], Floats]:
    """The known terms of a text as columns and values: 1 + log(count), times rarity, each block of length 1.

    Unknown terms are as rare as can be and count for the length: what a model never saw makes it less sure.
    """
    rarest = float(rarity.max(initial=1.0))
    parts = [_located(block, columns, rarity, rarest) for block, columns in zip(counted, known, strict=True)]
    columns, values = zip(*parts, strict=True)
    return np.concatenate(columns), np.concatenate(values)


def _located(
    block: Counter[str], known: Mapping[str, int], rarity: NDArray[np.float32], rarest: float
) -> tuple[NDArray[np.int64], Floats]:
    places = np.array([known.get(term, -1) for term in block], dtype=np.int64)
    weighed = 1 + np.log(np.fromiter(block.values(), dtype=np.float64, count=len(block)))
    there = places >= 0
    columns, strange = places[there], weighed[~there] * rarest
    values = weighed[there] * rarity[columns]
    return columns, np.asarray(values / (sqrt(values @ values + strange @ strange) or 1.0), dtype=np.float64)


def rarities(
    counted: Sequence[Sequence[Counter[str]]], least: int = 1, most: int | None = None
) -> tuple[tuple[str, ...], NDArray[np.float32]]:
    """The commonest `most` terms of at least `least` texts, with their inverse document frequency."""
    texts_with: Counter[str] = Counter()
    for blocks in counted:
        for sign, block in zip(BLOCKS, blocks, strict=True):
            texts_with.update(sign + term for term in block)
    common = [(term, n) for term, n in texts_with.most_common(most) if n >= least or term[0] == "="]
    rarity = np.array([log((1 + len(counted)) / (1 + n)) + 1 for _, n in common], dtype=np.float32)
    return tuple(term for term, _ in common), rarity


def _lines(texts: Sequence[str]) -> NDArray[np.uint8]:
    return np.frombuffer("\n".join(texts).encode(), dtype=np.uint8)


def _texts(lines: Any) -> tuple[str, ...]:
    return tuple(np.asarray(lines, dtype=np.uint8).tobytes().decode().split("\n"))
