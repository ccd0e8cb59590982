"""The form for social assistance (bansos): a report that is always private, with what Dinsos needs to look it up."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from qlue.cities.facts import CategoryFacts, CityFacts
from qlue.reports.actions.aid import Aid, is_nik
from qlue.reports.forms.report import ReportForm, TextField, fill
from qlue.reports.presentation.labels import MATTERS, PROGRAMS

MOST_PEOPLE = 30  # several families may share a house; more is taken for a typing error


class AidForm(ReportForm):
    """The category is settled, the report is private, and the NIK is checked before it is hashed."""

    matter = forms.ChoiceField(
        label=_("What is it about?"),
        widget=forms.RadioSelect,
        choices=list(MATTERS.items()),
        error_messages={"required": _("Choose what it is about.")},
    )
    program = forms.ChoiceField(label=_("Which assistance?"), required=False, choices=[("", "–"), *PROGRAMS.items()])
    nik = TextField(
        label=_("NIK"),
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        help_text=_("Helps the agency to find the record. We keep only a fingerprint of it and the last four digits."),
    )
    household = forms.IntegerField(
        label=_("People in the household"),
        required=False,
        min_value=1,
        max_value=MOST_PEOPLE,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )

    def __init__(self, city: CityFacts, *args: Any, **rest: Any) -> None:
        super().__init__(city, *args, **rest)
        kind = aid_category(city)
        assert kind is not None
        # Both are fixed by the form's address; what a request sends for them is ignored.
        self.fields["category"].required = self.fields["private"].required = False
        fill(self.fields["category"], [(kind.slug, kind.label)])

    def clean_category(self) -> str:
        kind = aid_category(self.city)
        return kind.slug if kind else ""

    def clean_private(self) -> str:
        return "1"

    def clean_nik(self) -> str:
        # Copied from a card or a chat it comes with blanks, points or hyphens.
        nik = re.sub(r"[ .\-]", "", self.cleaned_data["nik"])
        if nik and not is_nik(nik):
            raise ValidationError(_("A NIK has sixteen digits, as on the KTP. You may also leave it empty."))
        return nik

    def aid(self) -> Aid:
        """What goes beside the report, once the form is valid."""
        clean = self.cleaned_data
        return Aid(clean["nik"], clean["program"], clean["matter"], clean["household"])


def aid_category(city: CityFacts) -> CategoryFacts | None:
    """The city's category with this form, if it has one."""
    return next((category for category in city.open_categories if category.form == "aid"), None)
