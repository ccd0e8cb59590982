"""Deciding, recording what was done, and writing the library."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from qlue.cities.facts import CityFacts
from qlue.insight.actions.decisions import Deed
from qlue.insight.models import Intervention
from qlue.insight.reading.library import Act, library
from qlue.kit.clock import now

LONGEST_AHEAD, LONGEST_AGO = timedelta(days=365), timedelta(days=3 * 365)
FACILITIES = (
    ("", _("none")), ("health", _("Health services")), ("schools", _("Schools")), ("worship", _("Places of worship")),
    ("offices", _("Government offices")), ("public", _("Other facilities")),
)  # fmt: skip
FORMULA = ("=", "@", "+", "-")
MOST_COST = 10**13


def day_input(**more: Any) -> forms.DateInput:
    return forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", **more})


def plain(text: str) -> str:
    """Refuses what a spreadsheet would run as a formula."""
    if text.startswith(FORMULA):
        raise forms.ValidationError(_("Begin with a letter or a number."))
    return text


class DecideForm(forms.Form):
    """Yes from a day on, or not now with a reason."""

    request = forms.UUIDField(widget=forms.HiddenInput)
    starts_on = forms.DateField(label=_("Begins on"), widget=day_input(), required=False)
    note = forms.CharField(
        label=_("Note or reason"), max_length=500, required=False, widget=forms.Textarea({"rows": 2})
    )

    def __init__(self, city: CityFacts, *args: Any, accepting: bool = True, **kwargs: Any) -> None:
        today = now().astimezone(city.tz).date()
        super().__init__(*args, **{"initial": {"request": uuid4(), "starts_on": today}, **kwargs})
        self.today, self.accepting = today, accepting

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        starts = given.get("starts_on")
        if self.accepting and "starts_on" not in self.errors:
            if not starts:
                self.add_error("starts_on", _("Say on which day it begins."))
            elif not self.today - timedelta(days=31) <= starts <= self.today + LONGEST_AHEAD:
                self.add_error("starts_on", _("Choose a day from a month ago to a year ahead."))
        if not self.accepting and not given.get("note"):
            self.add_error("note", _("Say why not, so that those who come later know."))
        return given


class RecordForm(forms.Form):
    """Something the city has done: from it the app learns what helps."""

    request = forms.UUIDField(widget=forms.HiddenInput)
    act = forms.ChoiceField(label=_("What was done"))
    category = forms.ChoiceField(label=_("About which problem"))
    area = forms.ChoiceField(label=_("Where"))
    starts_on = forms.DateField(label=_("Since when"), widget=day_input())
    cost = forms.IntegerField(label=_("Cost in rupiah"), required=False, min_value=0, max_value=MOST_COST)
    note = forms.CharField(label=_("Note"), max_length=500, required=False, widget=forms.Textarea({"rows": 2}))

    def __init__(self, city: CityFacts, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"initial": {"request": uuid4()}, **kwargs})
        self.acts = {act.slug: act for act in library(city, every=True)}
        self.today = now().astimezone(city.tz).date()
        self.choices("act", [(act.slug, act.label) for act in self.acts.values()])
        self.choices("category", [(str(one.id), one.label) for one in city.open_categories if not one.private])
        places = [
            (kecamatan.name, [(str(kecamatan.id), _("All of %(name)s") % {"name": kecamatan.name})] + [
                (str(one.id), one.name) for one in city.kelurahan if one.parent_id == kecamatan.id])
            for kecamatan in city.kecamatan
        ]  # fmt: skip
        self.choices("area", places)

    def choices(self, name: str, found: list[Any]) -> None:
        """Fills a select."""
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "–"), *found]

    def clean_starts_on(self) -> Any:
        starts = self.cleaned_data["starts_on"]
        if not self.today - LONGEST_AGO <= starts <= self.today:
            raise forms.ValidationError(_("Choose a day of the last three years, not one to come."))
        return starts

    def deed(self) -> Deed:
        """Of a form that is valid."""
        given = self.cleaned_data
        act = self.acts[given["act"]]
        return Deed(
            UUID(str(given["request"])), act.slug, act.name, int(given["category"]), [int(given["area"])],
            given["starts_on"], given["cost"], given["note"],
        )  # fmt: skip


class ActForm(forms.Form):
    """One row of the library. Effects are given in percent fewer reports."""

    name = forms.CharField(label=_("Name"), max_length=120)
    name_en = forms.CharField(label=_("Name in English"), max_length=120, required=False)
    categories = forms.MultipleChoiceField(
        label=_("Helps against"), widget=forms.CheckboxSelectMultiple, error_messages={"required": _("Choose one.")}
    )
    scale = forms.ChoiceField(label=_("Where it is done"), choices=Intervention.Scale.choices)
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

    def __init__(self, city: CityFacts, *args: Any, act: Act | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **{"initial": _initial(act), **kwargs})
        field = self.fields["categories"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(one.slug, one.label) for one in city.open_categories if not one.private]
        self.slug = act.slug if act else ""
        self.taken = {one.slug for one in library(city, every=True)}

    def clean_name(self) -> str:
        return plain(self.cleaned_data["name"])

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        mean, low, high = (given.get(name) for name in ("effect", "effect_low", "effect_high"))
        if mean is not None and not given.get("source"):
            self.add_error("source", _("An effect needs its source; without one this is a pilot."))
        if mean is None and (low is not None or high is not None):
            self.add_error("effect", _("Say what is expected between the two."))
        if mean is not None and not (mean if low is None else low) <= mean <= (mean if high is None else high):
            self.add_error("effect", _("The expected lies between the least and the most."))
        if given.get("scale") == Intervention.Scale.SITE and not given.get("reach_m"):
            self.add_error("reach_m", _("Say how many metres one place serves."))
        return given

    def act(self) -> Act:
        """Of a form that is valid."""
        given = dict(self.cleaned_data)
        for name in ("effect", "effect_low", "effect_high"):
            given[name] = None if given[name] is None else given[name] / 100
        given["categories"] = tuple(given["categories"])
        return Act(slug=self.slug or self._free_slug(given["name"]), **given, own=True)

    def _free_slug(self, name: str) -> str:
        base = slugify(name)[:34].strip("-") or "program"
        return next(slug for n in range(1, 1000) if (slug := base if n == 1 else f"{base}-{n}") not in self.taken)


def _initial(act: Act | None) -> dict[str, Any]:
    if act is None:
        return {}
    shown = {name: getattr(act, name) for name in ActForm.base_fields}
    for name in ("effect", "effect_low", "effect_high"):
        shown[name] = None if shown[name] is None else round(100 * shown[name], 1)
    return shown
