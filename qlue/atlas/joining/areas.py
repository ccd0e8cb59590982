"""Which area a code or a name means, and which ones it may have meant."""

import re
from collections import defaultdict
from dataclasses import dataclass
from difflib import SequenceMatcher, get_close_matches
from functools import lru_cache

from qlue.atlas.files.intake import Cell
from qlue.cities.facts import AreaFacts, CityFacts

PREFIX = re.compile(r"^(kelurahan|kel\.?|desa|kecamatan|kec\.?)\s+", re.IGNORECASE)
NEAR, MOST_NEAR = 0.6, 3
SAME = 0.6  # so alike must a code's name and the name beside it be


@dataclass(frozen=True)
class Index:
    """A city's active areas by the digits of their codes, and by name for each level."""

    by_digits: dict[str, AreaFacts]
    by_name: dict[str, dict[str, list[AreaFacts]]]


@lru_cache(maxsize=64)
def index_of(city: CityFacts) -> Index:
    """Made once per process and pack."""
    names: dict[str, dict[str, list[AreaFacts]]] = {"kelurahan": defaultdict(list), "kecamatan": defaultdict(list)}
    for area in (*city.kelurahan, *city.kecamatan):
        names[area.level][key_of(area.name)].append(area)
    digits = {re.sub(r"\D", "", area.code) or area.code.lower(): area for area in (*city.kecamatan, *city.kelurahan)}
    return Index(digits, {level: dict(found) for level, found in names.items()})


def key_of(words: Cell) -> str:
    """A name without its title, spaces and signs: `Kel. Kunjung-Mae` and `KUNJUNGMAE` are one."""
    return re.sub(r"[^a-z0-9]", "", PREFIX.sub("", str(words or "").strip()).lower())


def area_of_code(city: CityFacts, cell: Cell) -> AreaFacts | None:
    """The area with this Kemendagri code, written 73.71.01.1006, 7371011006 or as a number."""
    if cell is None:
        return None
    text = f"{cell:.0f}" if isinstance(cell, float) else str(cell).strip().strip("'\"")
    return index_of(city).by_digits.get(re.sub(r"\D", "", text.removesuffix(".0")) or text.lower())


def areas_named(city: CityFacts, level: str, name: str, kecamatan: str) -> list[AreaFacts]:
    """All areas of a level with this key; `kecamatan`, a key too, keeps those inside it where it is known."""
    found = index_of(city).by_name[level].get(name, [])
    if not kecamatan or len(found) < 2:
        return found
    inside = [one for one in found if one.parent_id and key_of(city.areas[one.parent_id].name) == kecamatan]
    return inside or found


def near_names(city: CityFacts, level: str, name: str) -> list[AreaFacts]:
    """Areas whose names are spelled much like this, the likest first."""
    names = index_of(city).by_name[level]
    return [area for found in get_close_matches(name, names, MOST_NEAR, NEAR) for area in names[found]][:MOST_NEAR]


def agrees(area: AreaFacts, name: str) -> bool:
    """False when the name beside a code is another area's: codes of BPS look like Kemendagri's and mean others."""
    return not name or SequenceMatcher(None, key_of(area.name), name).ratio() >= SAME
