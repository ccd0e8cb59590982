"""The report form. What was typed is cleaned here; where it lies and what becomes of it is decided in `actions`."""

import re
from collections.abc import Callable, Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, MinLengthValidator
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from qlue.cities.facts import CityFacts
from qlue.kit.text import (
    LEAST_WORDS,
    MOST_EMAIL,
    MOST_LANDMARK,
    MOST_NAME,
    MOST_PHONE,
    MOST_WORDS,
    one_line,
    tidy,
)
from qlue.reports.actions.draft_photos import DraftPhotos
from qlue.reports.actions.place import NoPlace, Position, ReportPlace, parse_position, place_of

PHONE = re.compile(r"\+?[0-9][0-9 ().\-/]{4,}")
SHORT = ngettext_lazy(
    "Please write at least %(limit_value)d character.",
    "Please write at least %(limit_value)d characters.",
    "limit_value",
)
LONG = ngettext_lazy(
    "At most %(limit_value)d character, please; it is %(show_value)d now.",
    "At most %(limit_value)d characters, please; it is %(show_value)d now.",
    "limit_value",
)
Choices = list[tuple[str, Any]]


class ManyFiles(forms.FileInput):
    allow_multiple_selected = True


class LongSelect(forms.Select):
    """A select of some hundred options. Django renders a template for each; this joins strings (1 ms, not 20)."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        # `format_html` escapes keys and labels: names of areas come from the pack's files.
        selected_key = str(value or "")
        options = format_html_join("", "{}", ((_option(key, word, selected_key),) for key, word in self.choices))
        attributes = flatatt({"name": name} | self.build_attrs(self.attrs, attrs))
        return format_html("<select{}>{}</select>", attributes, options)


def _option(key: str, word: Any, selected_key: str) -> SafeString:
    if isinstance(word, list):
        options = ((_option(option_key, label, selected_key),) for option_key, label in word)
        inside = format_html_join("", "{}", options)
        return format_html('<optgroup label="{}">{}</optgroup>', key, inside)
    selected_attribute = SafeString(" selected") if key == selected_key else ""
    return format_html('<option value="{}"{}>{}</option>', key, selected_attribute, word)


class TextField(forms.CharField):
    """Counts its length after tidying, so that nobody fills it with blanks or with what cannot be seen."""

    def __init__(self, *, tidy_text: Callable[[str], str] = one_line, **rest: Any) -> None:
        super().__init__(**rest)
        self.tidied = tidy_text
        for validator in self.validators:
            if isinstance(validator, MinLengthValidator):
                validator.message = SHORT
            elif isinstance(validator, MaxLengthValidator):
                validator.message = LONG

    def to_python(self, value: Any) -> str:
        text = super().to_python(value) or ""
        # NUL stays, so that Django's own validator refuses it; everything else unseen goes quietly.
        return text if "\0" in text else self.tidied(text)


class ReportForm(forms.Form):
    """One report. Categories go by slug and areas by code, so that what was chosen survives a change of city."""

    # Made with the empty form, so that a second press of the button is a repeat and no second report.
    uuid = forms.UUIDField(widget=forms.HiddenInput)
    kept = forms.CharField(required=False, widget=forms.HiddenInput)
    photos = forms.FileField(
        label=_("Photos"),
        required=False,
        widget=ManyFiles(attrs={"accept": "image/jpeg,image/png,image/webp"}),
        help_text=_("Up to 5. We remove the place and all hidden data from the files."),
    )
    # Text, not numbers: an unreadable place becomes one message at the area, not two at fields that nobody sees.
    lon = forms.CharField(required=False, widget=forms.HiddenInput)
    lat = forms.CharField(required=False, widget=forms.HiddenInput)
    photo_lon = forms.CharField(required=False, widget=forms.HiddenInput)
    photo_lat = forms.CharField(required=False, widget=forms.HiddenInput)
    area = forms.ChoiceField(label=_("Kelurahan"), required=False, widget=LongSelect)
    landmark = TextField(
        label=_("Landmark"),
        required=False,
        max_length=MOST_LANDMARK,
        help_text=_("What is nearby? For example: in front of the market, next to house no. 12."),
    )
    category = forms.ChoiceField(
        label=_("What is it about?"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose what it is about."),
            "invalid_choice": _("This city has no such category. Choose one of these."),
        },
    )
    words = TextField(
        label=_("What is wrong?"),
        tidy_text=tidy,
        min_length=LEAST_WORDS,
        max_length=MOST_WORDS,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Say what you see and since when. Please name no private persons."),
        error_messages={"required": _("Say in a few words what is wrong.")},
    )
    private = forms.ChoiceField(
        label=_("Who may see it?"),
        initial="0",
        widget=forms.RadioSelect,
        choices=[
            ("0", _("Everybody: on the list and on the map, without your name")),
            ("1", _("Only you and the city: not shown in public")),
        ],
        help_text=_("Reports about social assistance are never shown in public."),
    )
    name = TextField(
        label=_("Name"),
        required=False,
        max_length=MOST_NAME,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    # Name and contact are optional: whoever must give their name reports less, and the follow link needs none.
    email = forms.EmailField(
        label=_("E-mail"),
        required=False,
        max_length=MOST_EMAIL,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "inputmode": "email"}),
        error_messages={"invalid": _("This is no e-mail address, such as nama@contoh.id.")},
    )
    phone = TextField(
        label=_("Telephone or WhatsApp"),
        required=False,
        max_length=MOST_PHONE,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "inputmode": "tel"}),
    )
    website = forms.CharField(
        label=_("Leave this empty"),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"}),
    )

    def __init__(
        self,
        city: CityFacts,
        *args: Any,
        draft_photos: DraftPhotos | None = None,
        keep_outside: bool = False,
        **rest: Any,
    ) -> None:
        super().__init__(*args, **rest)
        self.city, self.photos_kept, self.keep_outside = city, draft_photos or DraftPhotos(), keep_outside
        self.place: ReportPlace | None = None
        self.outside: NoPlace | None = None
        fill(self.fields["category"], [(category.slug, category.label) for category in city.open_categories])
        fill(self.fields["area"], area_choices(city))

    def narrow(self, text: str, chosen_slug: str) -> int:
        """Leaves the categories that fit everyday words, the best first, and the chosen one; returns how many fit."""
        search_words = one_line(text).lower().split()
        if not search_words:
            return len(self.city.open_categories)
        fits = {
            category.slug: _fit_of(search_words, (category.name, category.name_en, *category.words))
            for category in self.city.open_categories
        }
        by_fit = sorted(self.city.open_categories, key=lambda category: -fits[category.slug])
        # What was chosen stays in sight whatever is searched for, or it would be sent unseen.
        choices = [
            (category.slug, category.label)
            for category in by_fit
            if fits[category.slug] or category.slug == chosen_slug
        ]
        fill(self.fields["category"], choices)
        return sum(map(bool, fits.values()))

    def clean_phone(self) -> str:
        phone: str = self.cleaned_data["phone"]
        if phone and not PHONE.fullmatch(phone):
            raise ValidationError(_("This is no telephone number, such as 0812 3456 7890."))
        return phone

    def clean_website(self) -> str:
        """People do not see this field; programs that fill in forms do."""
        # Emptied rather than refused for good: a browser's autofill may have done it.
        if self.cleaned_data["website"]:
            raise ValidationError(_("Something filled in a hidden field. We emptied it; please send again."))
        return ""

    def clean(self) -> dict[str, object]:
        for problem in self.photos_kept.problems:
            self.add_error("photos", problem)
        # Without a valid choice there is an error at the area already; a second one would confuse.
        if "area" in self.cleaned_data:
            self._find_place()
        return self.cleaned_data

    def _find_place(self) -> None:
        try:
            pin = self._pin()
        except ValueError:
            self.add_error("area", _("The place on the map could not be read. Set it again, or choose the kelurahan."))
            return
        area = self.city.area(self.cleaned_data["area"])
        try:
            self.place = place_of(self.city, pin=pin, area=area, photo=self.photo_position(), keep=self.keep_outside)
        except NoPlace as trouble:
            self._say_no_place(trouble)

    def _pin(self) -> Position | None:
        return parse_position(self.cleaned_data.get("lon", ""), self.cleaned_data.get("lat", ""))

    def photo_position(self) -> Position | None:
        """Where the first photo was taken, as its file says: read by the browser, or by us when it came."""
        fields = self.cleaned_data
        try:
            camera_position = parse_position(fields.get("photo_lon", ""), fields.get("photo_lat", ""))
        # A camera that writes nonsense is no reason to ask the person anything: it was only a suggestion.
        except ValueError:
            camera_position = None
        return camera_position or self.photos_kept.position

    def _say_no_place(self, trouble: NoPlace) -> None:
        self.outside = trouble if trouble.reason == "outside" else None
        self.add_error(
            "area",
            _("This place lies outside of %(city)s.") % {"city": self.city.name}
            if self.outside
            else _("Say where it is: on the map, by your position, or by choosing the kelurahan."),
        )


def fill(field: forms.Field, choices: Choices) -> None:
    """Gives a choice field its choices, which depend on the city."""
    assert isinstance(field, forms.ChoiceField)
    field.choices = choices


def area_choices(city: CityFacts) -> Choices:
    """Kelurahan by code, in groups by kecamatan, both by name."""
    names = {kecamatan.id: kecamatan.name for kecamatan in city.kecamatan}
    groups: dict[str, list[tuple[str, str]]] = {}
    for kelurahan in sorted(city.kelurahan, key=lambda area: (names.get(area.parent_id or 0, ""), area.name)):
        groups.setdefault(names.get(kelurahan.parent_id or 0, "–"), []).append((kelurahan.code, kelurahan.name))
    return [("", _("Choose the kelurahan")), *groups.items()]


def category_icons(city: CityFacts) -> dict[str, str]:
    """Category slug to icon, for the cards."""
    return {category.slug: category.icon for category in city.open_categories}


def _fit_of(search_words: Iterable[str], words: Iterable[str]) -> int:
    # Parts of words count, for Indonesian adds to both ends of them: "sampah" is found in "persampahan".
    text = " ".join(words).lower()
    return sum(word in text for word in search_words if len(word) > 1)
