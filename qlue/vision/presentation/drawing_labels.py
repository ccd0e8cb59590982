"""Labels of the drawing of lines and zones (frontend/src/islands/marks.ts). Only its own page carries them."""

from django.utils.translation import gettext_lazy as _

# `{x}` is filled in by the script.
DRAWING_LABELS = {
    "marks_loading": _("Fetching a picture from the camera…"),
    "marks_no_still": _("The camera gives no picture now. You can draw without it and look again later."),
    "marks_line": _("Counting line"),
    "marks_parking": _("No-parking zone"),
    "marks_crowd": _("Crowd zone"),
    "marks_road": _("Road zone"),
    "marks_corner": _("Corner {n} of {name}. Arrow keys move it; Delete removes it, plus adds one."),
    "marks_remove": _("Remove {name}"),
    "marks_more": _("Another corner"),
    "marks_name_any": _("Name"),
    "marks_limit_crowd": _("From how many people"),
    "marks_limit_road": _("From how many vehicles"),
    "marks_seconds_parking": _("Standing for how many seconds"),
    "marks_seconds_crowd": _("For how many seconds"),
    "marks_seconds_road": _("For how many seconds"),
}
