"""A device, a file of devices, a silence, a command."""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from qlue.cities.facts import CityFacts
from qlue.things.imports.attributes import DeviceAttributes
from qlue.things.imports.device_table import MOST_BYTES
from qlue.things.imports.threshold_text import format_overrides, parse_overrides
from qlue.things.imports.values import KEY, DeviceFault, check_position
from qlue.things.models import Device, Profile

SILENCE_HOURS = (
    (1, gettext_lazy("1 hour")),
    (4, gettext_lazy("4 hours")),
    (24, gettext_lazy("1 day")),
    (72, gettext_lazy("3 days")),
    (24 * 14, gettext_lazy("2 weeks")),
)
COMMANDS = (
    ("report", gettext_lazy("Send a reading now")),
    ("interval", gettext_lazy("Set the interval (seconds)")),
    ("restart", gettext_lazy("Restart")),
    ("switch", gettext_lazy("Switch on or off")),
)


class DeviceForm(forms.Form):
    """One device. `levels` are the thresholds of its place, where they differ from the profile's."""

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
        super().__init__(args[0] if args else None, initial=_device_initial(device) if device else None)
        self.city, self.profiles, self.device = city, profiles, device
        self.fields["profile"].choices = [(slug, profile.name) for slug, profile in profiles.items()]  # type: ignore[attr-defined]
        # The key stays for life, because the device carries it as its client id; a new device is always active.
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
        cleaned_data = super().clean() or self.cleaned_data
        try:
            if "lat" in cleaned_data and "lon" in cleaned_data:
                check_position(self.city, cleaned_data["lon"], cleaned_data["lat"])
        except DeviceFault as fault:
            self.add_error("lat", str(fault))
        try:
            if "profile" in cleaned_data:
                profile = self.profiles[cleaned_data["profile"]]
                cleaned_data["steps"] = parse_overrides(profile, cleaned_data.get("levels", ""))
        except DeviceFault as fault:
            self.add_error("levels", str(fault))
        return cleaned_data

    def attributes(self) -> DeviceAttributes:
        """As `actions.register_device` and `actions.update_device` take them."""
        names = ("name", "lat", "lon", "place", "expected_s", "steps", "active")
        values = {name: self.cleaned_data[name] for name in names if name in self.cleaned_data}
        return DeviceAttributes(**values, profile=self.profiles[self.cleaned_data["profile"]])


def _device_initial(device: Device) -> dict[str, object]:
    names = ("name", "lat", "lon", "place", "expected_s", "active")
    levels = format_overrides(device.alarm_rules(), device.steps)
    return {name: getattr(device, name) for name in names} | {"profile": device.profile.slug, "levels": levels}


class ImportForm(forms.Form):
    """A file of devices."""

    file = forms.FileField(label=gettext_lazy("CSV file"))

    def clean_file(self) -> bytes:
        file = self.cleaned_data["file"]
        # Asked before reading: a larger file lies on the disk, and reading would take it into memory.
        if file.size > MOST_BYTES:
            raise forms.ValidationError(_("The file is larger than 5 MB."))
        data: bytes = file.read()
        return data


class SilenceForm(forms.Form):
    """How long, and why."""

    hours = forms.TypedChoiceField(label=gettext_lazy("For"), choices=SILENCE_HOURS, coerce=int)
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=200)

    @property
    def duration(self) -> timedelta:
        return timedelta(hours=self.cleaned_data["hours"])


class CommandForm(forms.Form):
    """An instruction to a device."""

    name = forms.ChoiceField(label=gettext_lazy("Command"), choices=COMMANDS)
    value = forms.CharField(label=gettext_lazy("Value"), max_length=200, required=False)
