"""Deciding about a recommendation, and recording what was done."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from qlue.cities.facts import AreaFacts, CityFacts
from qlue.insight.actions.decisions import RecordedAction
from qlue.insight.queries.library import intervention_library
from qlue.kit.clock import now

LONGEST_AHEAD, LONGEST_AGO = timedelta(days=365), timedelta(days=3 * 365)
MOST_COST = 10**13  # rupiah, about 600 million dollars


def day_input() -> forms.DateInput:
    """The browser's own calendar, which wants ISO dates whatever the language."""
    return forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


class DecisionForm(forms.Form):
    """Accepting from a day on, or declining with a reason."""

    request = forms.UUIDField(widget=forms.HiddenInput)
    starts_on = forms.DateField(label=_("Begins on"), widget=day_input(), required=False)
    note = forms.CharField(
        label=_("Note or reason"), max_length=500, required=False, widget=forms.Textarea({"rows": 2})
    )

    def __init__(self, city: CityFacts, *args: Any, is_accepted: bool = True, **kwargs: Any) -> None:
        today = now().astimezone(city.tz).date()
        super().__init__(*args, **{"initial": {"request": uuid4(), "starts_on": today}, **kwargs})
        self.today, self.is_accepted = today, is_accepted

    def clean(self) -> dict[str, object]:
        values: dict[str, Any] = super().clean() or {}
        starts = values.get("starts_on")
        if self.is_accepted and "starts_on" not in self.errors:
            if not starts:
                self.add_error("starts_on", _("Say on which day it begins."))
            # A month back: what was begun before anybody came to press the button.
            elif not self.today - timedelta(days=31) <= starts <= self.today + LONGEST_AHEAD:
                self.add_error("starts_on", _("Choose a day from a month ago to a year ahead."))
        if not self.is_accepted and not values.get("note"):
            self.add_error("note", _("Say why not, so that those who come later know."))
        return values


class RecordedActionForm(forms.Form):
    """Something the city has done, from which its effect is measured."""

    request = forms.UUIDField(widget=forms.HiddenInput)
    act = forms.ChoiceField(label=_("What was done"))
    category = forms.ChoiceField(label=_("About which problem"))
    area = forms.ChoiceField(label=_("Where"))
    starts_on = forms.DateField(label=_("Since when"), widget=day_input())
    cost = forms.IntegerField(label=_("Cost in rupiah"), required=False, min_value=0, max_value=MOST_COST)
    note = forms.CharField(label=_("Note"), max_length=500, required=False, widget=forms.Textarea({"rows": 2}))

    def __init__(self, city: CityFacts, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"initial": {"request": uuid4()}, **kwargs})
        self.interventions = {row.slug: row for row in intervention_library(city, include_inactive=True)}
        self.today = now().astimezone(city.tz).date()
        self.set_choices("act", [(row.slug, row.label) for row in self.interventions.values()])
        public = [category for category in city.open_categories if not category.private]
        self.set_choices("category", [(str(category.id), category.label) for category in public])
        self.set_choices("area", [_area_group(city, kecamatan) for kecamatan in city.kecamatan])

    def set_choices(self, name: str, choices: list[Any]) -> None:
        """Fills a select; the first choice is none, so that nothing is chosen by mistake."""
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "–"), *choices]

    def clean_starts_on(self) -> date:
        starts: date = self.cleaned_data["starts_on"]
        if not self.today - LONGEST_AGO <= starts <= self.today:
            raise forms.ValidationError(_("Choose a day of the last three years, not one to come."))
        return starts

    def recorded_action(self) -> RecordedAction:
        """What a valid form says."""
        values = self.cleaned_data
        intervention = self.interventions[values["act"]]
        return RecordedAction(
            request=UUID(str(values["request"])),
            intervention=intervention.slug,
            name=intervention.name,
            category=int(values["category"]),
            areas=[int(values["area"])],
            starts_on=values["starts_on"],
            cost=values["cost"],
            note=values["note"],
        )


def _area_group(city: CityFacts, kecamatan: AreaFacts) -> tuple[str, list[tuple[str, str]]]:
    """A kecamatan as a whole, then its kelurahan."""
    whole = (str(kecamatan.id), _("All of %(name)s") % {"name": kecamatan.name})
    return kecamatan.name, [
        whole,
        *((str(area.id), area.name) for area in city.kelurahan if area.parent_id == kecamatan.id),
    ]
