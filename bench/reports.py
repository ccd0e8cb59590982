"""Reports that residents of Makassar might send, made from the pack's own places."""

import csv
import random
from collections.abc import Iterator
from functools import cache
from ipaddress import IPv4Address
from uuid import UUID, uuid4

from bench.client import post
from bench.stage import PACKS

CITY = "makassar"
PER_ADDRESS = 20  # below what one address may send in ten minutes
WORDS = (
    "Sampah menumpuk di pinggir jalan sejak tiga hari, baunya sampai ke rumah warga.",
    "Lampu jalan padam sudah seminggu, gelap sekali kalau malam.",
    "Jalan berlubang cukup dalam di depan pasar, kemarin ada motor jatuh.",
    "Saluran air tersumbat, kalau hujan langsung tergenang.",
    "Pohon miring ke arah kabel listrik, takut tumbang kalau angin kencang.",
)

STREETS = ("Veteran", "Sudirman", "Urip Sumoharjo", "Perintis", "Pettarani", "Ratulangi", "Alauddin", "Hasanuddin")
THINGS = (
    "sampah menumpuk", "lampu jalan padam", "jalan berlubang", "got mampet", "pohon tumbang", "parkir liar",
    "air tergenang", "trotoar rusak", "bau menyengat", "kabel menjuntai", "papan reklame miring", "rambu hilang",
)  # fmt: skip
TIMES = ("sejak tadi malam", "sudah tiga hari", "sejak minggu lalu", "setiap pagi", "kalau hujan", "sudah sebulan")


@cache
def places() -> list[tuple[float, float]]:
    """(lon, lat) of a point in each kelurahan."""
    with (PACKS / CITY / "kelurahan.csv").open(encoding="utf-8") as file:
        return [(float(row["lon"]), float(row["lat"])) for row in csv.DictReader(file)]


@cache
def categories() -> list[str]:
    """Slugs of those that are not private."""
    with (PACKS / CITY / "categories.csv").open(encoding="utf-8") as file:
        return [row["slug"] for row in csv.DictReader(file) if not row["private"]]


def requests(count: int, seed: int, per_address: int = PER_ADDRESS) -> Iterator[tuple[UUID, bytes]]:
    """POSTs with the uuid of each; addresses change before any of them reaches its limit."""
    dice = random.Random(seed)
    first = int(IPv4Address("10.0.0.1")) + (seed % 250) * 65536
    for number in range(count):
        uuid = uuid4()
        lon, lat = dice.choice(places())
        body = {
            "uuid": str(uuid),
            "category": dice.choice(categories()),
            "words": dice.choice(WORDS),
            "lon": round(lon + dice.uniform(-0.0005, 0.0005), 6),
            "lat": round(lat + dice.uniform(-0.0005, 0.0005), 6),
        }
        yield uuid, post(f"/{CITY}/laporan.json", body, str(IPv4Address(first + number // per_address)))
