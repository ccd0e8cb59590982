"""Data that comes along with a city's pack: population.csv and facilities.csv, each with its source."""

from hashlib import sha256
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from qlue.atlas.actions import adopt, new_dataset
from qlue.atlas.files.intake import Table, table_of
from qlue.atlas.models import Dataset, Topic
from qlue.cities.facts import CityFacts

POPULATION, FACILITIES = "population.csv", "facilities.csv"
FACILITY_TOPICS = (Topic.HEALTH, Topic.SCHOOLS, Topic.WORSHIP, Topic.OFFICES, Topic.PUBLIC)


class Faulty(Exception):
    """The file cannot be taken; the words say why."""


def load(city: CityFacts, folder: Path) -> list[str]:
    """Takes what is new; returns a line for each dataset. The same file again changes nothing. In the city's scope."""
    told: list[str] = []
    if (folder / POPULATION).is_file():
        path = folder / POPULATION
        table = table_of(path)
        told.append(_taken(city, path, Topic.POPULATION, table, table.rows, {"shape": "figures", "unit": _("people")}))
    if (folder / FACILITIES).is_file():
        path = folder / FACILITIES
        table = table_of(path)
        at = _column(path, table, "topic")
        for topic in FACILITY_TOPICS:
            rows = [row for row in table.rows if row[at] == topic]
            if rows:
                told.append(_taken(city, path, topic, table, rows, {"shape": "places"}))
    return told


def _column(path: Path, table: Table, name: str) -> int:
    if name not in table.columns:
        raise Faulty(_("%(file)s: the column %(name)s is missing.") % {"file": path.name, "name": name})
    return table.columns.index(name)


def _taken(city: CityFacts, path: Path, topic: Topic, table: Table, rows: list[Any], said: dict[str, Any]) -> str:
    source = str(rows[0][_column(path, table, "source")] or "").strip()
    if not source:
        raise Faulty(_("%(file)s: the first line of each topic must name its source.") % {"file": path.name})
    digest = sha256(repr((topic.value, table.columns, rows)).encode()).hexdigest()
    name = str(topic.label)
    found = Dataset.objects.filter(city_id=city.id, topic=topic, example=False, current__file_name=path.name)
    dataset = found.select_related("current").first()
    if dataset and dataset.current and dataset.current.digest == digest:
        return _("%(name)s: already up to date.") % {"name": name}
    dataset = dataset or new_dataset(city, name=name, topic=topic, public=True, source=source[:200], **said)
    made = adopt(city=city, dataset=dataset, columns=table.columns, rows=rows, name=path.name, digest=digest)
    unmatched = sum(made.why.values())
    words = _("%(name)s: %(matched)d lines match, %(unmatched)d do not.")
    return words % {"name": name, "matched": made.matched, "unmatched": unmatched}
