"""`qlue import reports`: foreign files in, with every bad row named and nothing twice."""

import csv
import io
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from django.core.management import CommandError, call_command

from qlue.cities.actions import load_pack
from qlue.cities.facts import CityFacts, area_at, city_facts, clear_facts, deadline
from qlue.kit.db import enter_city, fetch_all, fetch_value
from qlue.reports.imports.lookups import WorkingTimeTable
from qlue.reports.tests import chicago

MAPPING = """\
[external_id]
column = "id"
[created_at]
column = "opened"
format = ["", "%d/%m/%Y %H:%M"]
[closed_at]
column = "closed"
[place]
lon = "lon"
lat = "lat"
area = "area"
[category]
column = "topic"
words = { "Trash" = "sampah", "Hole in the road" = "jalan-rusak" }
[status]
column = "state"
words = { "open" = "routed", "done" = "resolved", "refused" = "rejected" }
[words]
template = "{text} ({street})"
[landmark]
template = "{street}"
[duplicate]
parent = "copy_of"
"""
COLUMNS = ["id", "opened", "closed", "lon", "lat", "area", "topic", "state", "text", "street", "copy_of"]
GOOD = {
    "id": "A1", "opened": "2026-05-04T08:30:00", "closed": "", "lon": "119.4045", "lat": "-5.1624", "area": "",
    "topic": "trash", "state": "open", "text": "Sampah menumpuk", "street": "Jl. Contoh 1", "copy_of": "",
}  # fmt: skip


def table(*changes: dict[str, str], delimiter: str = ",") -> str:
    """CSV with one row for each change to a good row; ids count up where they are not given."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, delimiter=delimiter)
    writer.writeheader()
    writer.writerows(GOOD | {"id": f"A{number}"} | change for number, change in enumerate(changes, 1))
    return text.getvalue()


@pytest.fixture
def bring(tmp_path: Path, capsys: Any) -> Any:
    """Runs the command over some content and returns what it said and its rejects as (row, reason)."""

    def run(content: str | bytes, mapping: str = MAPPING, city: str = "makassar", **options: Any) -> Any:
        file, toml, rejects = tmp_path / "old.csv", tmp_path / "map.toml", tmp_path / "rejects.csv"
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        toml.write_text(mapping)
        call_command("import_reports", str(file), city=city, map=toml, rejects=rejects, **options)
        said = list(csv.reader(rejects.open(encoding="utf-8"))) if rejects.exists() else []
        return capsys.readouterr().out, [(int(row[0]), row[1]) for row in said[1:]]

    return run


def stored() -> list[tuple[Any, ...]]:
    return fetch_all("SELECT external_id, status, words, resolved_at, area_id FROM reports_report ORDER BY external_id")


BAD = [
    ({"opened": "31/02/2026 08:00"}, 'bad date "31/02/2026 08:00"'),
    ({"opened": ""}, "no date"),
    ({"opened": "1815-01-01"}, "before 1970"),
    ({"opened": "2999-01-01"}, "created in the future"),
    ({"lon": "106.8", "lat": "-6.2"}, "outside the city: 106.80000, -6.20000"),
    ({"lon": "-5.1624", "lat": "119.4045"}, "no place on earth"),
    ({"lon": "nan"}, "no place"),
    ({"lon": "inf"}, "no place on earth"),
    ({"lon": "east"}, 'position "east" is not a number'),
    ({"lon": "", "area": "99.99"}, 'unknown area "99.99"'),
    ({"topic": "Aliens"}, 'unknown category "Aliens"'),
    ({"state": "perhaps"}, 'unknown status "perhaps"'),
    ({"state": "done"}, "resolved, but without a closing date"),
    ({"state": "done", "closed": "2026-05-03T08:00:00"}, "closes before it opens"),
    ({"state": "done", "closed": "2999-01-01"}, "closed in the future"),
    ({"id": ""}, "no id"),
    ({"id": "A1"}, "duplicate id in the file"),
    ({"id": "9" * 101}, "id is longer than 100 characters"),
    ({"text": "zero \0 byte"}, "holds a NUL character"),
]


def test_each_bad_row_has_its_reason_and_the_good_ones_come_in(bring: Any, makassar: CityFacts) -> None:
    out, rejects = bring(table({}, *(change for change, _ in BAD), {"id": "last"}))
    for (row, reason), (_, expected) in zip(rejects, BAD, strict=True):
        assert expected in reason, row
    assert "2 imported" in out
    assert [row[0] for row in stored()] == ["A1", "last"]


def test_swapped_coordinates_are_recognised(bring: Any, tomohon: CityFacts) -> None:
    swapped = {"lon": "1.3229", "lat": "84.8405"}
    _, rejects = bring(table(swapped, {"lon": "1.32", "lat": "50.1"}), city="tomohon")
    assert all("outside the city" in reason for _, reason in rejects)


def test_rows_that_are_no_rows(bring: Any, makassar: CityFacts) -> None:
    """Wrong width, a field longer than any field, bytes that are not UTF-8: each is one reject."""
    lines = table({}, {}, {}).encode().splitlines(keepends=True)
    lines[2:2] = [b"only,three,cells\n", lines[2].replace(b"Sampah", b"\xff\xfe"), b'"' + b"x" * 200_000 + b'"\n']
    _, rejects = bring(b"".join(lines))
    assert rejects[0] == (2, "has 3 fields, the header has 11")
    assert rejects[1] == (3, "not UTF-8")
    assert "cannot be read as CSV" in rejects[2][1]
    assert [row[0] for row in stored()] == ["A1", "A2", "A3"]


def test_a_file_from_a_spreadsheet(bring: Any, makassar: CityFacts) -> None:
    """Byte order mark, semicolons, decimal commas, day first."""
    row = {"opened": "04/05/2026 08:30", "lon": "119,4045", "lat": "-5,1624", "text": "Bau"}
    content = table(row, delimiter=";")
    bring("\ufeff" + content, MAPPING + '\n[file]\ndelimiter = ";"\n')
    assert stored()[0][:3] == ("A1", "routed", "Bau (Jl. Contoh 1)")
    assert fetch_value("SELECT created_at FROM reports_report") == datetime(2026, 5, 4, 0, 30, tzinfo=UTC)


def test_another_encoding(bring: Any, makassar: CityFacts) -> None:
    bring(table({"text": "Café"}).encode("cp1252"), MAPPING + '\n[file]\nencoding = "cp1252"\n')
    assert stored()[0][2] == "Café (Jl. Contoh 1)"


def test_an_imported_report_is_routed_and_told_like_any_other(bring: Any, makassar: CityFacts) -> None:
    bring(table({"state": "done", "closed": "2026-05-04"}))
    report = fetch_value("SELECT id FROM reports_report")
    area, waste = area_at(makassar, 119.4045, -5.1624), makassar.category("sampah")
    assert area
    assert waste
    created = datetime(2026, 5, 4, 0, 30, tzinfo=UTC)
    told = fetch_all("SELECT kind, public, data::text FROM timeline_happening WHERE report_id = %s", [report])
    data = json.loads(told[0][2])
    assert told[0][:2] == ("report.imported", True)
    assert data["was"] is None
    assert data["now"]["agency"] == waste.agency_id
    assert (data["now"]["area"], data["now"]["created"], data["now"]["resolved"]) == (
        area.id,
        "2026-05-04",
        "2026-05-04",
    )
    assert data["now"]["due_at"] == deadline(makassar, waste.id, created).isoformat()


def test_without_position_the_area_s_code_is_enough(bring: Any, makassar: CityFacts) -> None:
    area = makassar.kelurahan[7]
    bring(table({"lon": "", "lat": "", "area": area.code}))
    assert fetch_all("SELECT area_id, place, lon FROM reports_report") == [(area.id, "area", area.lon)]


def test_duplicates_point_to_what_they_repeat_wherever_it_stands(bring: Any, makassar: CityFacts) -> None:
    out, _ = bring(table({"copy_of": "A3"}, {"copy_of": "gone"}, {}))
    pairs = fetch_all(
        "SELECT r.external_id, r.status, p.external_id FROM reports_report r"
        " LEFT JOIN reports_report p ON p.id = r.merged_into_id ORDER BY 1"
    )
    assert pairs == [("A1", "merged", "A3"), ("A2", "merged", None), ("A3", "routed", None)]
    assert "1 duplicates now point" in out


def test_a_private_category_stays_private(bring: Any, makassar: CityFacts) -> None:
    bring(table({"topic": "bansos"}))
    assert fetch_value("SELECT private FROM reports_report") is True
    assert fetch_value("SELECT public FROM timeline_happening") is False


def test_the_same_file_again_brings_nothing_new(bring: Any, makassar: CityFacts) -> None:
    content = table({}, {}, {"topic": "Aliens"})
    bring(content)
    out, rejects = bring(content)
    assert "0 imported, 2 were here already, 1 rejected" in out
    assert rejects == [(3, 'unknown category "Aliens"')]
    assert fetch_value("SELECT count(*) FROM timeline_happening WHERE kind = 'report.imported'") == 2


def test_a_newer_export_brings_only_what_is_new(bring: Any, makassar: CityFacts) -> None:
    bring(table({}, {}))
    out, _ = bring(table({}, {}, {}))
    assert "1 imported, 2 were here already" in out


def test_the_same_id_in_two_cities_is_two_reports(bring: Any, makassar: CityFacts, tomohon: CityFacts) -> None:
    bring(table({}))
    out, _ = bring(table({"lon": "124.8405", "lat": "1.3229"}), city="tomohon")
    assert "1 imported" in out


def test_a_rehearsal_stores_nothing(bring: Any, makassar: CityFacts) -> None:
    out, rejects = bring(table({}, {"topic": "Aliens"}), dry_run=True)
    assert "1 could be imported, 1 rejected" in out
    assert len(rejects) == 1
    assert not stored()
    assert fetch_value("SELECT count(*) FROM reports_importrun") == 0


def test_rejects_run_nothing_in_a_spreadsheet(bring: Any, makassar: CityFacts, tmp_path: Path) -> None:
    formulas = ["=cmd()", "+SUM(A1)", "-2+3", "@x", "\tx"]
    bring(table(*({"topic": formula} for formula in formulas)))
    back = list(csv.DictReader((tmp_path / "rejects.csv").open(encoding="utf-8", newline="")))
    assert [row["topic"] for row in back] == [f"'{formula}" for formula in formulas]
    assert back[0]["lat"] == "-5.1624"


WRONG = [
    ('column = "id"', 'column = "nummer"', 'the file has no column "nummer"; it has id, opened'),
    ('column = "id"', 'colum = "id"', "[external_id]: unknown key `colum`"),
    ('"Trash" = "sampah"', '"Trash" = "smpah"', '[category]: "smpah" is not a category here'),
    ('"open" = "routed"', '"open" = "opened"', '[status]: "opened" is not a status here'),
    ("%d/%m/%Y %H:%M", "dd/mm/yyyy", 'format "dd/mm/yyyy" names no part of a date'),
    ('lon = "lon"\nlat = "lat"\narea = "area"', "", "give the columns lon and lat"),
    ("[external_id]", "[external_id", "is not TOML"),
    ("{text} ({street})", "words", "names no column in braces"),
    ('[closed_at]\ncolumn = "closed"', '[closed_at]\ncolumn = "closed"\ntimezone = "WIB"', 'the time zone "WIB"'),
]


@pytest.mark.parametrize(("before", "after", "said"), WRONG)
def test_a_wrong_mapping_stops_before_the_first_row(
    bring: Any, makassar: CityFacts, before: str, after: str, said: str
) -> None:
    assert before in MAPPING
    with pytest.raises(CommandError) as stop:
        bring(table({}), MAPPING.replace(before, after))
    assert said in str(stop.value)
    assert not stored()


def test_an_unknown_city_is_named_with_the_known_ones(bring: Any, makassar: CityFacts) -> None:
    with pytest.raises(CommandError, match="makassar"):
        bring(table({}), city="atlantis")


def test_fast_deadlines_are_the_same_deadlines(makassar: CityFacts) -> None:
    office, dice = WorkingTimeTable(makassar), random.Random(7)
    for _ in range(400):
        start = datetime(2019, 1, 1, tzinfo=UTC) + timedelta(seconds=dice.randrange(7 * 365 * 86_400))
        category = dice.choice(list(makassar.categories))
        for hours in ("respond", "resolve"):
            assert office.deadline(category, start, hours) == deadline(makassar, category, start, hours)


# Killed in the middle


def test_a_killed_import_goes_on_where_it_stopped(committed_db: None, owner_url: str, tmp_path: Path) -> None:
    """The sum of both starts is what one start would have made, rejects included."""
    changes = [{"topic": "Aliens"} if number % 10 == 3 else {} for number in range(1500)]
    (tmp_path / "old.csv").write_text(table(*changes))
    (tmp_path / "map.toml").write_text(MAPPING)
    command = [sys.executable, "-m", "django", "import_reports", "--skip-checks", str(tmp_path / "old.csv")]
    command += ["--city", "makassar", "--map", str(tmp_path / "map.toml"), "--batch", "25"]
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "qlue.settings"}
    with psycopg.connect(owner_url, autocommit=True) as owner:
        owner.execute("SET qlue.city = '*'")
        first = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
        _wait_for_rows(owner, first)
        first.kill()
        first.wait()
        (before,) = owner.execute("SELECT rows_done FROM reports_importrun").fetchone() or (0,)
        assert 0 < before < 1500
        second = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        counts = owner.execute("SELECT rows_done, inserted, known, rejected FROM reports_importrun").fetchone()
        told = owner.execute("SELECT count(*), count(DISTINCT report_id) FROM timeline_happening").fetchone()
    assert f"going on behind row {before:,}" in second.stderr
    assert counts == (1500, 1350, 0, 150)
    assert told == (1350, 1350)
    with (tmp_path / "old.csv.rejects.csv").open(newline="") as file:
        assert [int(row["row"]) for row in csv.DictReader(file)] == list(range(4, 1501, 10))


def _wait_for_rows(owner: psycopg.Connection, process: subprocess.Popen[bytes]) -> None:
    while process.poll() is None:
        found = owner.execute("SELECT rows_done FROM reports_importrun").fetchone()
        if found and found[0] >= 100:
            return
        time.sleep(0.01)


# The real thing


@pytest.fixture
def windy_city(db: None, tmp_path: Path) -> Iterator[CityFacts]:
    """Chicago, gone again after the test."""
    load_pack(chicago.pack(tmp_path / "chicago"))
    clear_facts()
    city = city_facts("chicago")
    assert city
    enter_city(city.id)
    yield city
    clear_facts()


@pytest.mark.skipif(not chicago.FILE.exists(), reason="the real reports are not beside this checkout")
def test_chicago_s_real_reports(windy_city: CityFacts, tmp_path: Path, capsys: Any) -> None:
    (tmp_path / "map.toml").write_text(chicago.MAPPING)
    options = {"city": "chicago", "map": tmp_path / "map.toml", "rejects": tmp_path / "rejects.csv"}
    call_command("import_reports", str(chicago.FILE), **options)
    real = pq.read_table(chicago.FILE)
    inserted = fetch_value("SELECT count(*) FROM reports_report WHERE city_id = %s", [windy_city.id])
    rejected = list(csv.DictReader((tmp_path / "rejects.csv").open(encoding="utf-8")))
    assert inserted + len(rejected) == real.num_rows == chicago.ROWS
    assert {row["reason"] for row in rejected} == {"duplicate id in the file", "no place"}
    _same_as_the_file(windy_city, real)
    _each_told_once(inserted)


def _same_as_the_file(city: CityFacts, real: pa.Table) -> None:
    """First of each id with a place, counted by state, against the table."""
    first = real.append_column("row", pa.array(range(real.num_rows))).filter(pc.is_valid(real["Latitude"]))
    kept = first.group_by("Service_Request_Number").aggregate([("row", "min")])["row_min"]
    expected: dict[str, int] = {}
    for found in real.take(kept)["Status"].value_counts().to_pylist():
        state = {"Completed": "resolved", "Open": "routed"}.get(found["values"], "merged")
        expected[state] = expected.get(state, 0) + found["counts"]
    assert dict(fetch_all("SELECT status, count(*) FROM reports_report GROUP BY 1")) == expected
    sample = fetch_all(
        "SELECT lon, lat, area_id, category_id, created_at, due_at FROM reports_report ORDER BY uuid LIMIT 200"
    )
    for lon, lat, area, category, created, due in sample:
        assert (area, due) == (getattr(area_at(city, lon, lat), "id", None), deadline(city, category, created))


def _each_told_once(inserted: int) -> None:
    told = fetch_all(
        "SELECT count(*), count(DISTINCT report_id) FROM timeline_happening WHERE kind = 'report.imported'"
    )
    assert told == [(inserted, inserted)]
