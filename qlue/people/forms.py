"""allauth's forms with labels of our own, and without placeholders, which vanish while one types."""

from collections.abc import Mapping
from typing import Any

from allauth.account import forms as account
from django import forms
from django.utils.translation import gettext_lazy as _

from qlue.cities.facts import CityFacts
from qlue.people.models import Language, Role, User

PASSWORD_RULE = _("At least 10 characters. A few words that belong together only for you are good.")


def set_labels(form: forms.Form, labels: Mapping[str, Any], helps: Mapping[str, Any] | None = None) -> None:
    """Sets labels and help texts, removes placeholders."""
    for name, label in labels.items():
        if name in form.fields:  # "remember" is there only where the settings ask for it
            form.fields[name].label = label
            form.fields[name].help_text = (helps or {}).get(name, "")
            form.fields[name].widget.attrs.pop("placeholder", None)


class SignInForm(account.LoginForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        labels = {"login": _("Username"), "password": _("Password"), "remember": _("Stay signed in on this device")}
        set_labels(self, labels, {"remember": _("Leave this out on a computer that others use.")})
        # Phones begin a field with a capital and correct names into words; usernames are small letters.
        self.fields["login"].widget.attrs |= {"autocapitalize": "none", "spellcheck": "false"}


class NewPasswordForm(account.ChangePasswordForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        labels = {"oldpassword": _("Current password"), "password1": _("New password"), "password2": _("Once more")}
        set_labels(self, labels, {"password1": PASSWORD_RULE})


class FirstPasswordForm(account.SetPasswordForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        set_labels(self, {"password1": _("New password"), "password2": _("Once more")}, {"password1": PASSWORD_RULE})


class ForgottenPasswordForm(account.ResetPasswordForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        set_labels(self, {"email": _("E-mail address of your account")})


class PasswordFromMailForm(account.ResetPasswordKeyForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        set_labels(self, {"password1": _("New password"), "password2": _("Once more")}, {"password1": PASSWORD_RULE})


class ConfirmItsYouForm(account.ReauthenticateForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        set_labels(self, {"password": _("Password")})


class AccountForm(forms.Form):
    """What people may change about their own account; name and e-mail are the administrator's to change."""

    language = forms.ChoiceField(
        label=_("Language"), choices=Language.choices, help_text=_("Of pages and letters to you.")
    )


class MemberForm(forms.Form):
    """A new member of a city; agencies and roles are the city's."""

    name = forms.CharField(label=_("Name"), max_length=150)
    username = forms.CharField(label=_("Username"), max_length=150, validators=[User.username_validator])
    email = forms.EmailField(label=_("E-mail address"), required=False, help_text=_("For a forgotten password."))
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices)
    agency = forms.ChoiceField(label=_("Agency"), required=False, help_text=_("For officers and heads."))
    password = forms.CharField(
        label=_("First password"),
        strip=False,  # a blank at the end is part of the password
        help_text=PASSWORD_RULE,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, city: CityFacts, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        agencies = [(agency.slug, agency.name) for agency in city.open_agencies]
        choices = self.fields["agency"]
        assert isinstance(choices, forms.ChoiceField)
        choices.choices = [("", _("None")), *agencies]
