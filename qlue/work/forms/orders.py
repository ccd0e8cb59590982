"""Forms of work orders: what each verb of `states.ORDER_TRANSITIONS` needs, and a new order."""

from dataclasses import asdict, dataclass
from datetime import datetime, time
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from qlue.cities.facts import CityFacts
from qlue.kit.text import tidy
from qlue.people.queries import agency_members
from qlue.reports.records import ReportRecord
from qlue.work.forms.base import OTHER, Label, ReasonForm, TransitionForm, message_field
from qlue.work.forms.cases import HoldForm
from qlue.work.forms.proofs import ProofForm
from qlue.work.models import Crew
from qlue.work.records import OrderRecord

# The keys are not stored: the reason is kept as text, so these may change.
DECLINE_REASONS: dict[str, Label] = {
    "busy": gettext_lazy("We have too much to do until then"),
    "skill": gettext_lazy("We lack the equipment or the skill"),
    "not_ours": gettext_lazy("This is not our kind of work"),
    "off_duty": gettext_lazy("We are not on duty then"),
    OTHER: gettext_lazy("Another reason, in my own words"),
}
CANCEL_REASONS: dict[str, Label] = {
    "not_needed": gettext_lazy("It is no longer needed"),
    "double": gettext_lazy("Somebody else already does it"),
    OTHER: gettext_lazy("Another reason, in my own words"),
}
RETURN_REASONS: dict[str, Label] = {
    "unfinished": gettext_lazy("The work is not finished"),
    "photo": gettext_lazy("The photos do not show the finished work"),
    "place": gettext_lazy("The photos are of another place"),
    OTHER: gettext_lazy("Another reason, in my own words"),
}


class PlainOrderForm(TransitionForm):
    """A verb that asks for nothing more."""


class ColleagueReasonForm(ReasonForm):
    """A reason that stays among staff."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].help_text = _("Your colleagues read this.")

    def verb_input(self) -> dict[str, Any]:
        return {"reason": self.whole_reason()}


class DeclineOrderForm(ColleagueReasonForm):
    reasons = DECLINE_REASONS


class CancelOrderForm(ColleagueReasonForm):
    reasons = CANCEL_REASONS


class ReturnOrderForm(ColleagueReasonForm):
    reasons = RETURN_REASONS


AssigneeChoice = tuple[str, str | list[tuple[str, str]]]  # a value with its label, or a group with its choices


def assignee_choices(city: CityFacts, agency: int, *, anybody: bool = True) -> list[AssigneeChoice]:
    """Crews, then people, of an agency, as `crew:7` and `person:9`."""
    crews = Crew.objects.filter(city_id=city.id, agency_id=agency, active=True).order_by("name")
    crew_choices = [(f"crew:{crew.id}", crew.name) for crew in crews]
    people_choices = [
        (f"person:{member.user_id}", f"{member.user} · {member.get_role_display()}")
        for member in agency_members(city.id, agency)
    ]
    return [
        *([("", _("Anybody of the agency"))] if anybody else []),
        *([(_("Crews"), crew_choices)] if crew_choices else []),
        *([(_("People"), people_choices)] if people_choices else []),
    ]


@dataclass(frozen=True)
class Assignee:
    """The id of a crew or of a person; neither for anybody of the agency."""

    crew: int | None = None
    person: int | None = None


def parse_assignee(choice: str) -> Assignee:
    """`crew:7` as the crew with the id 7."""
    kind, _colon, number = choice.partition(":")
    assignee_id = int(number) if number.isdecimal() else None
    return Assignee(crew=assignee_id if kind == "crew" else None, person=assignee_id if kind == "person" else None)


class OfferOrderForm(TransitionForm):
    who = forms.ChoiceField(label=gettext_lazy("Who shall do it?"), required=False)

    def __init__(self, city: CityFacts, order: OrderRecord, *args: Any, **kwargs: Any) -> None:
        super().__init__(city, order, *args, **kwargs)
        field = self.fields["who"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = assignee_choices(city, order.order_agency_id)

    def verb_input(self) -> dict[str, Any]:
        return asdict(parse_assignee(self.cleaned_data["who"]))


class NewOrderForm(TransitionForm):
    """A new order for a report: who, what, until when."""

    agency = forms.ChoiceField(label=gettext_lazy("Which agency does it?"), required=False)
    who = forms.ChoiceField(
        label=gettext_lazy("Who shall do it?"),
        help_text=gettext_lazy("For another agency leave this: its head chooses."),
        required=False,
    )
    task = message_field(
        gettext_lazy("What is to be done?"), gettext_lazy("Your colleagues read this."), is_required=False
    )
    due = forms.DateField(
        label=gettext_lazy("Done by"),
        help_text=gettext_lazy("Without a date: the report's own deadline."),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    field_order = ("who", "task", "due", "agency")

    def __init__(
        self, city: CityFacts, report: ReportRecord, data: QueryDict | None = None, assignee: str = ""
    ) -> None:
        super().__init__(city, report, "perintah", data)
        self.leading_agency = report.agency_id
        agency_field, assignee_field = self.fields["agency"], self.fields["who"]
        assert isinstance(agency_field, forms.ChoiceField)
        assert isinstance(assignee_field, forms.ChoiceField)
        agency_field.choices = [(choice.slug, choice.name) for choice in city.open_agencies]
        leading_facts = city.agencies.get(self.leading_agency or 0)
        self.initial.update({"agency": leading_facts.slug if leading_facts else "", "who": assignee})
        # Crews of the leading agency only: whom a helping agency sends is for its own head to say.
        anybody: list[AssigneeChoice] = [("", _("Anybody of the agency"))]
        assignee_field.choices = assignee_choices(city, self.leading_agency) if self.leading_agency else anybody

    def clean_due(self) -> datetime | None:
        day = self.cleaned_data["due"]
        # "Done by" a day includes that day.
        return datetime.combine(day, time(23, 59), self.city.tz) if day else None

    def verb_input(self) -> dict[str, Any]:
        agency = self.city.agency(self.cleaned_data["agency"]) if self.cleaned_data["agency"] else None
        agency_id = agency.id if agency else self.leading_agency
        assignee = parse_assignee(self.cleaned_data["who"] if agency_id == self.leading_agency else "")
        task = tidy(self.cleaned_data["task"])
        return {"agency": agency_id, "task": task, "due_at": self.cleaned_data["due"]} | asdict(assignee)


# Verbs as in `states.ORDER_TRANSITIONS`.
ORDER_FORMS: dict[str, type[TransitionForm]] = {
    "offer": OfferOrderForm,
    "accept": PlainOrderForm,
    "decline": DeclineOrderForm,
    "set_out": PlainOrderForm,
    "arrive": PlainOrderForm,
    "begin": PlainOrderForm,
    "hold": HoldForm,
    "resume": PlainOrderForm,
    "submit": ProofForm,
    "return": ReturnOrderForm,
    "approve": PlainOrderForm,
    "close": PlainOrderForm,
    "cancel": CancelOrderForm,
}
