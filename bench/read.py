"""`bench read`: lists, maps, one report and the dashboard of a city with very many reports, over real HTTP.

One client asks, one question after the other, so that a time is what a single person waits; each question has another
value in its filter, except tiles. `list_app_cpu_ms` is CPU of Granian's processes per list of 50 as JSON, over all
kinds of filters, while four clients keep the server busy: a process that is woken for each single request spends
half as much again on waking, as the column `app_cpu_ms` of the table shows. `list_p95_ms` and `map_p95_ms` are over
all kinds together, `tiles_p95_ms` is the slowest tile's. Maps at z10 and z14 of everything, a category or a status
read counted cells; what has to group the reports themselves (other filters, z16) is in the table as "map, finer".
"""

import random
import re
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import django
import psycopg

from bench.client import Client, get
from bench.figures import Figures, cpu_ms, percentile, say, show
from bench.reports import CITY, STREETS, THINGS, places
from bench.stage import Stage, paused, stage
from bench.words import Number, understood

MOST = 10_000_000
CLIENTS = 4
SCREEN = (1024, 768)  # pixels of the map
TILE = f"/{CITY}/dasbor/kotak/"

Maker = Callable[[random.Random], str]


@dataclass(frozen=True)
class Kind:
    """One sort of question; `group` says which key of the result it counts for."""

    group: str
    name: str
    make: Maker
    gzip: bool = False


@dataclass
class Known:
    """What there is to ask for."""

    categories: list[str]
    kelurahan: list[str]
    kecamatan: list[str]
    agencies: list[str]
    codes: list[str]


def main(words: Sequence[str]) -> int:
    wanted = understood(
        "read",
        __doc__,
        words,
        rows=Number(1_000_000, 100, MOST, "reports in the city"),
        times=Number(60, 2, 10_000, "questions of each kind"),
    )
    django.setup()
    from bench.fill import fill

    with stage(CITY) as here:
        with paused(here.pids("followers") + here.pids("worker")), here.superuser() as database:
            fill(database, CITY, wanted.rows)
            known = _known(database)
        say("asking")
        table = [_ask(here, kind, wanted.times) for kind in _kinds(here, known)]
        busy = _list_cpu(here, known, wanted.times * 10)
    figures = {"list_app_cpu_ms": busy} | _figures(table) | {"rows": wanted.rows}
    show(figures, wanted.json, {"kinds": [row for row, _times in table]})
    return 0


def _figures(table: list[tuple[Figures, list[float]]]) -> Figures:
    def times(group: str) -> list[float]:
        return [ms for row, found in table if row["group"] == group for ms in found]

    tiles = [percentile(found, 95) for row, found in table if row["group"] == "tile"]
    return {
        "list_p95_ms": percentile(times("list"), 95),
        "map_p95_ms": percentile(times("map"), 95),
        "tiles_p95_ms": max(tiles, default=0.0),
    }


def _ask(here: Stage, kind: Kind, times: int) -> tuple[Figures, list[float]]:
    """A few first, so that statements are prepared and pages are in memory; then the ones that count."""
    dice, client = random.Random(kind.name), Client(here.port)
    for _ in range(4):
        client.ask(get(kind.make(dice), gzip=kind.gzip))
    questions = [get(kind.make(dice), gzip=kind.gzip) for _ in range(times)]
    web, backends = here.pids("web"), here.backends()
    app, database = cpu_ms(web), cpu_ms(backends)
    answers = [client.ask(question) for question in questions]
    app, database = cpu_ms(web) - app, cpu_ms(backends) - database
    client.close()
    found = [answer.ms for answer in answers]
    wrong = sum(answer.status != 200 for answer in answers)
    row: Figures = {
        "group": kind.group,
        "kind": kind.name,
        "p50_ms": percentile(found, 50),
        "p95_ms": percentile(found, 95),
        "app_cpu_ms": app / times,
        "db_cpu_ms": database / times,
        "kB": sum(len(answer.body) for answer in answers) / times / 1000,
        "wrong": wrong,
    }
    say(f"{kind.group} {kind.name}: p95 {row['p95_ms']:.1f} ms", again=True)
    return row, found


def _list_cpu(here: Stage, known: Known, count: int) -> float:
    """CPU per list, kinds taking turns."""
    dice, makers = random.Random(2), list(_filters(known).values())
    questions = [get(_list(makers[number % len(makers)])(dice)) for number in range(count)]

    def ask(part: list[bytes]) -> None:
        client = Client(here.port)
        for question in part:
            client.ask(question)
        client.close()

    web = here.pids("web")
    with ThreadPoolExecutor(CLIENTS) as threads:
        before = cpu_ms(web)
        list(threads.map(ask, (questions[at::CLIENTS] for at in range(CLIENTS))))
    return (cpu_ms(web) - before) / count


def _known(database: psycopg.Connection) -> Known:
    def column(sql: str) -> list[str]:
        return [row[0] for row in database.execute(sql.encode(), [CITY]).fetchall()]

    here = "city_id = (SELECT id FROM cities_city WHERE slug = %s)"
    code = f"SELECT report_code('MKS', id) FROM reports_report WHERE {here} AND NOT private AND id %% 97 = 0 LIMIT 500"
    return Known(
        categories=column(f"SELECT slug FROM cities_category WHERE {here} AND NOT private"),
        kelurahan=column(f"SELECT code FROM cities_area WHERE {here} AND level = 'kelurahan'"),
        kecamatan=column(f"SELECT code FROM cities_area WHERE {here} AND level = 'kecamatan'"),
        agencies=column(f"SELECT slug FROM cities_agency WHERE {here}"),
        codes=column(code),
    )


def _kinds(here: Stage, known: Known) -> list[Kind]:
    kinds = [Kind("list", name, _list(make)) for name, make in _filters(known).items()]
    kinds += [Kind("list, gzip", "all, as browsers ask", _list(_filters(known)["category"]), gzip=True)]
    kinds += [
        Kind("page", "list page, HTML", lambda dice: f"/{CITY}/laporan/?category={dice.choice(known.categories)}")
    ]
    kinds += [Kind("page", "one report, HTML", lambda dice: f"/{CITY}/laporan/{dice.choice(known.codes)}/")]
    kinds += list(_maps(known))
    tiles = _tiles(here)
    kinds += [Kind("tile", path.removeprefix(TILE).strip("/"), _always(path)) for path in tiles]
    kinds += [Kind("tile", "wilayah.json", lambda dice: f"/{CITY}/dasbor/wilayah.json?ukuran={dice.choice(MEASURES)}")]
    kinds += _explored(known)
    return [*kinds, Kind("page", "dashboard, HTML", _always(f"/{CITY}/dasbor/"))]


def _explored(known: Known) -> list[Kind]:
    """The dashboard under a filter: reports are counted themselves, the last 90 days without another limit in time."""
    makers: dict[str, Callable[[random.Random], dict[str, str]]] = {
        "90 days": lambda dice: {"tab": "wilayah"},
        "category, 90 days": lambda dice: {"category": dice.choice(known.categories)},
        "kecamatan, a year": lambda dice: {"area": dice.choice(known.kecamatan), "period": "365"},
    }

    def paths(make: Callable[[random.Random], dict[str, str]]) -> Maker:
        return lambda dice: f"/{CITY}/dasbor/?{urlencode(make(dice))}"

    return [Kind("explored", name, paths(make)) for name, make in makers.items()]


MEASURES = ("terbuka", "terlambat", "masuk", "selesai")


def _always(path: str) -> Maker:
    return lambda dice: path


def _list(make: Callable[[random.Random], dict[str, str]]) -> Maker:
    return lambda dice: f"/{CITY}/laporan.json?{urlencode(make(dice))}"


def _filters(known: Known) -> dict[str, Callable[[random.Random], dict[str, str]]]:
    """Name -> a random filter of that kind, in the words of an address."""
    states = ("menunggu", "proses", "selesai", "ditutup", "terbuka")
    kinds, areas, agencies = known.categories, known.kelurahan, known.agencies
    return {
        "all, from some moment on": lambda dice: {"until": _day(dice)},
        "category": lambda dice: {"category": dice.choice(known.categories)},
        "status": lambda dice: {"status": dice.choice(states)},
        "kelurahan": lambda dice: {"area": dice.choice(known.kelurahan)},
        "kecamatan": lambda dice: {"area": dice.choice(known.kecamatan)},
        "agency": lambda dice: {"agency": dice.choice(known.agencies)},
        "overdue": lambda dice: {"overdue": "1", "category": dice.choice(known.categories)},
        "category, status": lambda dice: {"category": dice.choice(known.categories), "status": dice.choice(states)},
        "category, kelurahan, status": lambda dice: {
            "category": dice.choice(kinds), "area": dice.choice(areas), "status": dice.choice(states)
        },
        "agency, period": lambda dice: {"agency": dice.choice(agencies), **_two_months(dice)},
        "two words": lambda dice: {"q": f"{dice.choice(THINGS)} {dice.choice(STREETS)}"},
        "rare number": lambda dice: {"q": f"nomor {dice.randrange(997)}"},
    }  # fmt: skip


def _day(dice: random.Random) -> str:
    return _days_ago(dice.randrange(900))


def _days_ago(days: int) -> str:
    return (datetime.now(UTC) - timedelta(days=days)).date().isoformat()


def _two_months(dice: random.Random) -> dict[str, str]:
    end = dice.randrange(900)
    return {"since": _days_ago(end + 60), "until": _days_ago(end)}


def _maps(known: Known) -> Iterator[Kind]:
    for zoom in (10, 14):
        yield Kind("map", f"z{zoom}, everything", _map(zoom, lambda dice: {}))
        yield Kind("map", f"z{zoom}, category", _map(zoom, lambda dice: {"category": dice.choice(known.categories)}))
        yield Kind("map", f"z{zoom}, status", _map(zoom, lambda dice: {"status": dice.choice(("menunggu", "proses"))}))
    yield Kind("map, finer", "z14, agency", _map(14, lambda dice: {"agency": dice.choice(known.agencies)}))
    yield Kind("map, finer", "z14, last 90 days", _map(14, lambda dice: {"since": _days_ago(90)}))
    yield Kind("map, finer", "z16, everything", _map(16, lambda dice: {}))


def _map(zoom: int, make: Callable[[random.Random], dict[str, str]]) -> Maker:
    """A screen somewhere over the city; 512 pixels are one tile."""

    def path(dice: random.Random) -> str:
        lon, lat = dice.choice(places())
        half = [pixels / 2 * 360 / (512 * 2**zoom) for pixels in SCREEN]
        lon, lat = lon + dice.uniform(-0.01, 0.01), lat + dice.uniform(-0.01, 0.01)
        box = ",".join(f"{edge:.5f}" for edge in (lon - half[0], lat - half[1], lon + half[0], lat + half[1]))
        return f"/{CITY}/peta.json?{urlencode({'bbox': box, 'zoom': str(zoom)} | make(dice))}"

    return path


def _tiles(here: Stage) -> list[str]:
    """The tiles that the dashboard's page has, by their addresses."""
    client = Client(here.port)
    page = client.ask(get(f"/{CITY}/dasbor/")).body.decode()
    client.close()
    return sorted(set(re.findall(rf"{TILE}[a-z-]+/", page)))
