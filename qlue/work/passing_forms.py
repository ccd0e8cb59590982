"""Forms of passing a case on: to another agency, to the arbiter, to an authority outside."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.conf import settings
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from qlue.cities.facts import CityFacts, OutsideFacts
from qlue.reports.actions.text import tidy
from qlue.work.forms import Files, MoveForm, ResolveForm, _choose, words_field


class AskForm(MoveForm):
    """A hand-over is asked for."""

    agency = forms.ChoiceField(label=gettext_lazy("Which agency shall take it?"))
    reason = words_field(
        gettext_lazy("Why?"), gettext_lazy("The other agency reads this, and everybody once it takes the report.")
    )

    def __init__(self, city: CityFacts, row: Mapping[str, Any], data: QueryDict | None = None) -> None:
        super().__init__(city, row, "pelimpahan", data)
        _choose(self, "agency", [(one.slug, one.name) for one in city.open_agencies if one.id != row["agency"]])

    def brought(self) -> dict[str, Any]:
        agency = self.city.agency(self.cleaned_data["agency"])
        return {"agency": agency and agency.id, "reason": tidy(self.cleaned_data["reason"])}


class AnswerForm(forms.Form):
    """Taken, or refused with words."""

    words = words_field(gettext_lazy("Words to it"), gettext_lazy("Needed when you refuse."), required=False)


class DecideForm(forms.Form):
    agency = forms.ChoiceField(label=gettext_lazy("Which agency takes it?"))
    words = words_field(gettext_lazy("Why?"), gettext_lazy("Both agencies read this. Your decision is final."))

    def __init__(self, city: CityFacts, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choose(self, "agency", [(one.slug, one.name) for one in city.open_agencies])


class OutsideForm(MoveForm):
    """An authority outside the city is asked."""

    outside = forms.ChoiceField(label=gettext_lazy("Which authority?"))
    words = words_field(gettext_lazy("What do you ask of them?"), gettext_lazy("They read this, with photo and place."))
    send = forms.BooleanField(label=gettext_lazy("Send the link by e-mail"), required=False, initial=True)
    email = forms.EmailField(
        label=gettext_lazy("E-mail address"),
        help_text=gettext_lazy("Left empty, it goes to the address that the city has for this authority."),
        required=False,
    )

    def __init__(self, city: CityFacts, row: Mapping[str, Any], data: QueryDict | None = None) -> None:
        super().__init__(city, row, "luar", data)
        known = [one for one in city.outside.values() if one.active]
        words = [(one.slug, " · ".join(filter(None, (one.name, one.matters, one.email)))) for one in known]
        _choose(self, "outside", words)
        if not settings.EMAIL_HOST:
            del self.fields["send"], self.fields["email"]

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        if given.get("send") and self._chosen() and "email" not in self.errors and not self._address():
            self.add_error(
                "email", _("The city has no address of this authority. Give one, or send the link yourself.")
            )
        return given

    def _chosen(self) -> OutsideFacts | None:
        slug = self.cleaned_data.get("outside", "")
        return next((one for one in self.city.outside.values() if one.slug == slug), None)

    def _address(self) -> str:
        """Where the link goes; "" when the asker sends it."""
        given, chosen = self.cleaned_data, self._chosen()
        return (given["email"] or (chosen.email if chosen else "")) if given.get("send") else ""

    def brought(self) -> dict[str, Any]:
        chosen = self._chosen()
        return {"outside": chosen and chosen.id, "words": tidy(self.cleaned_data["words"]), "email": self._address()}


class AddressForm(forms.Form):
    """Where a new link goes; empty sends nothing."""

    email = forms.EmailField(required=False)


ANSWERS = (
    ("accepted", gettext_lazy("We take it on; the end will follow")),
    ("done", gettext_lazy("It is done")),
    ("not_ours", gettext_lazy("It is not ours")),
)


class OutsideAnswerForm(ResolveForm):
    """The answer of an authority: which one, words, photos. Photos may be left out."""

    answer = forms.ChoiceField(
        label=gettext_lazy("Your answer"), choices=ANSWERS, widget=forms.RadioSelect, required=True
    )
    name = forms.CharField(label=gettext_lazy("Your name or office"), max_length=100, required=False)
    words = words_field(gettext_lazy("What was done, or why it is not yours"), required=False)
    field_order = ("answer", "words", "photos", "name")

    def __init__(self, city: CityFacts, data: QueryDict | None = None, files: Files | None = None) -> None:
        super().__init__(city, {}, "jawaban", data, files)
        photos = self.fields["photos"]
        photos.label, photos.help_text = gettext_lazy("Photos of the finished work"), ""

    def clean(self) -> dict[str, Any]:
        for problem in self.photos_kept.problems:
            self.add_error("photos", problem)
        return self.cleaned_data

    def brought(self) -> dict[str, Any]:
        given = self.cleaned_data
        words, name = tidy(given["words"]), tidy(given["name"])
        return {"verb": given["answer"], "words": words, "name": name, "photos": self.photos_kept.photos}
