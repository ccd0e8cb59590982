"""Forms of crews: a crew with its week, and a leave."""

import re
from collections.abc import Iterable
from datetime import time
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from qlue.cities.facts import CityFacts
from qlue.people.reading import crew_of
from qlue.work.actions.crews import ShiftTimes, Wanted
from qlue.work.forms import _choose
from qlue.work.models import Crew, Leave, Shift

SPAN = re.compile(r"(\d\d?)[:.](\d\d) ?[-–] ?(\d\d?)[:.](\d\d)")
DAYS = (
    gettext_lazy("Monday"),
    gettext_lazy("Tuesday"),
    gettext_lazy("Wednesday"),
    gettext_lazy("Thursday"),
    gettext_lazy("Friday"),
    gettext_lazy("Saturday"),
    gettext_lazy("Sunday"),
)
LEAVE_WORDS = {
    Leave.Kind.LEAVE: gettext_lazy("Leave"),
    Leave.Kind.SICK: gettext_lazy("Sick"),
    Leave.Kind.TRAINING: gettext_lazy("Training"),
}


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
        for day, word in enumerate(DAYS):
            self.fields[f"day{day}"] = forms.CharField(
                label=word, required=False, max_length=60, widget=forms.TextInput(attrs={"placeholder": "08:00-16:00"})
            )
        people, skills = self.fields["people"], self.fields["skills"]
        assert isinstance(people, forms.ChoiceField)
        assert isinstance(skills, forms.ChoiceField)
        people.choices = [(one.user_id, str(one.user)) for one in crew_of(city.id, agency)]
        skills.choices = [(one.slug, one.label) for one in city.open_categories]
        _choose(self, "area", [(one.id, one.name) for one in city.kelurahan])
        if crew is not None and crew.pk:
            self.initial = _as_form(city, crew)

    def days(self) -> list[Any]:
        """The seven fields, bound, for the page."""
        return [self[f"day{day}"] for day in range(7)]

    def clean(self) -> dict[str, Any]:
        self.shifts: list[ShiftTimes] = []
        for day in range(7):
            try:
                self.shifts += read_day(day, self.cleaned_data.get(f"day{day}", ""))
            except ValueError as error:
                self.add_error(f"day{day}", str(error))
        return self.cleaned_data

    def wanted(self) -> Wanted:
        """What goes to `actions.save_crew`."""
        given = self.cleaned_data
        area = self.city.areas[given["area"]]
        return Wanted(
            given["name"].strip(),
            given["skills"],
            area.lon,
            area.lat,
            given["capacity"],
            given["people"],
            self.shifts,
        )


def _as_form(city: CityFacts, crew: Crew) -> dict[str, Any]:
    nearest = min(city.kelurahan, key=lambda one: (one.lon - crew.lon) ** 2 + (one.lat - crew.lat) ** 2)
    people = list(crew.members.values_list("user_id", flat=True))
    given = {"name": crew.name, "skills": crew.skills, "capacity": crew.capacity, "people": people}
    shifts = list(crew.shifts.order_by("weekday", "starts"))
    return given | {"area": nearest.id} | {f"day{day}": written(shifts, day) for day in range(7)}


def written(shifts: Iterable[Shift], day: int) -> str:
    """The shifts of one weekday as people write them: `08:00-12:00, 13:00-16:00`."""
    return ", ".join(f"{one.starts:%H:%M}-{one.ends:%H:%M}" for one in shifts if one.weekday == day)


def read_day(day: int, text: str) -> list[ShiftTimes]:
    """Shifts of one weekday from text; ValueError with words for a person."""
    found = []
    for part in filter(None, (part.strip() for part in re.split(r"[,;]", text))):
        span = SPAN.fullmatch(part)
        try:
            starts, ends = (
                (time(int(span[1]), int(span[2])), time(int(span[3]), int(span[4]))) if span else (None, None)
            )
        except ValueError:
            starts = ends = None
        if starts is None or ends is None or starts == ends:
            raise ValueError(_('Write times such as 08:00-16:00; "%(text)s" is none.') % {"text": part[:40]})
        found.append((day, starts, ends))
    return found


class LeaveForm(forms.Form):
    person = forms.TypedChoiceField(label=gettext_lazy("Who"), coerce=int)
    kind = forms.ChoiceField(label=gettext_lazy("Why"), choices=list(LEAVE_WORDS.items()))
    first = forms.DateField(label=gettext_lazy("First day"), widget=forms.DateInput(attrs={"type": "date"}))
    last = forms.DateField(label=gettext_lazy("Last day"), widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, city: CityFacts, agency: int, data: QueryDict | None = None) -> None:
        super().__init__(data, auto_id="cuti-%s")
        _choose(self, "person", [(one.user_id, str(one.user)) for one in crew_of(city.id, agency)])

    def clean(self) -> dict[str, Any]:
        first, last = self.cleaned_data.get("first"), self.cleaned_data.get("last")
        if first and last and (last < first or (last - first).days > 366):
            self.add_error("last", _("The last day must follow the first, within a year."))
        return self.cleaned_data
