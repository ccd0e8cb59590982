"""Editing the library of interventions."""

from typing import Any

from django import forms
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from qlue.cities.facts import CityFacts
from qlue.insight.forms.decisions import MOST_COST
from qlue.insight.queries.library import intervention_library
from qlue.insight.records.interventions import CityIntervention
from qlue.insight.states import InterventionScale

# Topics of the atlas's datasets of places.
FACILITIES = (
    ("", _("none")),
    ("health", _("Health services")),
    ("schools", _("Schools")),
    ("worship", _("Places of worship")),
    ("offices", _("Government offices")),
    ("public", _("Other facilities")),
)
FORMULA = ("=", "@", "+", "-")


def refuse_formula(text: str) -> str:
    """Refuses what a spreadsheet would run as a formula."""
    if text.startswith(FORMULA):
        raise forms.ValidationError(_("Begin with a letter or a number."))
    return text


class InterventionForm(forms.Form):
    """One row of the library. Effects are given in percent fewer reports."""

    name = forms.CharField(label=_("Name"), max_length=120)
    name_en = forms.CharField(label=_("Name in English"), max_length=120, required=False)
    categories = forms.MultipleChoiceField(
        label=_("Helps against"), widget=forms.CheckboxSelectMultiple, error_messages={"required": _("Choose one.")}
    )
    scale = forms.ChoiceField(label=_("Where it is done"), choices=InterventionScale.choices)
    reach_m = forms.IntegerField(
        label=_("A place serves so many metres"), required=False, min_value=10, max_value=20_000
    )
    facility = forms.ChoiceField(label=_("These serve already"), choices=FACILITIES, required=False)
    weeks = forms.IntegerField(label=_("Weeks until it is judged"), min_value=1, max_value=104, initial=12)
    cost = forms.IntegerField(
        label=_("Cost in rupiah, for one kecamatan or place"), required=False, min_value=0, max_value=MOST_COST
    )
    cost_note = forms.CharField(label=_("Where the cost comes from"), max_length=300, required=False)
    effect = forms.FloatField(label=_("Fewer reports, in percent"), required=False, min_value=-100, max_value=99)
    effect_low = forms.FloatField(label=_("At least"), required=False, min_value=-100, max_value=99)
    effect_high = forms.FloatField(label=_("At most"), required=False, min_value=-100, max_value=99)
    source = forms.CharField(label=_("Where this was measured"), max_length=300, required=False)
    assumptions = forms.CharField(
        label=_("What must hold"), max_length=500, required=False, widget=forms.Textarea({"rows": 2})
    )
    active = forms.BooleanField(label=_("In use"), required=False, initial=True)

    def __init__(
        self, city: CityFacts, *args: Any, intervention: CityIntervention | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **{"initial": _initial_values(intervention), **kwargs})
        field = self.fields["categories"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(kind.slug, kind.label) for kind in city.open_categories if not kind.private]
        self.slug = intervention.slug if intervention else ""
        self.slugs_in_use = {row.slug for row in intervention_library(city, include_inactive=True)}

    def clean_name(self) -> str:
        return refuse_formula(self.cleaned_data["name"])

    def clean(self) -> dict[str, object]:
        values: dict[str, Any] = super().clean() or {}
        mean, low, high = (values.get(name) for name in ("effect", "effect_low", "effect_high"))
        if mean is not None and not values.get("source"):
            self.add_error("source", _("An effect needs its source; without one this is a pilot."))
        if mean is None and (low is not None or high is not None):
            self.add_error("effect", _("Say what is expected between the two."))
        if mean is not None and not (mean if low is None else low) <= mean <= (mean if high is None else high):
            self.add_error("effect", _("The expected lies between the least and the most."))
        if values.get("scale") == InterventionScale.SITE and not values.get("reach_m"):
            self.add_error("reach_m", _("Say how many metres one place serves."))
        return values

    def intervention(self) -> CityIntervention:
        """What a valid form says; percent become shares."""
        values = dict(self.cleaned_data)
        for name in ("effect", "effect_low", "effect_high"):
            values[name] = None if values[name] is None else values[name] / 100
        values["categories"] = tuple(values["categories"])
        return CityIntervention(slug=self.slug or self._free_slug(values["name"]), **values, own=True)

    def _free_slug(self, name: str) -> str:
        # The column takes 40 letters: room for a number.
        base = slugify(name)[:34].strip("-") or "program"
        candidates = (base, *(f"{base}-{n}" for n in range(2, 1000)))
        return next(slug for slug in candidates if slug not in self.slugs_in_use)


def _initial_values(intervention: CityIntervention | None) -> dict[str, object]:
    if intervention is None:
        return {}
    initial = {name: getattr(intervention, name) for name in InterventionForm.base_fields}
    for name in ("effect", "effect_low", "effect_high"):
        initial[name] = None if initial[name] is None else round(100 * initial[name], 1)
    return initial
