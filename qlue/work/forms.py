"""One form per verb: what `reports.states.MOVES` says must come with it, asked in words, with nothing typed lost."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.conf import settings
from django.http import QueryDict
from django.utils import translation
from django.utils.datastructures import MultiValueDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from qlue.cities.facts import CityFacts
from qlue.kit.clock import now
from qlue.kit.geo import is_position
from qlue.kit.ids import report_id, uuid7
from qlue.people.reading import crew_of
from qlue.reports.actions.keeping import MOST_PHOTOS, Kept, keep_photos, note_of
from qlue.reports.actions.text import LEAST_WORDS, MOST_WORDS, tidy
from qlue.work.actions.orders import approved_photos, open_orders
from qlue.work.flags import Evidence

LONGEST_HOLD = timedelta(days=366)
Word = str | Promise
Files = MultiValueDict[str, Any]

OTHER = "other"
HOLD_REASONS: dict[str, Word] = {
    "material": gettext_lazy("Material or equipment is still missing"),
    "weather": gettext_lazy("The weather does not allow the work"),
    "others": gettext_lazy("We wait for another institution or a permit"),
    "budget": gettext_lazy("The work needs a budget that is not there yet"),
    OTHER: gettext_lazy("Another reason, in my own words"),
}
REJECT_REASONS: dict[str, Word] = {
    "not_found": gettext_lazy("We looked at the place and did not find the problem"),
    "unclear": gettext_lazy("Photo, place or words are not enough to act on"),
    "done": gettext_lazy("The problem had been dealt with before"),
    "not_public": gettext_lazy("This is not on public ground and no matter for the city"),
    "no_report": gettext_lazy("This is not a report of a problem"),
    OTHER: gettext_lazy("Another reason, in my own words"),
}


def words_field(label: Any, help_text: Any = "", *, required: bool = True, least: int = 0) -> forms.CharField:
    """A few lines of text; an empty one is refused by the move itself where the verb needs it."""
    widget = forms.Textarea(attrs={"rows": 3})
    return forms.CharField(
        label=label, help_text=help_text, required=required, min_length=least, max_length=MOST_WORDS, widget=widget
    )


class MoveForm(forms.Form):
    """A verb that needs nothing. `uuid` is the form's own, so that sending it twice does it once."""

    done: ClassVar[Word] = gettext_lazy("Done.")
    uuid = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)

    def __init__(
        self,
        city: CityFacts,
        row: Mapping[str, Any],
        verb: str,
        data: QueryDict | None = None,
        files: Files | None = None,
    ) -> None:
        self.sent = _uuid(data.get("uuid", "") if data else "")
        typed = None if data is None else data.copy()
        if typed is not None:
            typed["uuid"] = str(self.sent)
        super().__init__(typed, files, auto_id=f"{verb}-%s", initial={"uuid": self.sent})
        self.city, self.row, self.verb = city, row, verb

    def typed(self) -> list[str]:
        """What a person wrote, to give it back where the form itself no longer makes sense."""
        areas = (name for name, field in self.fields.items() if isinstance(field.widget, forms.Textarea))
        return [text for name in areas if (text := self.data.get(name, "").strip())]

    def given(self) -> dict[str, Any]:
        """What goes to `reports.actions.move`."""
        return {"uuid": self.sent} | self.brought()

    def brought(self) -> dict[str, Any]:
        return {}


class AcceptForm(MoveForm):
    done = gettext_lazy("Accepted. The reporter can see it now.")


class StartForm(MoveForm):
    done = gettext_lazy("Good work. The reporter can see that it has begun.")


class ResumeForm(MoveForm):
    done = gettext_lazy("The work goes on.")


class ConfirmForm(MoveForm):
    done = gettext_lazy("Confirmed in the reporter's name.")


class AssignForm(MoveForm):
    done = gettext_lazy("Assigned. The person has been notified.")
    person = forms.TypedChoiceField(label=gettext_lazy("Who shall do it?"), coerce=int)

    def __init__(self, city: CityFacts, row: Mapping[str, Any], *args: Any, **kwargs: Any) -> None:
        super().__init__(city, row, *args, **kwargs)
        crew = crew_of(city.id, row["agency"]) if row["agency"] else []
        people = [(one.user_id, f"{one.user} · {one.get_role_display()}") for one in crew]
        _choose(self, "person", people)
        if row["assignee"]:
            self.initial["person"] = row["assignee"]

    def brought(self) -> dict[str, Any]:
        return {"person": self.cleaned_data["person"]}


class ReasonForm(MoveForm):
    """A usual reason to choose, own words, or both; kept in the city's language, because the reporter reads it."""

    reasons: ClassVar[dict[str, Word]] = {}
    why = forms.ChoiceField(label=gettext_lazy("Reason"), required=False)
    reason = words_field(
        gettext_lazy("In your own words"), gettext_lazy("The reporter reads this. No names, please."), required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choose(self, "why", self.reasons.items())

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        given["reason"] = tidy(given.get("reason", ""))
        faulty = {"why", "reason"} & set(self.errors)
        if not faulty and not given["reason"] and given["why"] in ("", OTHER):
            self.add_error("reason" if given["why"] else "why", _("Give a reason; the reporter will read it."))
        return given

    def whole_reason(self) -> str:
        """The usual reason in the city's language, then the person's own words."""
        why = self.cleaned_data.get("why", "")
        with translation.override(settings.LANGUAGE_CODE):
            usual = f"{self.reasons[why]}." if why and why != OTHER else ""
        return f"{usual} {self.cleaned_data['reason']}".strip()


class HoldForm(ReasonForm):
    done = gettext_lazy("On hold. The reporter can see why and until when.")
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

    def brought(self) -> dict[str, Any]:
        until = datetime.combine(self.cleaned_data["until"], time(), self.city.tz)
        return {"reason": self.whole_reason(), "until": until}


class RejectForm(ReasonForm):
    done = gettext_lazy("Rejected. The reporter can read why.")
    reasons = REJECT_REASONS

    def brought(self) -> dict[str, Any]:
        return {"reason": self.whole_reason()}


class RerouteForm(MoveForm):
    done = gettext_lazy("Handed to another agency. It has been notified.")
    agency = forms.ChoiceField(label=gettext_lazy("To which agency?"))
    reason = words_field(gettext_lazy("Why?"), gettext_lazy("The other agency and the reporter read this."))

    def __init__(self, city: CityFacts, row: Mapping[str, Any], *args: Any, **kwargs: Any) -> None:
        super().__init__(city, row, *args, **kwargs)
        _choose(self, "agency", [(one.slug, one.name) for one in city.open_agencies if one.id != row["agency"]])

    def brought(self) -> dict[str, Any]:
        agency = self.city.agency(self.cleaned_data["agency"])
        return {"agency": agency and agency.id, "reason": tidy(self.cleaned_data["reason"])}


class RecategoriseForm(MoveForm):
    """`seen` is the category that stood on the page; what somebody else has corrected since is not overwritten."""

    done = gettext_lazy("The category is corrected. Agency and deadline follow it as the city's rule says.")
    category = forms.ChoiceField(
        label=gettext_lazy("Which category is it?"),
        help_text=gettext_lazy("While nobody has accepted the case, it goes to the agency that the city names for it."),
    )
    reason = words_field(
        gettext_lazy("Why?"), gettext_lazy("The reporter reads this. No names, please."), required=False
    )
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, city: CityFacts, row: Mapping[str, Any], *args: Any, **kwargs: Any) -> None:
        super().__init__(city, row, *args, **kwargs)
        _choose(self, "category", [(one.slug, one.label) for one in city.open_categories])
        self.initial.update(category=city.categories[row["category"]].slug, seen=row["category"])

    def brought(self) -> dict[str, Any]:
        category, given = self.city.category(self.cleaned_data["category"]), self.cleaned_data
        return {"category": category and category.id, "seen": given["seen"], "reason": tidy(given["reason"])}


class HandOverForm(MoveForm):
    done = gettext_lazy("Closed here. The reporter can read where it belongs.")
    reason = words_field(
        gettext_lazy("Whose matter is it, and why?"),
        gettext_lazy("For example: a national road; it belongs to the national road agency."),
    )

    def brought(self) -> dict[str, Any]:
        return {"reason": tidy(self.cleaned_data["reason"])}


class MergeForm(MoveForm):
    done = gettext_lazy("Merged. From now on this report follows the other one.")
    into = forms.CharField(
        label=gettext_lazy("Code of the report that stays"),
        help_text=gettext_lazy("For example MKS-7K2Q9XZ. It must be about the same problem."),
        max_length=40,
        widget=forms.TextInput(attrs={"autocapitalize": "characters", "autocomplete": "off", "spellcheck": "false"}),
    )

    def clean_into(self) -> int:
        found = report_id(self.cleaned_data["into"])
        if found is None:
            raise forms.ValidationError(_("This is no code. A code looks like MKS-7K2Q9XZ."))
        return found

    def brought(self) -> dict[str, Any]:
        return {"into": self.cleaned_data["into"]}


class DisputeForm(MoveForm):
    done = gettext_lazy("Reopened in the reporter's name. The agency has been notified.")
    words = words_field(gettext_lazy("What does the reporter say is not done?"), least=LEAST_WORDS)

    def brought(self) -> dict[str, Any]:
        return {"words": tidy(self.cleaned_data["words"])}


class SendBackForm(MoveForm):
    done = gettext_lazy("Sent back. The crew and the reporter can read why.")
    words = words_field(
        gettext_lazy("What is missing?"), gettext_lazy("The crew and the reporter read this."), least=LEAST_WORDS
    )

    def brought(self) -> dict[str, Any]:
        return {"words": tidy(self.cleaned_data["words"])}


class ManyFiles(forms.FileInput):
    allow_multiple_selected = True


class ResolveForm(MoveForm):
    """The proof: photos of the finished work and words. Photos that were good are kept when something else is not."""

    done = gettext_lazy("Resolved. The reporter is asked whether it really is.")
    photos = forms.Field(
        label=gettext_lazy("Photo of the finished work"),
        help_text=gettext_lazy("From the same spot as the reporter's photo. No faces and no number plates, please."),
        required=False,
        widget=ManyFiles(attrs={"accept": "image/*", "capture": "environment"}),
    )
    kept = forms.CharField(required=False, widget=forms.HiddenInput)
    words = words_field(
        gettext_lazy("What was done?"), gettext_lazy("The reporter and everybody else read this."), least=LEAST_WORDS
    )

    photos_kept = Kept()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.verb == "resolve" and not self.is_bound:  # what the crews brought need not be taken again
            self.photos_kept = Kept(approved_photos(self.city, self.row["id"], MOST_PHOTOS))
            self.initial["kept"] = note_of(self.city.id, self.sent, self.photos_kept.photos)

    def full_clean(self) -> None:
        """Stores the good photos first, so that whatever else is wrong, they need not be sent again."""
        self.photos_kept = self._keep() if self.is_bound else Kept()
        super().full_clean()

    def _keep(self) -> Kept:
        data, files = self.data, self.files
        assert isinstance(data, QueryDict)
        assert isinstance(files, MultiValueDict)
        fresh = [*files.getlist("photos"), *files.getlist("more_photos")]
        kept = keep_photos(self.city.id, self.sent, data.get("kept", ""), fresh, data.getlist("drop"))
        data["kept"] = note_of(self.city.id, self.sent, kept.photos)
        return kept

    @property
    def room(self) -> int:
        """How many photos more there may be."""
        return MOST_PHOTOS - len(self.photos_kept.photos)

    def evidence(self, pressed: datetime) -> Evidence:
        """What came with the photos, from the first of them and from the phone; nothing of it can be wrong enough to
        refuse the form."""
        first = self.photos_kept.photos[0] if self.photos_kept.photos else None
        said = self.data.get
        return Evidence(
            token=said("challenge", "")[:400],
            place=_place(said("lon", ""), said("lat", "")),
            accuracy=_metres(said("accuracy", "")),
            photo_place=(first.position if first else None) or _place(said("photo_lon", ""), said("photo_lat", "")),
            taken_at=(first.taken_at if first else None) or _moment(said("photo_time", ""), self.city.tz),
            pressed=pressed,
        )

    def clean(self) -> dict[str, Any]:
        for problem in self.photos_kept.problems:
            self.add_error("photos", problem)
        if not self.photos_kept.photos and not self.photos_kept.problems:
            self.add_error("photos", _("Add a photo of the finished work."))
        if self.verb == "resolve" and (n := open_orders(self.city, self.row["id"])):
            waits = ngettext("%(n)d work order is still open.", "%(n)d work orders are still open.", n) % {"n": n}
            self.add_error(None, f"{waits} {_('Approve or cancel them first.')}")
        return self.cleaned_data

    def brought(self) -> dict[str, Any]:
        return {"words": tidy(self.cleaned_data["words"]), "photo": self.photos_kept.photos}


def _place(lon: str, lat: str) -> tuple[float, float] | None:
    try:
        place = float(lon), float(lat)
    except ValueError:
        return None
    return place if is_position(*place) and place != (0, 0) else None


def _metres(text: str) -> float:
    try:
        return min(max(float(text), 0.0), 10_000.0)  # NaN becomes 0
    except ValueError:
        return 0.0


def _moment(text: str, tz: tzinfo) -> datetime | None:
    """A camera's `2026-10-01T08:30:00`, with or without a zone."""
    try:
        at = datetime.fromisoformat(text)
        return (at if at.tzinfo else at.replace(tzinfo=tz)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _uuid(text: str) -> UUID:
    """What the form carried; a new one where that is broken."""
    try:
        return UUID(text)
    except ValueError:
        return uuid7()


def _choose(form: forms.Form, name: str, choices: Iterable[tuple[Any, Word]]) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = [("", _("Please choose")), *choices]


FORMS: dict[str, type[MoveForm]] = {
    "accept": AcceptForm,
    "assign": AssignForm,
    "start": StartForm,
    "hold": HoldForm,
    "resume": ResumeForm,
    "resolve": ResolveForm,
    "reject": RejectForm,
    "reroute": RerouteForm,
    "recategorise": RecategoriseForm,
    "hand_over": HandOverForm,
    "merge": MergeForm,
    "confirm": ConfirmForm,
    "send_back": SendBackForm,
    "dispute": DisputeForm,
}
