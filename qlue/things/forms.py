"""What people fill in: a device, a file of devices, a kind of device with its alarms, a silence, a command."""

import re
from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from qlue.cities.facts import CityFacts
from qlue.things.bulk import KEY, MOST_BYTES, Fault, check_place, read_steps, steps_for, written_levels, written_steps
from qlue.things.models import Device, Profile
from qlue.things.reading import highest_field
from qlue.things.shapes import MILDEST, Field, Ladder, plain

SILENCES = ((1, gettext_lazy("1 hour")), (4, gettext_lazy("4 hours")), (24, gettext_lazy("1 day")),
            (72, gettext_lazy("3 days")), (24 * 14, gettext_lazy("2 weeks")))  # fmt: skip
COMMANDS = (
    ("report", gettext_lazy("Send a reading now")),
    ("interval", gettext_lazy("Set the interval (seconds)")),
    ("restart", gettext_lazy("Restart")),
    ("switch", gettext_lazy("Switch on or off")),
)
FIELD_LINE = re.compile(r"([a-z][a-z0-9_]{0,39}) *; *([^;]{1,60}) *; *([^;]{0,16}) *; *(-?[0-9.]+) *; *(-?[0-9.]+)")
MOST_FIELDS = 20
MOST_ALARMS = 8  # of one kind


class DeviceForm(forms.Form):
    """One device. `levels` are those of its place."""

    key = forms.CharField(label=gettext_lazy("Id"), max_length=40)
    name = forms.CharField(label=gettext_lazy("Name"), max_length=80)
    profile = forms.ChoiceField(label=gettext_lazy("Kind"))
    lat = forms.FloatField(label=gettext_lazy("Latitude"))
    lon = forms.FloatField(label=gettext_lazy("Longitude"))
    place = forms.CharField(label=gettext_lazy("Place in words"), max_length=120, required=False)
    expected_s = forms.IntegerField(
        label=gettext_lazy("Sends every … seconds"), min_value=1, max_value=604_800, initial=300
    )
    levels = forms.CharField(label=gettext_lazy("Levels of this place"), max_length=400, required=False)
    active = forms.BooleanField(label=gettext_lazy("Takes part"), required=False, initial=True)

    def __init__(self, city: CityFacts, profiles: dict[str, Profile], *args: Any, device: Device | None = None) -> None:
        super().__init__(args[0] if args else None, initial=_said(device) if device else None)
        self.city, self.profiles, self.device = city, profiles, device
        self.fields["profile"].choices = [(slug, one.name) for slug, one in profiles.items()]  # type: ignore[attr-defined]
        if device:
            del self.fields["key"]
        else:
            del self.fields["active"]

    def clean_key(self) -> str:
        key: str = self.cleaned_data["key"]
        if not KEY.fullmatch(key):
            raise forms.ValidationError(_("key may hold small letters, digits, - and _, at most 40."))
        if Device.objects.filter(city_id=self.city.id, key=key).exists():
            raise forms.ValidationError(_("There is a device with this id already."))
        return key

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        try:
            if "lat" in given and "lon" in given:
                check_place(self.city, given["lon"], given["lat"])
        except Fault as fault:
            self.add_error("lat", str(fault))
        try:
            if "profile" in given:
                given["steps"] = steps_for(self.profiles[given["profile"]], given.get("levels", ""))
        except Fault as fault:
            self.add_error("levels", str(fault))
        return given

    def facts(self) -> dict[str, Any]:
        """As `actions.register` and `actions.update_device` take them."""
        names = ("name", "lat", "lon", "place", "expected_s", "steps", "active")
        found = {name: self.cleaned_data[name] for name in names if name in self.cleaned_data}
        return found | {"profile": self.profiles[self.cleaned_data["profile"]]}


def _said(device: Device) -> dict[str, Any]:
    names = ("name", "lat", "lon", "place", "expected_s", "active")
    levels = written_levels(device.alarms(), device.steps)
    return {name: getattr(device, name) for name in names} | {"profile": device.profile.slug, "levels": levels}


class ImportForm(forms.Form):
    """A file of devices."""

    file = forms.FileField(label=gettext_lazy("CSV file"))

    def clean_file(self) -> bytes:
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError(_("The file is larger than 5 MB."))
        data: bytes = file.read()
        return data


class SilenceForm(forms.Form):
    """How long, and why."""

    hours = forms.TypedChoiceField(label=gettext_lazy("For"), choices=SILENCES, coerce=int)
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=200)

    @property
    def length(self) -> timedelta:
        return timedelta(hours=self.cleaned_data["hours"])


class CommandForm(forms.Form):
    """What a device is told."""

    name = forms.ChoiceField(label=gettext_lazy("Command"), choices=COMMANDS)
    value = forms.CharField(label=gettext_lazy("Value"), max_length=200, required=False)


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
        none = ("", _("No case"))
        choices = [none, *((one.slug, one.label) for one in city.open_categories)]
        self.fields["category"].choices = choices  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        try:
            if given.get("field"):
                given["steps"] = read_steps(given["levels"], above=given.get("above", True))
        except Fault as fault:
            self.add_error("levels", str(fault))
        return given

    def ladder(self) -> Ladder:
        given = self.cleaned_data
        names = ("field", "steps", "above", "hold_s", "category", "case_from")
        return Ladder(*(given[name] for name in names))


AlarmForms = forms.formset_factory(AlarmForm, extra=1, max_num=MOST_ALARMS, absolute_max=MOST_ALARMS + 1)


class ProfileForm(forms.Form):
    """A kind of device: a line for each field; `alarms` are forms of their own, with an empty one for another."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=80)
    fields_text = forms.CharField(
        label=gettext_lazy("Fields"), widget=forms.Textarea(attrs={"rows": 6}), max_length=4000
    )

    def __init__(self, city: CityFacts, profile: Profile, *args: Any) -> None:
        data = args[0] if args else None
        super().__init__(data, initial=_kind(profile))
        self.profile = profile
        initial = [_alarm(one) for one in profile.alarms()]
        self.alarms = AlarmForms(
            data, initial=initial, prefix="alarm", form_kwargs={"city": city, "empty_permitted": False}
        )

    def clean_fields_text(self) -> str:
        known = {one.name: one.number for one in self.profile.quantities()}
        decimals = {one.name: one.decimals for one in self.profile.quantities()}
        last = highest_field(self.profile.id)
        found: list[Field] = []
        for line in filter(None, map(str.strip, self.cleaned_data["fields_text"].splitlines())):
            parts = FIELD_LINE.fullmatch(line)
            if not parts or float(parts[4]) >= float(parts[5]):
                raise forms.ValidationError(_("Each line is: name; label; unit; least; most. Look at: %s") % line[:60])
            number = known.setdefault(parts[1], max(last, 0, *known.values()) + 1)
            words, least, most = (parts[2].strip(), parts[3].strip()), float(parts[4]), float(parts[5])
            found.append(Field(number, parts[1], *words, least, most, decimals.get(parts[1], 1)))
        if not 1 <= len(found) <= MOST_FIELDS or len({one.name for one in found}) < len(found):
            raise forms.ValidationError(_("One to twenty fields, each name once."))
        self.quantities = found
        return str(self.cleaned_data["fields_text"])

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        left = {one.name for one in getattr(self, "quantities", ())}
        if not self.alarms.is_valid():
            self.add_error(None, _("Look at the alarms below."))
        for form in self.alarms:
            if name := form.cleaned_data.get("field") if form.is_valid() else "":
                if name not in left:
                    form.add_error("field", _("There is no such field in the lines above, or it has an alarm already."))
                    self.add_error(None, _("Look at the alarms below."))
                left -= {name}
        return given

    def facts(self) -> dict[str, Any]:
        """As `actions.save_profile` takes them."""
        ladders = [form.ladder() for form in self.alarms if form.cleaned_data.get("field")]
        return {"name": self.cleaned_data["name"], "fields": plain(self.quantities), "ladders": plain(ladders)}


def _kind(profile: Profile) -> dict[str, Any]:
    lines = (f"{one.name}; {one.label}; {one.unit}; {one.least:g}; {one.most:g}" for one in profile.quantities())
    return {"name": profile.name, "fields_text": "\n".join(lines)}


def _alarm(one: Ladder) -> dict[str, Any]:
    said = {"field": one.field, "levels": written_steps(one.steps), "above": int(one.above), "hold_s": one.hold_s}
    return said | {"category": one.category, "case_from": one.case_from}
