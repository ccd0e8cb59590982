"""A profile: its fields as lines of text, and a form for each of its alarm rules."""

import re
from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from qlue.cities.facts import CityFacts
from qlue.things.actions.profiles import ProfileColumns
from qlue.things.imports.threshold_text import format_thresholds, parse_threshold_text
from qlue.things.imports.values import DeviceFault
from qlue.things.models import Profile
from qlue.things.profiles.definitions import MILDEST, AlarmRule, Field, to_json_column
from qlue.things.queries.devices import highest_field_number

FIELD_LINE = re.compile(r"([a-z][a-z0-9_]{0,39}) *; *([^;]{1,60}) *; *([^;]{0,16}) *; *(-?[0-9.]+) *; *(-?[0-9.]+)")
MOST_FIELDS = 20
MOST_ALARMS = 8  # of one profile


class AlarmForm(forms.Form):
    """The alarm of one field; without a field there is none."""

    field = forms.CharField(label=gettext_lazy("Field with an alarm"), max_length=40, required=False)
    levels = forms.CharField(label=gettext_lazy("Levels"), max_length=200, required=False)
    above = forms.TypedChoiceField(
        label=gettext_lazy("Alarm when the value is"),
        choices=((1, gettext_lazy("above")), (0, gettext_lazy("below"))),
        coerce=lambda text: text == "1",
        initial=1,
    )
    hold_s = forms.IntegerField(label=gettext_lazy("… for so many seconds"), min_value=0, max_value=86_400, initial=60)
    category = forms.ChoiceField(label=gettext_lazy("Opens a case of"), required=False)
    case_from = forms.IntegerField(label=gettext_lazy("… from level"), min_value=1, max_value=4, initial=MILDEST)

    def __init__(self, *args: Any, city: CityFacts, **more: Any) -> None:
        super().__init__(*args, **more)
        categories = ((category.slug, category.label) for category in city.open_categories)
        self.fields["category"].choices = [("", _("No case")), *categories]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned_data = super().clean() or self.cleaned_data
        try:
            if cleaned_data.get("field"):
                above = cleaned_data.get("above", True)
                cleaned_data["steps"] = parse_threshold_text(cleaned_data["levels"], above=above)
        except DeviceFault as fault:
            self.add_error("levels", str(fault))
        return cleaned_data

    def alarm_rule(self) -> AlarmRule:
        names = ("field", "steps", "above", "hold_s", "category", "case_from")
        return AlarmRule(*(self.cleaned_data[name] for name in names))


# One form more than there may be, so that one too many is refused and not silently dropped.
AlarmForms = forms.formset_factory(AlarmForm, extra=1, max_num=MOST_ALARMS, absolute_max=MOST_ALARMS + 1)


class DeviceProfileForm(forms.Form):
    """A profile: a line for each field; `alarms` are forms of their own, with an empty one for another."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=80)
    fields_text = forms.CharField(
        label=gettext_lazy("Fields"), widget=forms.Textarea(attrs={"rows": 6}), max_length=4000
    )

    def __init__(self, city: CityFacts, profile: Profile, *args: Any) -> None:
        data = args[0] if args else None
        super().__init__(data, initial=_profile_initial(profile))
        self.profile = profile
        self.alarms = AlarmForms(
            data,
            initial=[_alarm_initial(rule) for rule in profile.alarm_rules()],
            prefix="alarm",
            form_kwargs={"city": city, "empty_permitted": False},
        )

    def clean_fields_text(self) -> str:
        text = str(self.cleaned_data["fields_text"])
        fields = self._parse_field_lines(line for line in map(str.strip, text.splitlines()) if line)
        if not 1 <= len(fields) <= MOST_FIELDS or len({field.name for field in fields}) < len(fields):
            raise forms.ValidationError(_("One to twenty fields, each name once."))
        self.quantities = fields
        return text

    def _parse_field_lines(self, lines: Iterable[str]) -> list[Field]:
        numbers = {field.name: field.number for field in self.profile.quantities()}
        decimals = {field.name: field.decimals for field in self.profile.quantities()}
        # Also above the numbers of fields that were removed: their readings still lie under them.
        highest = highest_field_number(self.profile.id)
        fields: list[Field] = []
        for line in lines:
            match = FIELD_LINE.fullmatch(line)
            if not match or float(match[4]) >= float(match[5]):
                raise forms.ValidationError(_("Each line is: name; label; unit; least; most. Look at: %s") % line[:60])
            name, label, unit = match[1], match[2].strip(), match[3].strip()
            number = numbers.setdefault(name, max(highest, 0, *numbers.values()) + 1)
            fields.append(Field(number, name, label, unit, float(match[4]), float(match[5]), decimals.get(name, 1)))
        return fields

    def clean(self) -> dict[str, Any]:
        cleaned_data = super().clean() or self.cleaned_data
        free_names = {field.name for field in getattr(self, "quantities", ())}
        if not self.alarms.is_valid():
            self.add_error(None, _("Look at the alarms below."))
        for form in self.alarms:
            if name := form.cleaned_data.get("field") if form.is_valid() else "":
                if name not in free_names:
                    form.add_error("field", _("There is no such field in the lines above, or it has an alarm already."))
                    self.add_error(None, _("Look at the alarms below."))
                free_names -= {name}
        return cleaned_data

    def columns(self) -> ProfileColumns:
        """As `actions.save_profile` takes them."""
        rules = [form.alarm_rule() for form in self.alarms if form.cleaned_data.get("field")]
        return ProfileColumns(self.cleaned_data["name"], to_json_column(self.quantities), to_json_column(rules))


def _profile_initial(profile: Profile) -> dict[str, object]:
    lines = (
        f"{field.name}; {field.label}; {field.unit}; {field.least:g}; {field.most:g}" for field in profile.quantities()
    )
    return {"name": profile.name, "fields_text": "\n".join(lines)}


def _alarm_initial(rule: AlarmRule) -> dict[str, object]:
    return {
        "field": rule.field,
        "levels": format_thresholds(rule.steps),
        "above": int(rule.above),
        "hold_s": rule.hold_s,
        "category": rule.category,
        "case_from": rule.case_from,
    }
