"""What all pages of sensors share."""

from collections.abc import Callable, Iterable
from typing import Any

from django.http import Http404
from django.urls import reverse

from qlue.cities.facts import CityFacts
from qlue.kit.clock import now
from qlue.kit.ids import report_code
from qlue.things.actions import LATE
from qlue.things.alarm_words import amount, level_word
from qlue.things.models import Device
from qlue.things.reading import Row, Wanted, device_rows
from qlue.things.state_words import STATES

__all__ = ["alarm_card", "device_card", "one_row", "the_device"]


def one_row(city: CityFacts, key: str) -> Row:
    """A device with its state; 404."""
    found = device_rows(city, Wanted(key=key), 1)
    if not found:
        raise Http404(key)
    return found[0]


def the_device(city: CityFacts, key: str) -> Device:
    """The device to change; 404."""
    found = Device.objects.select_related("profile").filter(city_id=city.id, key=key).first()
    if found is None:
        raise Http404(key)
    return found


def device_card(city: CityFacts, row: Row, values: Any) -> Row:
    """A device as lists show it: state, latest values in words, where it is."""
    state = STATES[row["state"]]
    level = row["level"]
    area = city.areas.get(row["area"] or 0)
    return row | {
        "url": reverse("device", kwargs={"city_slug": city.slug, "key": row["key"]}),
        "colour": state.colour if level is None or level > 2 else "red",
        "sign": state.icon,
        "state_word": level_words(row["ladders"], level) if level else state.word,
        "values": list(shown(row["fields"], lambda number: values.get((row["id"], number)))),
        "area_name": area.name if area else "",
    }


def shown(fields: Iterable[Any], value_of: Callable[[int], Any]) -> Iterable[Row]:
    """Latest values with their words; fields that have none are left out."""
    for field in fields:
        if found := value_of(field.number):
            yield {"label": field.label, "words": amount(field, found[0]), "at": found[1], "name": field.name}


def level_words(ladders: Iterable[Any], level: int, field: str = "") -> str:
    """`Siaga 2` or `Alarm`, by how many levels the ladder has."""
    steps = [len(one.steps) for one in ladders if not field or one.field == field]
    return level_word(level, max(steps, default=1))


def alarm_card(city: CityFacts, row: Row) -> Row:
    """An alarm as the console shows it."""
    field = next((one for one in row["fields"] if one.name == row["field"]), None)
    code = report_code(city.code_prefix, row["report_id"]) if row["report_id"] else ""
    over, area = row["closed_at"] is not None, city.areas.get(row["area"] or 0)
    return row | {
        "url": reverse("device", kwargs={"city_slug": city.slug, "key": row["key"]}),
        "case_url": reverse("report", kwargs={"city_slug": city.slug, "code": code}) if code else "",
        "code": code,
        "colour": "green" if over else "red" if row["level"] <= 2 else "yellow",
        "sign": "circle-check" if over else "alert-triangle",
        "level_word": level_words(row["ladders"], row["worst"] if over else row["level"], row["field"]),
        "worst_word": level_words(row["ladders"], row["worst"], row["field"]),
        "label": field.label if field else row["field"],
        "value_words": amount(field, row["value"]) if field else row["value"],
        "extreme_words": amount(field, row["extreme"]) if field else row["extreme"],
        "area_name": area.name if area else "",
        "is_late": row["seen_at"] - row["opened_at"] > LATE,
        "is_old": not over and now() - row["measured_at"] > LATE,
        "lasted": ((row["closed_at"] or now()) - row["opened_at"]).total_seconds(),
    }
