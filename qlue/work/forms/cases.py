"""Forms of the case page, one a verb: what `reports.states.TABLE` says must come with it; nothing typed gets lost."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from qlue.cities.facts import CityFacts
from qlue.kit.clock import now
from qlue.kit.ids import report_id
from qlue.kit.text import LEAST_WORDS, tidy
from qlue.people.queries import agency_members
from qlue.reports.records import ReportRecord
from qlue.work.forms.base import (
    OTHER,
    Label,
    ReasonForm,
    TransitionForm,
    message_field,
    other_agency_choices,
    set_choices,
)
from qlue.work.forms.proofs import ProofForm

LONGEST_HOLD = timedelta(days=366)

# The usual reasons are translated and reach the reporter in the city's language, whoever chooses them.
HOLD_REASONS: dict[str, Label] = {
    "material": gettext_lazy("Material or equipment is still missing"),
    "weather": gettext_lazy("The weather does not allow the work"),
    "others": gettext_lazy("We wait for another institution or a permit"),
    "budget": gettext_lazy("The work needs a budget that is not there yet"),
    OTHER: gettext_lazy("Another reason, in my own words"),
}
REJECT_REASONS: dict[str, Label] = {
    "not_found": gettext_lazy("We looked at the place and did not find the problem"),
    "unclear": gettext_lazy("Photo, place or words are not enough to act on"),
    "done": gettext_lazy("The problem had been dealt with before"),
    "not_public": gettext_lazy("This is not on public ground and no matter for the city"),
    "no_report": gettext_lazy("This is not a report of a problem"),
    OTHER: gettext_lazy("Another reason, in my own words"),
}


class AcceptForm(TransitionForm):
    success_message = gettext_lazy("Accepted. The reporter can see it now.")


class StartForm(TransitionForm):
    success_message = gettext_lazy("Good work. The reporter can see that it has begun.")


class ResumeForm(TransitionForm):
    success_message = gettext_lazy("The work goes on.")


class ConfirmForm(TransitionForm):
    success_message = gettext_lazy("Confirmed in the reporter's name.")


class AssignForm(TransitionForm):
    success_message = gettext_lazy("Assigned. The person has been notified.")
    person = forms.TypedChoiceField(label=gettext_lazy("Who shall do it?"), coerce=int)

    def __init__(self, city: CityFacts, report: ReportRecord, *args: Any, **kwargs: Any) -> None:
        super().__init__(city, report, *args, **kwargs)
        members = agency_members(city.id, report.agency_id) if report.agency_id else []
        set_choices(
            self, "person", [(member.user_id, f"{member.user} · {member.get_role_display()}") for member in members]
        )
        # Assigning again is mostly correcting; the present person is where one starts.
        if report.assignee_id:
            self.initial["person"] = report.assignee_id

    def verb_input(self) -> dict[str, Any]:
        return {"person": self.cleaned_data["person"]}


class HoldForm(ReasonForm):
    success_message = gettext_lazy("On hold. The reporter can see why and until when.")
    reasons = HOLD_REASONS
    until = forms.DateField(
        label=gettext_lazy("Work goes on from"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )
    field_order = ("why", "reason", "until")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["until"].widget.attrs["min"] = (self.today() + timedelta(days=1)).isoformat()

    def today(self) -> date:
        return now().astimezone(self.city.tz).date()

    def clean_until(self) -> date:
        day: date = self.cleaned_data["until"]
        if day <= self.today():
            raise forms.ValidationError(_("The date must lie in the future."))
        if day > self.today() + LONGEST_HOLD:
            raise forms.ValidationError(_("At most one year; put it on hold again when that is over."))
        return day

    def verb_input(self) -> dict[str, Any]:
        # From the morning of the day, by the city's clock.
        until = datetime.combine(self.cleaned_data["until"], time(), self.city.tz)
        return {"reason": self.whole_reason(), "until": until}


class RejectForm(ReasonForm):
    success_message = gettext_lazy("Rejected. The reporter can read why.")
    reasons = REJECT_REASONS

    def verb_input(self) -> dict[str, Any]:
        return {"reason": self.whole_reason()}


class RerouteForm(TransitionForm):
    success_message = gettext_lazy("Handed to another agency. It has been notified.")
    agency = forms.ChoiceField(label=gettext_lazy("To which agency?"))
    reason = message_field(gettext_lazy("Why?"), gettext_lazy("The other agency and the reporter read this."))

    def __init__(self, city: CityFacts, report: ReportRecord, *args: Any, **kwargs: Any) -> None:
        super().__init__(city, report, *args, **kwargs)
        set_choices(self, "agency", other_agency_choices(city, report.agency_id))

    def verb_input(self) -> dict[str, Any]:
        agency = self.city.agency(self.cleaned_data["agency"])
        return {"agency": agency and agency.id, "reason": tidy(self.cleaned_data["reason"])}


class RecategoriseForm(TransitionForm):
    """`seen` is the category that stood on the page; what somebody else has corrected since is not overwritten."""

    success_message = gettext_lazy("The category is corrected. Agency and deadline follow it as the city's rule says.")
    category = forms.ChoiceField(
        label=gettext_lazy("Which category is it?"),
        help_text=gettext_lazy("While nobody has accepted the case, it goes to the agency that the city names for it."),
    )
    reason = message_field(
        gettext_lazy("Why?"), gettext_lazy("The reporter reads this. No names, please."), is_required=False
    )
    # A form that lay open for an hour must not undo what a colleague has corrected meanwhile.
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, city: CityFacts, report: ReportRecord, *args: Any, **kwargs: Any) -> None:
        super().__init__(city, report, *args, **kwargs)
        set_choices(self, "category", [(category.slug, category.label) for category in city.open_categories])
        self.initial.update(category=city.categories[report.category_id].slug, seen=report.category_id)

    def verb_input(self) -> dict[str, Any]:
        data = self.cleaned_data
        category = self.city.category(data["category"])
        return {"category": category and category.id, "seen": data["seen"], "reason": tidy(data["reason"])}


class CloseAsExternalForm(TransitionForm):
    """Ends the report here; to ask an authority and wait for its answer there is `forms.referrals`."""

    success_message = gettext_lazy("Closed here. The reporter can read where it belongs.")
    reason = message_field(
        gettext_lazy("Whose matter is it, and why?"),
        gettext_lazy("For example: a national road; it belongs to the national road agency."),
    )

    def verb_input(self) -> dict[str, Any]:
        return {"reason": tidy(self.cleaned_data["reason"])}


class MergeForm(TransitionForm):
    success_message = gettext_lazy("Merged. From now on this report follows the other one.")
    into = forms.CharField(
        label=gettext_lazy("Code of the report that stays"),
        help_text=gettext_lazy("For example MKS-7K2Q9XZ. It must be about the same problem."),
        max_length=40,
        widget=forms.TextInput(attrs={"autocapitalize": "characters", "autocomplete": "off", "spellcheck": "false"}),
    )

    # The code is typed or pasted, with or without the city's letters.
    def clean_into(self) -> int:
        number = report_id(self.cleaned_data["into"])
        if number is None:
            raise forms.ValidationError(_("This is no code. A code looks like MKS-7K2Q9XZ."))
        return number

    def verb_input(self) -> dict[str, Any]:
        return {"into": self.cleaned_data["into"]}


class DisputeForm(TransitionForm):
    success_message = gettext_lazy("Reopened in the reporter's name. The agency has been notified.")
    words = message_field(gettext_lazy("What does the reporter say is not done?"), least=LEAST_WORDS)

    def verb_input(self) -> dict[str, Any]:
        return {"words": tidy(self.cleaned_data["words"])}


class SendBackForm(TransitionForm):
    success_message = gettext_lazy("Sent back. The crew and the reporter can read why.")
    words = message_field(
        gettext_lazy("What is missing?"), gettext_lazy("The crew and the reporter read this."), least=LEAST_WORDS
    )

    def verb_input(self) -> dict[str, Any]:
        return {"words": tidy(self.cleaned_data["words"])}


# Verbs as in `reports.states.TRANSITIONS`; one without a form here cannot be done by hand.
CASE_FORMS: dict[str, type[TransitionForm]] = {
    "accept": AcceptForm,
    "assign": AssignForm,
    "start": StartForm,
    "hold": HoldForm,
    "resume": ResumeForm,
    "resolve": ProofForm,
    "reject": RejectForm,
    "reroute": RerouteForm,
    "recategorise": RecategoriseForm,
    "refer_external": CloseAsExternalForm,
    "merge": MergeForm,
    "confirm": ConfirmForm,
    "send_back": SendBackForm,
    "dispute": DisputeForm,
}
