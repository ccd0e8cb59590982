"""Forms of transfers: the request, the answer of the agency that is asked, the arbiter's decision."""

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy

from qlue.cities.facts import CityFacts
from qlue.kit.text import tidy
from qlue.reports.records import ReportRecord
from qlue.work.forms.base import TransitionForm, message_field, other_agency_choices, set_choices


class TransferForm(TransitionForm):
    """Asks another agency to take the report."""

    agency = forms.ChoiceField(label=gettext_lazy("Which agency shall take it?"))
    reason = message_field(
        gettext_lazy("Why?"), gettext_lazy("The other agency reads this, and everybody once it takes the report.")
    )

    def __init__(self, city: CityFacts, report: ReportRecord, data: QueryDict | None = None) -> None:
        super().__init__(city, report, "pelimpahan", data)
        set_choices(self, "agency", other_agency_choices(city, report.agency_id))

    def verb_input(self) -> dict[str, Any]:
        agency = self.city.agency(self.cleaned_data["agency"])
        return {"agency": agency and agency.id, "reason": tidy(self.cleaned_data["reason"])}


class TransferAnswerForm(forms.Form):
    """Taken, or refused with a reason."""

    # Whether it may be empty depends on the button; the action says so.
    words = message_field(gettext_lazy("Words to it"), gettext_lazy("Needed when you refuse."), is_required=False)


class TransferDecisionForm(forms.Form):
    """Any agency, also a third one that neither of both has named."""

    agency = forms.ChoiceField(label=gettext_lazy("Which agency takes it?"))
    words = message_field(gettext_lazy("Why?"), gettext_lazy("Both agencies read this. Your decision is final."))

    def __init__(self, city: CityFacts, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        set_choices(self, "agency", [(agency.slug, agency.name) for agency in city.open_agencies])
