"""Forms of referrals: the question to an authority outside, and the answer through its link."""

from typing import Any

from django import forms
from django.conf import settings
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from qlue.cities.facts import AuthorityFacts, CityFacts
from qlue.kit.text import tidy
from qlue.reports.records import ReportRecord
from qlue.work.forms.base import Files, TransitionForm, message_field, set_choices
from qlue.work.forms.proofs import ProofForm


class ReferralForm(TransitionForm):
    """Asks an authority outside the city, by a link that Qlue mails or the asker sends."""

    outside = forms.ChoiceField(label=gettext_lazy("Which authority?"))
    words = message_field(
        gettext_lazy("What do you ask of them?"), gettext_lazy("They read this, with photo and place.")
    )
    send = forms.BooleanField(label=gettext_lazy("Send the link by e-mail"), required=False, initial=True)
    email = forms.EmailField(
        label=gettext_lazy("E-mail address"),
        help_text=gettext_lazy("Left empty, it goes to the address that the city has for this authority."),
        required=False,
    )

    def __init__(self, city: CityFacts, report: ReportRecord, data: QueryDict | None = None) -> None:
        super().__init__(city, report, "luar", data)
        authorities = [authority for authority in city.authorities.values() if authority.active]
        choices = [
            (authority.slug, " · ".join(filter(None, (authority.name, authority.matters, authority.email))))
            for authority in authorities
        ]
        set_choices(self, "outside", choices)
        # Without a mail server there is nothing to choose: the asker copies the link.
        if not settings.EMAIL_HOST:
            del self.fields["send"], self.fields["email"]

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if data.get("send") and self._authority() and "email" not in self.errors and not self._address():
            self.add_error(
                "email", _("The city has no address of this authority. Give one, or send the link yourself.")
            )
        return data

    def _authority(self) -> AuthorityFacts | None:
        slug = self.cleaned_data.get("outside", "")
        return next((authority for authority in self.city.authorities.values() if authority.slug == slug), None)

    def _address(self) -> str:
        """Where the link goes; "" when the asker sends it."""
        data, authority = self.cleaned_data, self._authority()
        return (data["email"] or (authority.email if authority else "")) if data.get("send") else ""

    def verb_input(self) -> dict[str, Any]:
        authority = self._authority()
        return {
            "authority_id": authority and authority.id,
            "message": tidy(self.cleaned_data["words"]),
            "email": self._address(),
        }


class ReferralAddressForm(forms.Form):
    """Where a new link goes; empty sends nothing."""

    email = forms.EmailField(required=False)


# The values are states of the referral, and stand in the event's kind.
REFERRAL_ANSWERS = (
    ("accepted", gettext_lazy("We take it on; the end will follow")),
    ("done", gettext_lazy("It is done")),
    ("not_ours", gettext_lazy("It is not ours")),
)


class ReferralAnswerForm(ProofForm):
    """The answer of an authority: which one, words, photos. Photos may be left out."""

    answer = forms.ChoiceField(
        label=gettext_lazy("Your answer"), choices=REFERRAL_ANSWERS, widget=forms.RadioSelect, required=True
    )
    name = forms.CharField(label=gettext_lazy("Your name or office"), max_length=100, required=False)
    words = message_field(gettext_lazy("What was done, or why it is not yours"), is_required=False)
    field_order = ("answer", "words", "photos", "name")

    def __init__(self, city: CityFacts, data: QueryDict | None = None, files: Files | None = None) -> None:
        super().__init__(city, None, "jawaban", data, files)
        photos = self.fields["photos"]
        photos.label, photos.help_text = gettext_lazy("Photos of the finished work"), ""

    def clean(self) -> dict[str, Any]:
        # Not the proof's own checks: a photo is welcome here, and there are no orders to wait for.
        for problem in self.stored_photos.problems:
            self.add_error("photos", problem)
        return self.cleaned_data

    def verb_input(self) -> dict[str, Any]:
        data = self.cleaned_data
        return {
            "answer": data["answer"],
            "message": tidy(data["words"]),
            "respondent": tidy(data["name"]),
            "photos": self.stored_photos.photos,
        }
