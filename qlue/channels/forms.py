"""Forms of this room: a provider's account, and the emergency number's report."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from qlue.channels.dialogue.hearing import areas_in, category_in, plain
from qlue.channels.wires import KINDS
from qlue.cities.facts import AreaFacts, CategoryFacts, CityFacts
from qlue.reports.actions.place import NoPlace, Place, place_of, position
from qlue.reports.actions.text import LEAST_WORDS, MOST_LANDMARK, MOST_NAME, MOST_PHONE, MOST_WORDS, one_line, tidy

LABELS: dict[str, Any] = {
    "url": _("Address of sendsms"),
    "username": _("User name"),
    "password": _("Password"),
    "sender": _("Number or name of the sender"),
    "key": _("Key in our address (get-url)"),
    "account": _("Account SID"),
    "token": _("Access token"),
    "phone_number_id": _("Phone number ID"),
    "template": _("Name of the message template (later than 24 hours)"),
    "template_language": _("Language of the template"),
    "app_secret": _("App secret"),
    "verify_token": _("Verify token"),
    "secret": _("Shared secret"),
}
OPTIONAL = frozenset({"template", "template_language", "username"})


class LineForm(forms.Form):
    """The account with one provider. What is secret is never shown again; empty keeps what there is."""

    active = forms.BooleanField(label=_("In use"), required=False, initial=True)

    def __init__(self, kind: str, known: dict[str, str], *, has_secrets: bool, **rest: Any) -> None:
        super().__init__(**rest)
        for name, default in KINDS[kind].FIELDS.items():
            first, must = known.get(name, default), name not in OPTIONAL
            self.fields[name] = forms.CharField(label=LABELS[name], initial=first, max_length=300, required=must)
        for name in KINDS[kind].SECRETS:
            self.fields[name] = forms.CharField(
                label=LABELS[name],
                max_length=1000,
                required=not has_secrets,
                widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
                help_text=_("Leave it empty to keep the one before.") if has_secrets else "",
            )
        self.order_fields([*(name for name in self.fields if name != "active"), "active"])

    def clean_url(self) -> str:
        text: str = self.cleaned_data["url"].strip()
        if not text.startswith(("https://", "http://")):
            raise ValidationError(_("It must begin with https:// or http://."))
        return text


WRITE_TO = {"mail": _("E-mail"), "whatsapp": _("WhatsApp"), "kannel": _("SMS"), "twilio": _("SMS")}
NUMBER = re.compile(r"\+?[0-9]{8,15}")


class ReachForm(forms.Form):
    """Where a member is told of emergencies, by one of the lines that the city has."""

    kind = forms.ChoiceField(label=_("By"))
    address = forms.CharField(label=_("Number or address"), max_length=200)

    def __init__(self, lines: list[str], *args: Any, **rest: Any) -> None:
        super().__init__(*args, **rest)
        self.fields["kind"].choices = [(kind, WRITE_TO[kind]) for kind in lines]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if given.get("kind") == "mail" and given.get("address"):
            self.cleaned_data["address"] = forms.EmailField().clean(given["address"].strip()).lower()
        elif given.get("address"):
            number = "".join(letter for letter in given["address"] if letter not in " -().")
            if not NUMBER.fullmatch(number):
                raise ValidationError({"address": _("This is no telephone number, such as +62 812 3456 7890.")})
            self.cleaned_data["address"] = number
        return self.cleaned_data


class CallForm(forms.Form):
    """One screen, by keyboard: the category and the place are typed, not searched."""

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

    def __init__(self, city: CityFacts, *rest: Any, **more: Any) -> None:
        super().__init__(*rest, **more)
        self.city = city
        for name, source in (("what", "daftar-kategori"), ("where", "daftar-kelurahan")):
            self.fields[name].widget.attrs |= {"list": source, "autocomplete": "off"}
        self.fields["what"].widget.attrs["autofocus"] = True

    def clean_what(self) -> CategoryFacts:
        text = plain(self.cleaned_data["what"])
        starting = [one for one in self.city.open_categories if plain(one.label).startswith(text)]
        found = next(iter(starting), None) or category_in(self.city.open_categories, text)
        if found is None:
            raise ValidationError(_("No category is known by this word. Type another, such as “sampah” or “banjir”."))
        return found

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
        name, _comma, above = text.partition(",")
        found = areas_in(self.city.kelurahan, name, asked=True) if text else []
        fitting = [one for one in found if plain(above) in plain(self._above(one))]
        if text and len(fitting) != 1:
            raise ValidationError(_("Choose one kelurahan of the list."))
        return fitting[0] if fitting else None

    def _above(self, area: AreaFacts) -> str:
        parent = self.city.areas.get(area.parent_id or 0)
        return parent.name if parent else ""

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if "where" in given:
            given["place"] = self._placed(given)
        return given

    def _placed(self, given: dict[str, Any]) -> Place | None:
        try:
            pin = position(given.get("lon"), given.get("lat"))
            return place_of(self.city, pin=pin, area=given["where"])
        except ValueError:
            self.add_error("where", _("This position makes no sense."))
        except NoPlace as no:
            outside = no.reason == "outside"
            words = _("The pin lies outside of the city.") if outside else _("Where is it? Name the kelurahan.")
            self.add_error("where", words)
        return None
