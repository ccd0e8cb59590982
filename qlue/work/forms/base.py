"""What all forms of verbs share: the form's own uuid, texts, reasons."""

from collections.abc import Iterable
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.conf import settings
from django.http import QueryDict
from django.utils import translation
from django.utils.datastructures import MultiValueDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from qlue.cities.facts import CityFacts
from qlue.kit.ids import uuid7
from qlue.kit.text import MOST_WORDS, tidy
from qlue.reports.records import ReportRecord

Label = str | Promise
Files = MultiValueDict[str, Any]

OTHER = "other"


def message_field(label: Any, help_text: Any = "", *, is_required: bool = True, least: int = 0) -> forms.CharField:
    """A few lines of text; an empty one is refused by the action itself where the verb needs it."""
    widget = forms.Textarea(attrs={"rows": 3})
    return forms.CharField(
        label=label, help_text=help_text, required=is_required, min_length=least, max_length=MOST_WORDS, widget=widget
    )


class TransitionForm(forms.Form):
    """A verb that needs nothing. `uuid` is the form's own, so that sending it twice does it once."""

    success_message: ClassVar[Label] = gettext_lazy("Done.")
    uuid = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)

    def __init__(
        self,
        city: CityFacts,
        report: ReportRecord | None,
        verb: str,
        data: QueryDict | None = None,
        files: Files | None = None,
    ) -> None:
        self.submission_id = uuid_or_new(data.get("uuid", "") if data else "")
        values = None if data is None else data.copy()
        if values is not None:
            # A form that comes back with mistakes keeps its uuid, also where it is one that was just made.
            values["uuid"] = str(self.submission_id)
        super().__init__(values, files, auto_id=f"{verb}-%s", initial={"uuid": self.submission_id})
        self.city, self.verb = city, verb
        # None where an authority outside answers: it has no report to change.
        self.report_id = report.id if report else 0

    def typed_texts(self) -> list[str]:
        """What a person wrote, to give it back where the form itself no longer makes sense."""
        areas = (name for name, field in self.fields.items() if isinstance(field.widget, forms.Textarea))
        return [text for name in areas if (text := self.data.get(name, "").strip())]

    def action_input(self) -> dict[str, Any]:
        """Keyword arguments of the form's action."""
        return {"uuid": self.submission_id} | self.verb_input()

    def verb_input(self) -> dict[str, Any]:
        """Those of them that the verb needs, from a form that is valid."""
        return {}


class ReasonForm(TransitionForm):
    """A usual reason to choose, own words, or both; kept in the city's language, because the reporter reads it."""

    reasons: ClassVar[dict[str, Label]] = {}
    why = forms.ChoiceField(label=gettext_lazy("Reason"), required=False)
    reason = message_field(
        gettext_lazy("In your own words"), gettext_lazy("The reporter reads this. No names, please."), is_required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        set_choices(self, "why", self.reasons.items())

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        data["reason"] = tidy(data.get("reason", ""))
        has_errors = {"why", "reason"} & set(self.errors)
        if not has_errors and not data["reason"] and data["why"] in ("", OTHER):
            self.add_error("reason" if data["why"] else "why", _("Give a reason; the reporter will read it."))
        return data

    def whole_reason(self) -> str:
        """The usual reason in the city's language, then the person's own words."""
        why = self.cleaned_data.get("why", "")
        with translation.override(settings.LANGUAGE_CODE):
            usual = f"{self.reasons[why]}." if why and why != OTHER else ""
        return f"{usual} {self.cleaned_data['reason']}".strip()


def uuid_or_new(text: str) -> UUID:
    """The uuid that the form carried; a new one where that is broken."""
    try:
        return UUID(text)
    except ValueError:
        return uuid7()


def set_choices(form: forms.Form, name: str, choices: Iterable[tuple[Any, Label]]) -> None:
    """The field's choices below one that asks to choose: nothing is preselected that somebody might send unread."""
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = [("", _("Please choose")), *choices]


def other_agency_choices(city: CityFacts, agency_id: int | None) -> list[tuple[str, str]]:
    """The agencies to which what this one has can go."""
    return [(agency.slug, agency.name) for agency in city.open_agencies if agency.id != agency_id]
