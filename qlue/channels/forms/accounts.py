"""The form of an account with a provider; which fields it has, the provider says."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from qlue.channels.providers import PROVIDERS

FIELD_LABELS: dict[str, Any] = {
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
OPTIONAL_FIELDS = frozenset({"template", "template_language", "username"})


class ChannelAccountForm(forms.Form):
    """The account with one provider. Secrets are never shown again; an empty one keeps what is stored."""

    active = forms.BooleanField(label=_("In use"), required=False, initial=True)

    def __init__(self, kind: str, values: dict[str, str], *, has_secrets: bool, **options: Any) -> None:
        super().__init__(**options)
        for name, default in PROVIDERS[kind].fields.items():
            initial, is_required = values.get(name, default), name not in OPTIONAL_FIELDS
            self.fields[name] = forms.CharField(
                label=FIELD_LABELS[name], initial=initial, max_length=300, required=is_required
            )
        for name in PROVIDERS[kind].secrets:
            self.fields[name] = forms.CharField(
                label=FIELD_LABELS[name],
                max_length=1000,
                required=not has_secrets,
                widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
                help_text=_("Leave it empty to keep the one before.") if has_secrets else "",
            )
        self.order_fields([*(name for name in self.fields if name != "active"), "active"])

    # Only Kannel has an address to enter. Whether it may lead into our own network is checked before each call
    # (`providers.http.check_gateway`), because names can lead elsewhere later.
    def clean_url(self) -> str:
        text: str = self.cleaned_data["url"].strip()
        if not text.startswith(("https://", "http://")):
            raise ValidationError(_("It must begin with https:// or http://."))
        return text
