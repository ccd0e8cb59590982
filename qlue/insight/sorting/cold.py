"""The first night's sorter: from everyday words alone, those of every city and the pack's own, without scikit-learn."""

import csv
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from qlue.cities.facts import CategoryFacts, CityFacts, agency_for
from qlue.insight.sorting.sorter import STRAIGHT, Floats, Hint, Sorter, known_of, located, rarities, shares
from qlue.insight.sorting.terms import terms_of

SHARPNESS = (2, 4, 6, 8, 10, 12, 16, 24)
FIRMNESS = 0.5  # of the ridge: the larger, the less a single phrase decides


@cache
def everyday() -> Mapping[str, tuple[str, ...]]:
    """What people in any city say for a category that has its usual slug."""
    with (Path(__file__).parent / "everyday.csv").open(encoding="utf-8", newline="") as file:
        return {row["category"]: tuple(row["words"].split("; ")) for row in csv.DictReader(file)}


def phrases_of(category: CategoryFacts) -> tuple[str, ...]:
    """The pack's own words for a category."""
    return category.name, *category.words


def category_hints(city: CityFacts) -> list[Hint]:
    """Each everyday word, and the name, of each category that new reports may have."""
    return [
        ((phrase, ()), category.slug)
        for category in city.open_categories
        for phrase in dict.fromkeys((*phrases_of(category), *everyday().get(category.slug, ())))
    ]


def agency_hints(city: CityFacts) -> list[Hint]:
    """The same words for the agency that the pack names; the pack's own also with what is known beside the words."""
    found: list[Hint] = []
    for category in city.open_categories:
        agency = city.agencies.get(agency_for(city, category.id, None) or 0)
        if agency:
            own, beside = phrases_of(category), beside_of(city, category.id, None)
            said = dict.fromkeys((*own, *everyday().get(category.slug, ())))
            found += [((phrase, ()), agency.slug) for phrase in said]
            found += [((phrase, beside), agency.slug) for phrase in own]
    return found


def beside_of(city: CityFacts, category_id: int, area_id: int | None) -> tuple[str, ...]:
    """What is known of a report besides its words: category, kecamatan, and the agency that the pack's rules name."""
    category, area = city.categories[category_id], city.areas.get(area_id or 0)
    agency = city.agencies.get(agency_for(city, category_id, area_id) or 0)
    district = city.areas.get(area.parent_id or area.id) if area else None
    known = (("kategori", category.slug), ("opd", agency and agency.slug), ("kecamatan", district and district.code))
    return tuple(f"{name}:{value}" for name, value in known if value)


def learnt(hints: Sequence[Hint]) -> Sorter | None:
    """Ridge regression on the phrases, each label counting alike; how sure it is, phrases that are left out tell."""
    labels = sorted({label for _, label in hints})
    if len(labels) < 2:
        return None
    counted = [terms_of(*text) for text, _ in hints]
    terms, rarity = rarities(counted)
    known = known_of(terms)
    rows = np.zeros((len(hints), len(terms)), np.float32)
    for row, blocks in zip(rows, counted, strict=True):
        columns, values = located(blocks, known, rarity)
        row[columns] = values
    truth = np.array([labels.index(label) for _, label in hints])
    wanted = np.eye(len(labels))[truth]
    weight = np.sqrt(len(hints) / len(labels) / np.bincount(truth))[truth][:, None]
    turned = np.linalg.inv(weight * (rows @ rows.T) * weight.T + FIRMNESS * np.eye(len(hints)))
    dual = turned @ (weight * wanted)
    same = [words for (words, _beside), _ in hints]
    sharpness = _sharpness(wanted - _left_out(turned, dual, weight, same), truth)
    weights, offsets = (weight * dual).T.astype(np.float32) @ rows, np.zeros(len(labels), np.float32)
    return Sorter(tuple(labels), terms, rarity, weights, offsets, sharpness, STRAIGHT)


def _left_out(turned: Floats, dual: Floats, weight: Floats, same: Sequence[str]) -> Floats:
    """By how much the model misses each phrase if it had learnt from the others only, without fitting it again."""
    groups: defaultdict[str, list[int]] = defaultdict(list)
    for row, words in enumerate(same):
        groups[words].append(row)
    missed = np.zeros_like(dual)
    for rows in groups.values():
        missed[rows] = np.linalg.solve(turned[np.ix_(rows, rows)], dual[rows]) / weight[rows]
    return missed


def _sharpness(sums: Floats, truth: NDArray[np.int64]) -> float:
    """Under which the phrases are least surprising."""
    every = np.arange(len(truth))
    return float(min(SHARPNESS, key=lambda sharp: -np.log(shares(sums, sharp)[every, truth] + 1e-9).mean()))
