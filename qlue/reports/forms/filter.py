"""The filters of a list as a form, and what narrows a list as chips that take it away again."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from qlue.cities.facts import CityFacts
from qlue.reports.forms.report import Choices, LongSelect, area_choices, fill
from qlue.reports.queries.address import PERIODS, SLUG_OF_STATUS, query_from_filter
from qlue.reports.queries.reports import ReportFilter
from qlue.reports.states import COLOUR_LABELS, STATUS_LABELS, statuses_of_colour
from qlue.web.formats import day

NOTHING = ReportFilter()


class FilterForm(forms.Form):
    """Only shows what is chosen: `queries.address` reads the address, so that pages and programs agree."""

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
        # Never bound: a filter that cannot be understood is a warning above the list, no error of a form. The ids are
        # other ones than those of further forms on the page.
        super().__init__(initial=values, auto_id="saring_%s")
        for name, choices in _choices(city).items():
            fill(self.fields[name], choices)


def _choices(city: CityFacts) -> dict[str, Choices]:
    everything = ("", _("All"))
    periods = (_("Today"), _("7 days"), _("30 days"), _("90 days"), _("12 months"))
    return {
        "status": [everything, ("terbuka", _("Not finished yet")), *map(_status_choices, COLOUR_LABELS)],
        "category": [everything, *((category.slug, category.label) for category in city.open_categories)],
        "area": [everything, *_area_choices(city)],
        "agency": [everything, *((category.slug, category.short_name) for category in city.open_agencies)],
        "period": [everything, *zip(PERIODS, periods, strict=True)],
    }


def _status_choices(colour: str) -> tuple[str, list[tuple[str, object]]]:
    """A colour as a whole, then its states."""
    whole = (SLUG_OF_STATUS[colour], _("All of “%(name)s”") % {"name": COLOUR_LABELS[colour]})
    return (
        str(COLOUR_LABELS[colour]),
        [whole, *((state, STATUS_LABELS[state]) for state in statuses_of_colour(colour))],
    )


def _area_choices(city: CityFacts) -> Choices:
    """Each kecamatan as a whole, then its kelurahan."""
    codes = {area.name: area.code for area in city.kecamatan}
    return [
        (name, [(codes[name], _("All of “%(name)s”") % {"name": name}), *inside] if name in codes else inside)
        for name, inside in area_choices(city)[1:]
    ]


def filter_chips(city: CityFacts, report_filter: ReportFilter, list_url: str) -> list[dict[str, str]]:
    """What narrows the list: `word`, and the `url` of the same list without it."""
    chip_list = []
    for name, say in WORDS.items():
        if value := getattr(report_filter, name):
            rest = query_from_filter(city, replace(report_filter, **{name: getattr(NOTHING, name)}))
            chip_list.append({"word": say(city, value), "url": f"{list_url}?{rest}" if rest else list_url})
    return chip_list


def _status(_city: CityFacts, status: str) -> str:
    return _("Not finished yet") if status == "open" else str(COLOUR_LABELS.get(status) or STATUS_LABELS[status])


# The end is exclusive and most often a midnight, which would name the day after.
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
