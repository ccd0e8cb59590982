"""A small, good pack that tests spoil in one place."""

from pathlib import Path
from typing import Any

from qlue.cities.facts import CityFacts, area_at, city_facts

CITY = """\
slug = "contoh"
name = "Contoh"
timezone = "Asia/Makassar"
prefix = "CTH"
centre = { lat = -5.15, lon = 119.41 }
"""
AGENCIES = "slug,name,short_name,phone,email\ndlh,Dinas Lingkungan Hidup,DLH,,\npu,Dinas Pekerjaan Umum,PU,,\n"
CATEGORIES = (
    "slug,name,name_en,icon,agency,private,words\n"
    "sampah,Sampah,Waste,trash,dlh,,sampah; bau\n"
    "jalan-rusak,Jalan rusak,Damaged road,road,pu,,lubang\n"
)
DEADLINES = "category,respond_hours,resolve_hours,clock\n*,8,40,working\n"
POINTS = (
    "code,name,kecamatan_code,kecamatan,lat,lon\n"
    "73.71.01.1001,Bontorannu,73.71.01,Mariso,-5.1624,119.4045\n"
    "73.71.01.1002,Mattoangin,73.71.01,Mariso,-5.1563,119.4021\n"
    "73.71.02.1001,Tamparang Keke,73.71.02,Mamajang,-5.1661,119.4181\n"
)
FILES = {
    "city.toml": CITY,
    "agencies.csv": AGENCIES,
    "categories.csv": CATEGORIES,
    "deadlines.csv": DEADLINES,
    "kelurahan.csv": POINTS,
}


def pack(folder: Path, **changed: str | bytes | None) -> Path:
    """Writes the pack; `agencies_csv="..."` replaces a file, None leaves it out."""
    folder.mkdir(exist_ok=True)
    files = FILES | {name.replace("_", "."): content for name, content in changed.items()}
    for name, content in files.items():
        if content is not None:
            (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def known(slug: str) -> Any:
    """The facts of a city that must be there."""
    found = city_facts(slug)
    assert found is not None
    return found


def place(city: CityFacts, lon: float, lat: float) -> Any:
    """The kelurahan at a point that must lie in one."""
    found = area_at(city, lon, lat)
    assert found is not None
    return found
