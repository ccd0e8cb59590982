"""The form of an address where a member is called in an emergency."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

CONTACT_LABELS = {"mail": _("E-mail"), "whatsapp": _("WhatsApp"), "kannel": _("SMS"), "twilio": _("SMS")}
PHONE_NUMBER = re.compile(r"\+?[0-9]{8,15}")


class AlertContactForm(forms.Form):
    """Where a member is called in an emergency, by one of the accounts that the city has."""

    kind = forms.ChoiceField(label=_("By"))
    address = forms.CharField(label=_("Number or address"), max_length=200)

    def __init__(self, kinds: list[str], *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["kind"].choices = [(kind, CONTACT_LABELS[kind]) for kind in kinds]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        if values.get("kind") == "mail" and values.get("address"):
            self.cleaned_data["address"] = forms.EmailField().clean(values["address"].strip()).lower()
        elif values.get("address"):
            number = "".join(letter for letter in values["address"] if letter not in " -().")
            if not PHONE_NUMBER.fullmatch(number):
                raise ValidationError({"address": _("This is no telephone number, such as +62 812 3456 7890.")})
            self.cleaned_data["address"] = number
        return self.cleaned_data
