"""The form of a request for one's own data, or for its erasure."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from qlue.channels.actions.follow_links import MIN_PHONE_DIGITS
from qlue.people.models import DataRequest


class DataRequestForm(forms.Form):
    """Who asks and for what."""

    reach = forms.CharField(
        label=gettext_lazy("E-mail or telephone that you left with your report"),
        max_length=200,
        error_messages={"required": gettext_lazy("Give the e-mail address or the telephone number.")},
    )
    wish = forms.ChoiceField(
        label=gettext_lazy("What shall we do?"),
        choices=DataRequest.Wish.choices,
        widget=forms.RadioSelect,
        initial="links",
    )
    words = forms.CharField(
        label=gettext_lazy("Anything that we should know"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def clean_reach(self) -> str:
        reach: str = self.cleaned_data["reach"].strip()
        if "@" in reach:
            forms.EmailField().clean(reach)
        elif sum(map(str.isdigit, reach)) < MIN_PHONE_DIGITS:
            raise forms.ValidationError(_("Give an e-mail address, or a telephone number with all its digits."))
        return reach
