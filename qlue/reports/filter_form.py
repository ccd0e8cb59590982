"""The filters of a list as a form, and what narrows a list as chips that take it away again."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from qlue.cities.facts import CityFacts
from qlue.reports.forms import Choices, LongSelect, area_choices, fill
from qlue.reports.query import PERIODS, SLUG_OF_STATUS, query_from_filter
from qlue.reports.reading import Filter
from qlue.reports.states import COLOUR_WORDS, STATUS_WORDS, states_of
from qlue.web.formats import day

NOTHING = Filter()


class FilterForm(forms.Form):
    """Only shows what is chosen: `query.read_query` reads the address, so that pages and programs agree."""

    q = forms.CharField(label=gettext_lazy("Words or code"), widget=forms.TextInput(attrs={"type": "search"}))
    status = forms.ChoiceField(label=gettext_lazy("Status"), widget=LongSelect)
    category = forms.ChoiceField(label=gettext_lazy("Category"), widget=LongSelect)
    area = forms.ChoiceField(label=gettext_lazy("Area"), widget=LongSelect)
    agency = forms.ChoiceField(label=gettext_lazy("Agency"))
    period = forms.ChoiceField(label=gettext_lazy("Time"))
    since = forms.CharField(label=gettext_lazy("From"), widget=forms.TextInput(attrs={"type": "date"}))
    until = forms.CharField(label=gettext_lazy("Until"), widget=forms.TextInput(attrs={"type": "date"}))
    overdue = forms.BooleanField(label=gettext_lazy("Only overdue"), widget=forms.CheckboxInput(attrs={"value": "1"}))
    use_required_attribute = False

    def __init__(self, city: CityFacts, values: dict[str, str]) -> None:
        super().__init__(initial=values, auto_id="saring_%s")
        for name, choices in _choices(city).items():
            fill(self.fields[name], choices)


def _choices(city: CityFacts) -> dict[str, Choices]:
    everything = ("", _("All"))
    periods = (_("Today"), _("7 days"), _("30 days"), _("90 days"), _("12 months"))
    return {
        "status": [everything, ("terbuka", _("Not finished yet")), *map(_states, COLOUR_WORDS)],
        "category": [everything, *((one.slug, one.label) for one in city.open_categories)],
        "area": [everything, *_areas(city)],
        "agency": [everything, *((one.slug, one.short_name) for one in city.open_agencies)],
        "period": [everything, *zip(PERIODS, periods, strict=True)],
    }


def _states(colour: str) -> tuple[str, Any]:
    """A colour as a whole, then its states."""
    whole = (SLUG_OF_STATUS[colour], _("All of “%(name)s”") % {"name": COLOUR_WORDS[colour]})
    return (str(COLOUR_WORDS[colour]), [whole, *((state, STATUS_WORDS[state]) for state in states_of(colour))])


def _areas(city: CityFacts) -> Choices:
    """Each kecamatan as a whole, then its kelurahan."""
    codes = {one.name: one.code for one in city.kecamatan}
    return [
        (name, [(codes[name], _("All of “%(name)s”") % {"name": name}), *inside] if name in codes else inside)
        for name, inside in area_choices(city)[1:]
    ]


def chips(city: CityFacts, wanted: Filter, here: str) -> list[dict[str, str]]:
    """What narrows the list: `word`, and the `url` of the same list without it."""
    found = []
    for name, say in WORDS.items():
        if value := getattr(wanted, name):
            rest = query_from_filter(city, replace(wanted, **{name: getattr(NOTHING, name)}))
            found.append({"word": say(city, value), "url": f"{here}?{rest}" if rest else here})
    return found


def _status(_city: CityFacts, status: str) -> str:
    return _("Not finished yet") if status == "open" else str(COLOUR_WORDS.get(status) or STATUS_WORDS[status])


def _until(city: CityFacts, at: datetime) -> str:
    """The filter ends before this moment; people think of the last day."""
    return _("until %(day)s") % {"day": day(at - timedelta(seconds=1), city.tz)}


WORDS: dict[str, Callable[[CityFacts, Any], str]] = {
    "status": _status,
    "category": lambda city, key: city.categories[key].label,
    "area": lambda city, key: city.areas[key].name,
    "agency": lambda city, key: city.agencies[key].short_name,
    "since": lambda city, at: _("from %(day)s") % {"day": day(at, city.tz)},
    "until": _until,
    "done_since": lambda city, at: _("done since %(day)s") % {"day": day(at, city.tz)},
    "overdue": lambda city, on: _("Only overdue"),
    "text": lambda city, text: f"“{text}”",
    "bbox": lambda city, box: _("Map section"),
}
