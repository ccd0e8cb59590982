"""The first night's sorter: from the everyday words of a city's pack alone, without scikit-learn."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from qlue.cities.facts import CityFacts, agency_for
from qlue.insight.sorting.sorter import STRAIGHT, Hint, Sorter, known_of, located, shares
from qlue.insight.sorting.terms import BLOCKS, terms_of

Singles = NDArray[np.float32]
SHARPNESS = (2, 4, 6, 8, 12, 16, 24)


def category_hints(city: CityFacts) -> list[Hint]:
    """Each everyday word, and the name, of each category that new reports may have."""
    return [
        ((phrase, ()), category.slug)
        for category in city.open_categories
        for phrase in (category.name, *category.words)
    ]


def agency_hints(city: CityFacts) -> list[Hint]:
    """The same words for the agency that the pack names, with what is known beside the words."""
    found: list[Hint] = []
    for category in city.open_categories:
        agency = city.agencies.get(agency_for(city, category.id, None) or 0)
        if agency:
            beside = beside_of(city, category.id, None)
            phrases = (category.name, *category.words)
            found += [((phrase, known), agency.slug) for phrase in phrases for known in ((), beside)]
    return found


def beside_of(city: CityFacts, category_id: int, area_id: int | None) -> tuple[str, ...]:
    """What is known of a report besides its words: category, kecamatan, and the agency that the pack's rules name."""
    category, area = city.categories[category_id], city.areas.get(area_id or 0)
    agency = city.agencies.get(agency_for(city, category_id, area_id) or 0)
    district = city.areas.get(area.parent_id or area.id) if area else None
    known = (("kategori", category.slug), ("opd", agency and agency.slug), ("kecamatan", district and district.code))
    return tuple(f"{name}:{value}" for name, value in known if value)


def learnt(hints: Sequence[Hint]) -> Sorter | None:
    """Each label stands where its phrases stand on the mean; how sure that is, phrases that are left out tell."""
    labels = sorted({label for _, label in hints})
    if len(labels) < 2:
        return None
    counted = [terms_of(*text) for text, _ in hints]
    texts_with = Counter(
        sign + term for blocks in counted for sign, block in zip(BLOCKS, blocks, strict=True) for term in block
    )
    terms = tuple(texts_with)
    rarity = np.log((1 + len(counted)) / (1 + np.array([texts_with[term] for term in terms]))).astype(np.float32) + 1
    known = known_of(terms)
    rows = np.zeros((len(hints), len(terms)), dtype=np.float32)
    for row, blocks in zip(rows, counted, strict=True):
        columns, values = located(blocks, known, rarity)
        row[columns] = values
    truth = np.array([labels.index(label) for _, label in hints])
    sums = np.stack([rows[truth == k].sum(axis=0) for k in range(len(labels))])
    model = Sorter(tuple(labels), terms, rarity, _unit(sums), np.zeros(len(labels), np.float32), 1.0, STRAIGHT)
    return replace(model, sharpness=_sharpness(rows, truth, sums))


def _unit(rows: Singles) -> Singles:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.maximum(lengths, 1e-9), dtype=np.float32)


def _sharpness(rows: Singles, truth: NDArray[np.int64], sums: Singles) -> float:
    """Under which the phrases, each asked of the others only, are least surprising."""
    whole = (rows @ _unit(sums).T).astype(np.float64)
    for i, k in enumerate(truth):
        rest = sums[k] - rows[i]
        whole[i, k] = rows[i] @ rest / max(float(np.linalg.norm(rest)), 1e-9)
    every = np.arange(len(truth))
    return float(min(SHARPNESS, key=lambda sharp: -np.log(shares(whole, sharp)[every, truth] + 1e-9).mean()))
