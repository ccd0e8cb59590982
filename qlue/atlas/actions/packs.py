"""Loads the data of a city's pack: population.csv and facilities.csv, each with its source."""

from hashlib import sha256
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from qlue.atlas.actions.datasets import create_dataset
from qlue.atlas.actions.drafts import import_table
from qlue.atlas.files.table import Table, table_of_file
from qlue.atlas.models import Dataset, Topic
from qlue.cities.facts import CityFacts

POPULATION, FACILITIES = "population.csv", "facilities.csv"
FACILITY_TOPICS = (Topic.HEALTH, Topic.SCHOOLS, Topic.WORSHIP, Topic.OFFICES, Topic.PUBLIC)


class PackDataError(Exception):
    """The file cannot be loaded; the message says why."""


def load_pack_data(city: CityFacts, folder: Path) -> list[str]:
    """Loads what is new, in the city's scope; returns a line for each dataset. The same file again changes nothing."""
    lines: list[str] = []
    if (folder / POPULATION).is_file():
        path = folder / POPULATION
        table = table_of_file(path)
        fields = {"shape": "figures", "unit": _("people")}
        lines.append(_load_topic(city, path, Topic.POPULATION, table, table.rows, fields))
    if (folder / FACILITIES).is_file():
        path = folder / FACILITIES
        table = table_of_file(path)
        # One file has all topics; each becomes a dataset of its own.
        topic_column = _column_position(path, table, "topic")
        for topic in FACILITY_TOPICS:
            rows = [row for row in table.rows if row[topic_column] == topic]
            if rows:
                lines.append(_load_topic(city, path, topic, table, rows, {"shape": "places"}))
    return lines


def _column_position(path: Path, table: Table, name: str) -> int:
    if name not in table.columns:
        raise PackDataError(_("%(file)s: the column %(name)s is missing.") % {"file": path.name, "name": name})
    return table.columns.index(name)


def _load_topic(
    city: CityFacts, path: Path, topic: Topic, table: Table, rows: list[Any], fields: dict[str, Any]
) -> str:
    source = str(rows[0][_column_position(path, table, "source")] or "").strip()
    if not source:
        raise PackDataError(_("%(file)s: the first line of each topic must name its source.") % {"file": path.name})
    # Over the rows of this topic, not over the file: another topic's change makes no new version here.
    digest = sha256(repr((topic.value, table.columns, rows)).encode()).hexdigest()
    name = str(topic.label)
    # Found by its file name, so that the pack's next edition becomes a version, and uploads of people stay apart.
    candidates = Dataset.objects.filter(city_id=city.id, topic=topic, example=False, current__file_name=path.name)
    dataset = candidates.select_related("current").first()
    if dataset and dataset.current and dataset.current.digest == digest:
        return _("%(name)s: already up to date.") % {"name": name}
    dataset = dataset or create_dataset(city, name=name, topic=topic, public=True, source=source[:200], **fields)
    outcome = import_table(city=city, dataset=dataset, columns=table.columns, rows=rows, name=path.name, digest=digest)
    unmatched_count = sum(outcome.reasons.values())
    message = _("%(name)s: %(matched)d lines match, %(unmatched)d do not.")
    return message % {"name": name, "matched": outcome.matched, "unmatched": unmatched_count}
