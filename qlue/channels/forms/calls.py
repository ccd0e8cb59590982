"""The form of a call to the emergency number: one screen that is filled without a mouse."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from qlue.channels.dialogue.parse import find_areas, find_category, normalize
from qlue.cities.facts import AreaFacts, CategoryFacts, CityFacts
from qlue.kit.text import LEAST_WORDS, MOST_LANDMARK, MOST_NAME, MOST_PHONE, MOST_WORDS, one_line, tidy
from qlue.reports.actions.place import NoPlace, ReportPlace, parse_position, place_of


class CallForm(forms.Form):
    """The report of a call. Category and kelurahan are typed, with the browser's own list of suggestions."""

    what = forms.CharField(label=_("What is it about?"), max_length=80)
    words = forms.CharField(
        label=_("What does the caller say?"), max_length=MOST_WORDS, widget=forms.Textarea(attrs={"rows": 3})
    )
    where = forms.CharField(label=_("Kelurahan"), max_length=120, required=False)
    landmark = forms.CharField(label=_("Landmark"), max_length=MOST_LANDMARK, required=False)
    lon = forms.CharField(required=False, widget=forms.HiddenInput)
    lat = forms.CharField(required=False, widget=forms.HiddenInput)
    name = forms.CharField(label=_("Name of the caller"), max_length=MOST_NAME, required=False)
    phone = forms.CharField(label=_("Telephone"), max_length=MOST_PHONE, required=False)
    emergency = forms.BooleanField(label=_("Emergency: somebody is in danger"), required=False)

    def __init__(self, city: CityFacts, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.city = city
        for name, source in (("what", "daftar-kategori"), ("where", "daftar-kelurahan")):
            self.fields[name].widget.attrs |= {"list": source, "autocomplete": "off"}
        self.fields["what"].widget.attrs["autofocus"] = True

    def clean_what(self) -> CategoryFacts:
        text = normalize(self.cleaned_data["what"])
        prefix_matches = [
            candidate for candidate in self.city.open_categories if normalize(candidate.label).startswith(text)
        ]
        # The list offers labels, so their beginnings come first; everyday words ("banjir") after that.
        category = next(iter(prefix_matches), None) or find_category(self.city.open_categories, text)
        if category is None:
            raise ValidationError(_("No category is known by this word. Type another, such as “sampah” or “banjir”."))
        return category

    def clean_words(self) -> str:
        words = tidy(self.cleaned_data["words"])
        if len(words) < LEAST_WORDS:
            raise ValidationError(_("Write a few words more."))
        return words

    def clean_landmark(self) -> str:
        return one_line(self.cleaned_data["landmark"])

    def clean_where(self) -> AreaFacts | None:
        """`Mattoangin, Mariso` as the list offers it, or just `Mattoangin`."""
        text = self.cleaned_data["where"].strip()
        name, _comma, parent_name = text.partition(",")
        candidates = find_areas(self.city.kelurahan, name, is_answer=True) if text else []
        # Kelurahan of one name lie in several kecamatan; the part after the comma decides. Without it all match.
        matches = [area for area in candidates if normalize(parent_name) in normalize(self._parent_name(area))]
        if text and len(matches) != 1:
            raise ValidationError(_("Choose one kelurahan of the list."))
        return matches[0] if matches else None

    def _parent_name(self, area: AreaFacts) -> str:
        parent = self.city.areas.get(area.parent_id or 0)
        return parent.name if parent else ""

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        # Where the kelurahan is wrong already, a second complaint about the place would only confuse.
        if "where" in values:
            values["place"] = self._place(values)
        return values

    def _place(self, values: dict[str, Any]) -> ReportPlace | None:
        try:
            pin = parse_position(values.get("lon"), values.get("lat"))
            return place_of(self.city, pin=pin, area=values["where"])
        except ValueError:
            self.add_error("where", _("This position makes no sense."))
        except NoPlace as error:
            is_outside = error.reason == "outside"
            message = _("The pin lies outside of the city.") if is_outside else _("Where is it? Name the kelurahan.")
            self.add_error("where", message)
        return None
