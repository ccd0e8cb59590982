"""The form that asks where news of a report shall go."""

from django import forms
from django.utils.translation import gettext_lazy


class WatchForm(forms.Form):
    """Where the news shall go."""

    mail = forms.EmailField(
        label=gettext_lazy("Your e-mail"),
        max_length=200,
        error_messages={
            "required": gettext_lazy("Give the e-mail address that the news shall go to."),
            "invalid": gettext_lazy("This is no e-mail address, such as nama@contoh.id."),
        },
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
