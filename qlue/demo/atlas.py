"""Made-up data of the city, marked as examples: people, facilities, poverty, tax and traffic of each kelurahan.

The numbers come from dice and the size of each kelurahan. They say nothing about the real city, and their pages say so.
"""

from collections.abc import Callable, Iterator
from random import Random

from qlue.atlas.actions import create_dataset, import_table
from qlue.atlas.models import Dataset
from qlue.cities.facts import AreaFacts, CityFacts, area_at

SOURCE = "Contoh buatan Qlue"
DatasetRow = list[str | float | int | None]
AreaValue = Callable[[Random, float], float]

# name, topic, unit, adds up, seen by all, value of a kelurahan (dice, its people)
FIGURES: tuple[tuple[str, str, str, bool, bool, AreaValue], ...] = (
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


def seed_atlas(city: CityFacts) -> None:
    """Once: a city with any dataset is left as it is."""
    if Dataset.objects.filter(city_id=city.id).exists():
        return
    dice = Random(f"atlas {city.slug}")
    # Log-normal with a median of 7,300 people: many small kelurahan and a few large ones.
    people = {area.id: float(round(dice.lognormvariate(8.9, 0.5))) for area in city.kelurahan}
    for name, topic, unit, sums, public, value in FIGURES:
        rows: list[DatasetRow] = [[area.code, area.name, value(dice, people[area.id])] for area in city.kelurahan]
        attributes = {"topic": topic, "shape": "figures", "unit": unit, "sums": sums, "public": public}
        _save_dataset(city, name, ["kode", "kelurahan", "nilai"], rows, attributes)
    for name, topic, kinds, share in PLACES:
        places = list(_place_rows(city, dice, kinds, share))
        attributes = {"topic": topic, "shape": "places", "public": True}
        _save_dataset(city, name, ["nama", "jenis", "lon", "lat"], places, attributes)


def _save_dataset(
    city: CityFacts, name: str, columns: list[str], rows: list[DatasetRow], attributes: dict[str, object]
) -> None:
    """The same way in as an upload, without the page on which a person confirms it."""
    dataset = create_dataset(city, name=name, source=SOURCE, example=True, **attributes)
    import_table(city=city, dataset=dataset, columns=columns, rows=rows, name="contoh.csv")


def _place_rows(city: CityFacts, dice: Random, kinds: tuple[str, ...], share: int) -> Iterator[DatasetRow]:
    for n in range(max(6, len(city.kelurahan) * share // 100)):
        kind = dice.choices(kinds, range(len(kinds), 0, -1))[0]
        area = dice.choice(city.kelurahan)
        lon, lat = _place_near(city, dice, area)
        yield [f"{kind} contoh {n + 1} {area.name}", kind, round(lon, 6), round(lat, 6)]


def _place_near(city: CityFacts, dice: Random, area: AreaFacts) -> tuple[float, float]:
    for _attempt in range(6):  # a point may fall outside of every area
        lon, lat = area.lon + dice.gauss(0, 0.004), area.lat + dice.gauss(0, 0.004)
        if area_at(city, lon, lat):
            return lon, lat
    return area.lon, area.lat
