"""Forms of crews: a crew with its week, and a leave."""

import re
from datetime import time
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from qlue.cities.facts import CityFacts
from qlue.people.queries import agency_members
from qlue.work.actions.crews import CrewInput, ShiftTimes
from qlue.work.forms.base import set_choices
from qlue.work.models import Crew
from qlue.work.presentation.crews import LEAVE_LABELS, WEEKDAYS, shifts_text

# As people write times: with a point or a colon, a hyphen or a dash.
SHIFT_PATTERN = re.compile(r"(\d\d?)[:.](\d\d) ?[-–] ?(\d\d?)[:.](\d\d)")


class CrewForm(forms.Form):
    """Name, people, skills, place and the seven days of the week."""

    name = forms.CharField(label=gettext_lazy("Name of the crew"), max_length=60)
    people = forms.TypedMultipleChoiceField(
        label=gettext_lazy("People"), coerce=int, required=False, widget=forms.CheckboxSelectMultiple
    )
    skills = forms.MultipleChoiceField(
        label=gettext_lazy("What they can do"),
        help_text=gettext_lazy("Nothing chosen means everything."),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    area = forms.TypedChoiceField(label=gettext_lazy("Sets out from"), coerce=int)
    capacity = forms.IntegerField(label=gettext_lazy("Orders at once"), min_value=1, max_value=50, initial=4)

    def __init__(self, city: CityFacts, agency: int, *args: Any, crew: Crew | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.city = city
        for day, label in enumerate(WEEKDAYS):
            self.fields[f"day{day}"] = forms.CharField(
                label=label, required=False, max_length=60, widget=forms.TextInput(attrs={"placeholder": "08:00-16:00"})
            )
        people, skills = self.fields["people"], self.fields["skills"]
        assert isinstance(people, forms.ChoiceField)
        assert isinstance(skills, forms.ChoiceField)
        people.choices = [(member.user_id, str(member.user)) for member in agency_members(city.id, agency)]
        skills.choices = [(category.slug, category.label) for category in city.open_categories]
        set_choices(self, "area", [(area.id, area.name) for area in city.kelurahan])
        if crew is not None and crew.pk:
            self.initial = _crew_initial(city, crew)

    def days(self) -> list[forms.BoundField]:
        """The seven fields, bound, for the page."""
        return [self[f"day{day}"] for day in range(7)]

    def clean(self) -> dict[str, Any]:
        # Read here, so that every wrong day is marked at its own field.
        self.shifts: list[ShiftTimes] = []
        for day in range(7):
            try:
                self.shifts += parse_shifts(day, self.cleaned_data.get(f"day{day}", ""))
            except ValueError as error:
                self.add_error(f"day{day}", str(error))
        return self.cleaned_data

    def crew_input(self) -> CrewInput:
        """What goes to `actions.save_crew`."""
        data = self.cleaned_data
        # A crew sets out from the middle of a kelurahan: near enough to compare ways, and nobody has to find a pin.
        area = self.city.areas[data["area"]]
        return CrewInput(
            name=data["name"].strip(),
            skills=data["skills"],
            lon=area.lon,
            lat=area.lat,
            capacity=data["capacity"],
            people=data["people"],
            shifts=self.shifts,
        )


def _crew_initial(city: CityFacts, crew: Crew) -> dict[str, object]:
    # The crew keeps a place, not an area: the kelurahan may have been redrawn since.
    nearest = min(city.kelurahan, key=lambda area: (area.lon - crew.lon) ** 2 + (area.lat - crew.lat) ** 2)
    people = list(crew.members.values_list("user_id", flat=True))
    values: dict[str, object] = {"name": crew.name, "skills": crew.skills, "capacity": crew.capacity, "people": people}
    shifts = list(crew.shifts.order_by("weekday", "starts"))
    return values | {"area": nearest.id} | {f"day{day}": shifts_text(shifts, day) for day in range(7)}


def parse_shifts(day: int, text: str) -> list[ShiftTimes]:
    """Shifts of one weekday from text such as `08:00-12:00, 13:00-16:00`; ValueError with a message for a person."""
    shifts = []
    for part in filter(None, (part.strip() for part in re.split(r"[,;]", text))):
        match = SHIFT_PATTERN.fullmatch(part)
        try:
            starts, ends = (
                (time(int(match[1]), int(match[2])), time(int(match[3]), int(match[4]))) if match else (None, None)
            )
        except ValueError:  # 25:00
            starts = ends = None
        if starts is None or ends is None or starts == ends:
            raise ValueError(_('Write times such as 08:00-16:00; "%(text)s" is none.') % {"text": part[:40]})
        shifts.append((day, starts, ends))
    return shifts


class LeaveForm(forms.Form):
    person = forms.TypedChoiceField(label=gettext_lazy("Who"), coerce=int)
    kind = forms.ChoiceField(label=gettext_lazy("Why"), choices=list(LEAVE_LABELS.items()))
    first = forms.DateField(label=gettext_lazy("First day"), widget=forms.DateInput(attrs={"type": "date"}))
    last = forms.DateField(label=gettext_lazy("Last day"), widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, city: CityFacts, agency: int, data: QueryDict | None = None) -> None:
        super().__init__(data, auto_id="cuti-%s")
        set_choices(self, "person", [(member.user_id, str(member.user)) for member in agency_members(city.id, agency)])

    def clean(self) -> dict[str, Any]:
        first, last = self.cleaned_data.get("first"), self.cleaned_data.get("last")
        if first and last and (last < first or (last - first).days > 366):
            self.add_error("last", _("The last day must follow the first, within a year."))
        return self.cleaned_data
