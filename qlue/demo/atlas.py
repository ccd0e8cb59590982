"""Made-up data of the city, marked as examples: people, facilities, poverty, tax and traffic of each kelurahan.

The numbers come from dice and the size of each kelurahan. They say nothing about the real city, and their pages say so.
"""

from collections.abc import Callable, Iterator
from random import Random

from qlue.atlas.actions import adopt, new_dataset
from qlue.atlas.models import Dataset
from qlue.cities.facts import AreaFacts, CityFacts, area_at

SOURCE = "Contoh buatan Qlue"
Row = list[str | float | int | None]
Value = Callable[[Random, float], float]

# name, topic, unit, adds up, seen by all, value of a kelurahan (dice, its people)
FIGURES: tuple[tuple[str, str, str, bool, bool, Value], ...] = (
    ("Penduduk (contoh)", "population", "jiwa", True, True, lambda dice, people: people),
    ("Keluarga miskin (contoh)", "poverty", "%", False, False, lambda dice, people: round(dice.uniform(2, 18), 1)),
    ("Penerimaan PBB (contoh)", "tax", "juta rupiah", True, False, lambda dice, n: round(n * dice.uniform(0.02, 0.3))),
    (
        "Lalu lintas (contoh)",
        "traffic",
        "kendaraan per hari",
        True,
        True,
        lambda dice, n: round(dice.uniform(2e3, 4e4)),
    ),
)
# name, topic, kinds of places, how many for 100 kelurahan
PLACES: tuple[tuple[str, str, tuple[str, ...], int], ...] = (
    ("Puskesmas dan klinik (contoh)", "health", ("Puskesmas", "Klinik", "Posyandu"), 110),
    ("Sekolah (contoh)", "schools", ("SD", "SMP", "SMA"), 240),
    ("Rumah ibadah (contoh)", "worship", ("Masjid", "Gereja", "Pura", "Vihara"), 260),
    ("Kantor pemerintah (contoh)", "offices", ("Kantor lurah", "Kantor camat", "Kantor dinas"), 110),
)


def seed(city: CityFacts) -> None:
    """Once: a city with any dataset is left as it is."""
    if Dataset.objects.filter(city_id=city.id).exists():
        return
    dice = Random(f"atlas {city.slug}")
    people = {area.id: float(round(dice.lognormvariate(8.9, 0.5))) for area in city.kelurahan}
    for name, topic, unit, sums, public, value in FIGURES:
        rows: list[Row] = [[area.code, area.name, value(dice, people[area.id])] for area in city.kelurahan]
        said = {"topic": topic, "shape": "figures", "unit": unit, "sums": sums, "public": public}
        _kept(city, name, ["kode", "kelurahan", "nilai"], rows, said)
    for name, topic, kinds, share in PLACES:
        places = list(_places(city, dice, kinds, share))
        said = {"topic": topic, "shape": "places", "public": True}
        _kept(city, name, ["nama", "jenis", "lon", "lat"], places, said)


def _kept(city: CityFacts, name: str, columns: list[str], rows: list[Row], said: dict[str, object]) -> None:
    """The same way in as an upload, without somebody's yes."""
    dataset = new_dataset(city, name=name, source=SOURCE, example=True, **said)
    adopt(city=city, dataset=dataset, columns=columns, rows=rows, name="contoh.csv")


def _places(city: CityFacts, dice: Random, kinds: tuple[str, ...], share: int) -> Iterator[Row]:
    for n in range(max(6, len(city.kelurahan) * share // 100)):
        kind = dice.choices(kinds, range(len(kinds), 0, -1))[0]
        area = dice.choice(city.kelurahan)
        lon, lat = _near(city, dice, area)
        yield [f"{kind} contoh {n + 1} {area.name}", kind, round(lon, 6), round(lat, 6)]


def _near(city: CityFacts, dice: Random, area: AreaFacts) -> tuple[float, float]:
    for _again in range(6):
        lon, lat = area.lon + dice.gauss(0, 0.004), area.lat + dice.gauss(0, 0.004)
        if area_at(city, lon, lat):
            return lon, lat
    return area.lon, area.lat


def turn(city: CityFacts, tick: int) -> None:
    """Nothing: the city's own data changes once a year."""
