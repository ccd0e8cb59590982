"""Forms of work orders: what each verb of `states.ORDER_MOVES` asks, and a new order."""

from collections.abc import Mapping
from datetime import datetime, time
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from qlue.cities.facts import CityFacts
from qlue.people.reading import crew_of
from qlue.reports.actions.text import tidy
from qlue.work.forms import OTHER, HoldForm, MoveForm, ReasonForm, ResolveForm, Word, words_field
from qlue.work.models import Crew

DECLINE_REASONS: dict[str, Word] = {
    "busy": gettext_lazy("We have too much to do until then"),
    "skill": gettext_lazy("We lack the equipment or the skill"),
    "not_ours": gettext_lazy("This is not our kind of work"),
    "off_duty": gettext_lazy("We are not on duty then"),
    OTHER: gettext_lazy("Another reason, in my own words"),
}
CANCEL_REASONS: dict[str, Word] = {
    "not_needed": gettext_lazy("It is no longer needed"),
    "double": gettext_lazy("Somebody else already does it"),
    OTHER: gettext_lazy("Another reason, in my own words"),
}
RETURN_REASONS: dict[str, Word] = {
    "unfinished": gettext_lazy("The work is not finished"),
    "photo": gettext_lazy("The photos do not show the finished work"),
    "place": gettext_lazy("The photos are of another place"),
    OTHER: gettext_lazy("Another reason, in my own words"),
}


class PlainForm(MoveForm):
    """A verb that asks for nothing more."""


class WhyForm(ReasonForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].help_text = _("Your colleagues read this.")

    def brought(self) -> dict[str, Any]:
        return {"reason": self.whole_reason()}


class DeclineForm(WhyForm):
    reasons = DECLINE_REASONS


class CancelForm(WhyForm):
    reasons = CANCEL_REASONS


class ReturnForm(WhyForm):
    reasons = RETURN_REASONS


def who_choices(city: CityFacts, agency: int, *, anybody: bool = True) -> list[tuple[str, Any]]:
    """Crews, then people, of an agency, as `crew:7` and `person:9`."""
    crews = Crew.objects.filter(city_id=city.id, agency_id=agency, active=True).order_by("name")
    people = [(f"person:{one.user_id}", f"{one.user} · {one.get_role_display()}") for one in crew_of(city.id, agency)]
    first = [("", _("Anybody of the agency"))] if anybody else []
    teams = [(f"crew:{crew.id}", crew.name) for crew in crews]
    return [*first, *([(_("Crews"), teams)] if teams else []), *([(_("People"), people)] if people else [])]


def crew_and_person(choice: str) -> dict[str, Any]:
    """`crew:7` as {"crew": 7, "person": None}; neither for anybody."""
    kind, _colon, number = choice.partition(":")
    return {name: int(number) if name == kind and number.isdecimal() else None for name in ("crew", "person")}


class OfferForm(MoveForm):
    who = forms.ChoiceField(label=gettext_lazy("Who shall do it?"), required=False)

    def __init__(self, city: CityFacts, row: Mapping[str, Any], *args: Any, **kwargs: Any) -> None:
        super().__init__(city, row, *args, **kwargs)
        field = self.fields["who"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = who_choices(city, row["worker"])

    def brought(self) -> dict[str, Any]:
        return crew_and_person(self.cleaned_data["who"])


class NewOrderForm(MoveForm):
    """A new order for a report: who, what, until when."""

    agency = forms.ChoiceField(label=gettext_lazy("Which agency does it?"), required=False)
    who = forms.ChoiceField(
        label=gettext_lazy("Who shall do it?"),
        help_text=gettext_lazy("For another agency leave this: its head chooses."),
        required=False,
    )
    task = words_field(gettext_lazy("What is to be done?"), gettext_lazy("Your colleagues read this."), required=False)
    due = forms.DateField(
        label=gettext_lazy("Done by"),
        help_text=gettext_lazy("Without a date: the report's own deadline."),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    field_order = ("who", "task", "due", "agency")

    def __init__(
        self, city: CityFacts, row: Mapping[str, Any], data: QueryDict | None = None, chosen: str = ""
    ) -> None:
        super().__init__(city, row, "perintah", data)
        self.own = row["agency"]
        agency, who = self.fields["agency"], self.fields["who"]
        assert isinstance(agency, forms.ChoiceField)
        assert isinstance(who, forms.ChoiceField)
        agency.choices = [(one.slug, one.name) for one in city.open_agencies]
        own = city.agencies.get(self.own or 0)
        self.initial.update({"agency": own.slug if own else "", "who": chosen})
        who.choices = who_choices(city, self.own) if self.own else [("", _("Anybody of the agency"))]

    def clean_due(self) -> datetime | None:
        day = self.cleaned_data["due"]
        return datetime.combine(day, time(23, 59), self.city.tz) if day else None

    def brought(self) -> dict[str, Any]:
        agency = self.city.agency(self.cleaned_data["agency"]) if self.cleaned_data["agency"] else None
        number = agency.id if agency else self.own
        who = crew_and_person(self.cleaned_data["who"] if number == self.own else "")
        return {"agency": number, "words": tidy(self.cleaned_data["task"]), "due_at": self.cleaned_data["due"]} | who


ORDER_FORMS: dict[str, type[MoveForm]] = {
    "offer": OfferForm,
    "accept": PlainForm,
    "decline": DeclineForm,
    "set_out": PlainForm,
    "arrive": PlainForm,
    "begin": PlainForm,
    "hold": HoldForm,
    "resume": PlainForm,
    "submit": ResolveForm,
    "return": ReturnForm,
    "approve": PlainForm,
    "close": PlainForm,
    "cancel": CancelForm,
}
