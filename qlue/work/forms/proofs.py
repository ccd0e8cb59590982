"""The form of finished work: photos, words, and the evidence that the phone sends along."""

from datetime import UTC, datetime, tzinfo
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from qlue.kit.geo import is_position
from qlue.kit.text import LEAST_WORDS, tidy
from qlue.reports.actions.draft_photos import MOST_PHOTOS, DraftPhotos, draft_note, keep_draft_photos
from qlue.work.forms.base import TransitionForm, message_field
from qlue.work.proof.flags import Evidence
from qlue.work.queries.orders import approved_photos, count_open_orders


class ProofPhotosInput(forms.FileInput):
    """Takes several files."""

    allow_multiple_selected = True


class ProofForm(TransitionForm):
    """The proof: photos of the finished work and words. Photos that were good are kept when something else is not."""

    success_message = gettext_lazy("Resolved. The reporter is asked whether it really is.")
    photos = forms.Field(
        label=gettext_lazy("Photo of the finished work"),
        help_text=gettext_lazy("From the same spot as the reporter's photo. No faces and no number plates, please."),
        required=False,
        widget=ProofPhotosInput(attrs={"accept": "image/*", "capture": "environment"}),
    )
    # The signed note of photos that are stored already.
    kept = forms.CharField(required=False, widget=forms.HiddenInput)
    words = message_field(
        gettext_lazy("What was done?"), gettext_lazy("The reporter and everybody else read this."), least=LEAST_WORDS
    )

    # Set by `full_clean`, before any field is checked.
    stored_photos = DraftPhotos()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.verb == "resolve" and not self.is_bound:  # photos of the orders' crews need not be taken again
            self.stored_photos = DraftPhotos(approved_photos(self.city, self.report_id, MOST_PHOTOS))
            self.initial["kept"] = draft_note(self.city.id, self.submission_id, self.stored_photos.photos)

    def full_clean(self) -> None:
        """Stores the good photos first, so that whatever else is wrong, they need not be sent again."""
        self.stored_photos = self._store_photos() if self.is_bound else DraftPhotos()
        super().full_clean()

    def _store_photos(self) -> DraftPhotos:
        data, files = self.data, self.files
        assert isinstance(data, QueryDict)
        assert isinstance(files, MultiValueDict)
        uploads = [*files.getlist("photos"), *files.getlist("more_photos")]
        note, dropped_ids = data.get("kept", ""), data.getlist("drop")
        drafts = keep_draft_photos(self.city.id, self.submission_id, note, uploads, dropped_ids)
        # A signed note of what is stored already: the browser sends it back instead of the photos.
        data["kept"] = draft_note(self.city.id, self.submission_id, drafts.photos)
        return drafts

    @property
    def photos_left(self) -> int:
        """How many photos more there may be."""
        return MOST_PHOTOS - len(self.stored_photos.photos)

    def evidence(self, pressed_at: datetime) -> Evidence:
        """What came with the photos, from the first of them and from the phone; nothing of it can be wrong enough to
        refuse the form."""
        first_photo = self.stored_photos.photos[0] if self.stored_photos.photos else None
        value = self.data.get
        # A browser may strip a photo of its place and time before it sends it; the page reads them before that.
        photo_place = _position_from(value("photo_lon", ""), value("photo_lat", ""))
        photo_time = _time_from(value("photo_time", ""), self.city.tz)
        return Evidence(
            token=value("challenge", "")[:400],
            place=_position_from(value("lon", ""), value("lat", "")),
            accuracy=_accuracy_from(value("accuracy", "")),
            photo_place=(first_photo.position if first_photo else None) or photo_place,
            taken_at=(first_photo.taken_at if first_photo else None) or photo_time,
            pressed_at=pressed_at,
        )

    def clean(self) -> dict[str, Any]:
        for problem in self.stored_photos.problems:
            self.add_error("photos", problem)
        if not self.stored_photos.photos and not self.stored_photos.problems:
            self.add_error("photos", _("Add a photo of the finished work."))
        if self.verb == "resolve" and (n := count_open_orders(self.city, self.report_id)):
            # The report would be resolved while a crew is still on its way to it.
            still_open = ngettext("%(n)d work order is still open.", "%(n)d work orders are still open.", n) % {"n": n}
            self.add_error(None, f"{still_open} {_('Approve or cancel them first.')}")
        return self.cleaned_data

    def verb_input(self) -> dict[str, Any]:
        return {"words": tidy(self.cleaned_data["words"]), "photo": self.stored_photos.photos}


def _position_from(lon: str, lat: str) -> tuple[float, float] | None:
    try:
        position = float(lon), float(lat)
    except ValueError:
        return None
    # (0, 0) is what phones send that know no place.
    return position if is_position(*position) and position != (0, 0) else None


def _accuracy_from(text: str) -> float:
    try:
        return min(max(float(text), 0.0), 10_000.0)  # NaN becomes 0
    except ValueError:
        return 0.0


def _time_from(text: str, tz: tzinfo) -> datetime | None:
    """A camera's `2026-10-01T08:30:00`, with or without a zone."""
    try:
        at = datetime.fromisoformat(text)
        return (at if at.tzinfo else at.replace(tzinfo=tz)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
