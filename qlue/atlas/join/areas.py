"""The area that a code or a name means, and those that it may have meant."""

import re
from collections import defaultdict
from dataclasses import dataclass
from difflib import SequenceMatcher, get_close_matches
from functools import lru_cache

from qlue.atlas.files.table import Cell
from qlue.cities.facts import AreaFacts, CityFacts

TITLE = re.compile(r"^(kelurahan|kel\.?|desa|kecamatan|kec\.?)\s+", re.IGNORECASE)
MIN_SIMILARITY, MAX_SIMILAR = 0.6, 3  # for suggestions; difflib's ratio
MIN_AGREEMENT = 0.6  # between the name of a code's area and the name beside the code


@dataclass(frozen=True)
class AreaLookup:
    """A city's active areas by the digits of their codes, and by name for each level."""

    by_digits: dict[str, AreaFacts]
    by_name: dict[str, dict[str, list[AreaFacts]]]


@lru_cache(maxsize=64)
def area_lookup(city: CityFacts) -> AreaLookup:
    """Built once per process and pack: facts of a changed pack are another key."""
    names: dict[str, dict[str, list[AreaFacts]]] = {"kelurahan": defaultdict(list), "kecamatan": defaultdict(list)}
    for area in (*city.kelurahan, *city.kecamatan):
        names[area.level][name_key(area.name)].append(area)
    # Files write codes with and without points, so only digits are compared; a city's own codes may have none.
    digits = {re.sub(r"\D", "", area.code) or area.code.lower(): area for area in (*city.kecamatan, *city.kelurahan)}
    return AreaLookup(digits, {level: dict(areas_by_name) for level, areas_by_name in names.items()})


def name_key(cell: Cell) -> str:
    """A name without its title, spaces and signs: `Kel. Kunjung-Mae` and `KUNJUNGMAE` have the same."""
    return re.sub(r"[^a-z0-9]", "", TITLE.sub("", str(cell or "").strip()).lower())


def area_of_code(city: CityFacts, cell: Cell) -> AreaFacts | None:
    """The area with this Kemendagri code, written 73.71.01.1006, 7371011006 or as a number."""
    if cell is None:
        return None
    # Spreadsheets turn codes into floats (7371011006.0), or quote them to prevent it.
    text = f"{cell:.0f}" if isinstance(cell, float) else str(cell).strip().strip("'\"")
    return area_lookup(city).by_digits.get(re.sub(r"\D", "", text.removesuffix(".0")) or text.lower())


def areas_with_name(city: CityFacts, level: str, name: str, kecamatan: str) -> list[AreaFacts]:
    """The areas of a level with this name key; of several only those in the kecamatan with the key `kecamatan`."""
    matches = area_lookup(city).by_name[level].get(name, [])
    if not kecamatan or len(matches) < 2:
        return matches
    inside = [area for area in matches if area.parent_id and name_key(city.areas[area.parent_id].name) == kecamatan]
    return inside or matches


def similar_areas(city: CityFacts, level: str, name: str) -> list[AreaFacts]:
    """Areas whose names are spelled similarly, the most similar first."""
    names = area_lookup(city).by_name[level]
    return [area for key in get_close_matches(name, names, MAX_SIMILAR, MIN_SIMILARITY) for area in names[key]][
        :MAX_SIMILAR
    ]


def name_agrees(area: AreaFacts, name: str) -> bool:
    """Whether the name beside a code fits its area: codes of BPS look like Kemendagri's and mean other areas."""
    return not name or SequenceMatcher(None, name_key(area.name), name).ratio() >= MIN_AGREEMENT
