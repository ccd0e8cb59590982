"""The classifier of a city without history: fitted to everyday phrases of any city and of its pack, by numpy alone."""

import csv
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from qlue.cities.facts import CategoryFacts, CityFacts, agency_for
from qlue.insight.sorting.classifier import (
    STRAIGHT,
    Classifier,
    Floats,
    SeedPhrase,
    inverse_document_frequencies,
    softmax,
    term_columns,
    term_values,
)
from qlue.insight.sorting.terms import terms_of

SHARPNESS = (2, 4, 6, 8, 10, 12, 16, 24)  # that are tried
RIDGE = 0.5  # the larger, the less a single phrase decides


@cache
def everyday_phrases() -> Mapping[str, tuple[str, ...]]:
    """What people in any city say for a category that has its usual slug."""
    with (Path(__file__).parent / "everyday.csv").open(encoding="utf-8", newline="") as file:
        return {row["category"]: tuple(row["words"].split("; ")) for row in csv.DictReader(file)}


def pack_phrases(category: CategoryFacts) -> tuple[str, ...]:
    """The pack's own words for a category."""
    return category.name, *category.words


def category_seeds(city: CityFacts) -> list[SeedPhrase]:
    """Each everyday phrase, and the name, of each category that new reports may have."""
    return [
        ((phrase, ()), category.slug)
        for category in city.open_categories
        for phrase in dict.fromkeys((*pack_phrases(category), *everyday_phrases().get(category.slug, ())))
    ]


def agency_seeds(city: CityFacts) -> list[SeedPhrase]:
    """The same phrases for the agency that the pack names; the pack's own also with the facts of such a report."""
    seeds: list[SeedPhrase] = []
    for category in city.open_categories:
        agency = city.agencies.get(agency_for(city, category.id, None) or 0)
        if agency:
            own_phrases, facts = pack_phrases(category), known_facts(city, category.id, None)
            phrases = dict.fromkeys((*own_phrases, *everyday_phrases().get(category.slug, ())))
            seeds += [((phrase, ()), agency.slug) for phrase in phrases]
            seeds += [((phrase, facts), agency.slug) for phrase in own_phrases]
    return seeds


def known_facts(city: CityFacts, category_id: int, area_id: int | None) -> tuple[str, ...]:
    """Facts of a report besides its words: category, kecamatan, and the agency that the pack's rules name."""
    category, area = city.categories[category_id], city.areas.get(area_id or 0)
    agency = city.agencies.get(agency_for(city, category_id, area_id) or 0)
    district = city.areas.get(area.parent_id or area.id) if area else None
    # The names are terms of stored models: another one would make them forget what they know.
    facts = (("kategori", category.slug), ("opd", agency and agency.slug), ("kecamatan", district and district.code))
    return tuple(f"{name}:{value}" for name, value in facts if value)


def fit_seeds(seeds: Sequence[SeedPhrase]) -> Classifier | None:
    """Ridge regression on the phrases, each label with the same weight; calibrated on phrases that were left out.

    None where there are fewer than two labels to tell apart.
    """
    labels = sorted({label for _, label in seeds})
    if len(labels) < 2:
        return None
    counts = [terms_of(*text) for text, _ in seeds]
    terms, rarity = inverse_document_frequencies(counts)
    columns_of = term_columns(terms)
    rows = np.zeros((len(seeds), len(terms)), np.float32)
    for row, blocks in zip(rows, counts, strict=True):
        columns, values = term_values(blocks, columns_of, rarity)
        row[columns] = values
    truth = np.array([labels.index(label) for _, label in seeds])
    targets = np.eye(len(labels))[truth]
    weight = np.sqrt(len(seeds) / len(labels) / np.bincount(truth))[truth][:, None]
    # The dual form: there are fewer phrases than terms, so the matrix to invert is small.
    inverse = np.linalg.inv(weight * (rows @ rows.T) * weight.T + RIDGE * np.eye(len(seeds)))
    dual = inverse @ (weight * targets)
    phrases = [phrase for (phrase, _facts), _ in seeds]
    sharpness = _seed_sharpness(targets - _leave_one_out_errors(inverse, dual, weight, phrases), truth)
    weights, offsets = (weight * dual).T.astype(np.float32) @ rows, np.zeros(len(labels), np.float32)
    return Classifier(tuple(labels), terms, rarity, weights, offsets, sharpness, STRAIGHT)


def _leave_one_out_errors(inverse: Floats, dual: Floats, weight: Floats, phrases: Sequence[str]) -> Floats:
    """By how much the model would miss each phrase if it had been fitted to the others only.

    Exact for ridge regression, without fitting it again. A phrase may stand twice, for two labels or with facts: then
    all its rows are left out together.
    """
    groups: defaultdict[str, list[int]] = defaultdict(list)
    for row, phrase in enumerate(phrases):
        groups[phrase].append(row)
    errors = np.zeros_like(dual)
    for rows in groups.values():
        errors[rows] = np.linalg.solve(inverse[np.ix_(rows, rows)], dual[rows]) / weight[rows]
    return errors


def _seed_sharpness(sums: Floats, truth: NDArray[np.int64]) -> float:
    """The one of SHARPNESS under which the true labels are likeliest."""
    rows = np.arange(len(truth))
    return float(min(SHARPNESS, key=lambda sharpness: -np.log(softmax(sums, sharpness)[rows, truth] + 1e-9).mean()))
