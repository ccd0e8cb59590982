"""Forms of a camera, of its lines and zones, and of a verdict about an event."""

import json
from typing import Any

from django import forms
from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from qlue.cities.facts import CityFacts, area_at
from qlue.kit.geo import is_position
from qlue.kit.text import MOST_WORDS, one_line, tidy
from qlue.vision.actions.cameras import CameraInput
from qlue.vision.models import Camera
from qlue.vision.rules.marks import BadMarks, Marks, read_marks
from qlue.vision.sources.address import MAX_LENGTH, Address, parse_address
from qlue.vision.sources.hosts import BadAddress, check_host

SOURCE_KINDS = (
    ("rtsp", _("RTSP: most cameras and recorders")),
    ("hls", _("HLS: an address that ends in .m3u8")),
    ("mjpeg", _("MJPEG over HTTP")),
    ("file", _("A file in the videos' folder of this installation")),
)
ADDRESS_ERRORS: dict[str, Promise] = {
    "scheme": _("The address does not fit the kind: RTSP begins with rtsp://, HLS and MJPEG with http:// or https://."),
    "host": _("The address names no host."),
    "inside": _("This address leads to this machine itself or to a forbidden network. Cameras have others."),
    "unknown": _("The host's name is not known here."),
    "networks": _("QLUE_CAMERA_NETWORKS cannot be read; an administrator of the installation can mend it."),
    "folder": _("Only files in the videos' folder can be opened."),
    "missing": _("There is no such file in the videos' folder."),
    "odd": _("The address has characters that no address has, or is too long."),
}


class CameraForm(forms.Form):
    """A camera. When one is changed, an empty address leaves the stored one, whose login is never shown."""

    name = forms.CharField(label=_("Name"), max_length=80, help_text=_("Where it looks, such as “Veteran – Ratulangi”"))
    kind = forms.ChoiceField(label=_("Kind"), choices=SOURCE_KINDS)
    address = forms.CharField(
        label=_("Address"),
        max_length=MAX_LENGTH + 100,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"}),
        help_text=_(
            "With its login, if it has one: rtsp://name:password@10.1.2.3/stream. The login is kept encrypted."
        ),
    )
    lon = forms.FloatField(widget=forms.HiddenInput)
    lat = forms.FloatField(widget=forms.HiddenInput)

    def __init__(self, city: CityFacts, camera: Camera | None, *args: Any, **kwargs: Any) -> None:
        self.city, self.camera = city, camera
        self.parsed_address: Address | None = None
        if camera and not args:
            kwargs["initial"] = {"name": camera.name, "kind": camera.kind, "lon": camera.lon, "lat": camera.lat}
        super().__init__(*args, **kwargs)

    def clean_name(self) -> str:
        name = one_line(self.cleaned_data["name"])
        namesakes = Camera.objects.filter(city_id=self.city.id, name=name)
        if namesakes.exclude(id=self.camera.id if self.camera else 0).exists():
            raise forms.ValidationError(_("Another camera has this name."))
        return name

    def clean(self) -> dict[str, object]:
        fields = super().clean() or {}
        self._check_place(fields)
        self.parsed_address = self._check_address(fields)
        return fields

    def _check_place(self, fields: dict[str, Any]) -> None:
        lon, lat = fields.get("lon"), fields.get("lat")
        if lon is None or lat is None:
            self.add_error(None, _("Say where the camera stands: choose its place on the map."))
        elif not is_position(lon, lat) or not (self.city.is_near(lon, lat) and area_at(self.city, lon, lat)):
            self.add_error(None, _("This place lies outside the city's area."))

    def _check_address(self, fields: dict[str, Any]) -> Address | None:
        kind, text = fields.get("kind", ""), fields.get("address", "")
        if not text:
            # The stored address fits the stored kind only.
            if not self.camera or self.camera.kind != kind:
                self.add_error("address", _("The address is missing."))
            return None
        try:
            address = parse_address(kind, text, settings.HOME / "videos")
            check_host(address.url)
        except BadAddress as error:
            self.add_error("address", str(ADDRESS_ERRORS.get(error.reason, ADDRESS_ERRORS["odd"])))
            return None
        return address

    def camera_input(self) -> CameraInput:
        """The fields of the valid form."""
        fields = self.cleaned_data
        return CameraInput(fields["name"], fields["kind"], self.parsed_address, fields["lon"], fields["lat"])


class MarksForm(forms.Form):
    """Lines and zones as the drawing in the browser writes them."""

    marks = forms.CharField(
        label=_("Lines and zones as JSON"),
        max_length=50_000,
        widget=forms.Textarea(attrs={"rows": 10, "spellcheck": "false"}),
    )

    def clean_marks(self) -> Marks:
        try:
            return read_marks(json.loads(self.cleaned_data["marks"]))
        # Deeply nested JSON exhausts the parser's stack before it is found to be wrong.
        except (ValueError, RecursionError) as error:
            message = str(error) if isinstance(error, BadMarks) else _("This is no JSON.")
            raise forms.ValidationError(message) from error


class JudgeForm(forms.Form):
    """Yes, with a category and a description; or no."""

    verdict = forms.ChoiceField(choices=(("yes", "yes"), ("no", "no")))
    category = forms.ChoiceField(label=_("Category"), required=False)
    words = forms.CharField(
        label=_("Words of the report"), max_length=MOST_WORDS, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, city: CityFacts, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.city = city
        self.fields["category"].choices = [(category.slug, category.label) for category in city.open_categories]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, object]:
        fields = super().clean() or {}
        fields["words"] = tidy(fields.get("words", ""))
        if fields.get("verdict") == "yes" and not fields.get("category"):
            self.add_error("category", _("Choose what kind of report it becomes."))
        return fields
