"""The verbs of a report: hand it in, move it on, say "me too"."""

from qlue.reports.actions.auto_resolve import auto_resolve, record_measurement
from qlue.reports.actions.inputs import SYSTEM, Actor
from qlue.reports.actions.personal_data import correct_contact, erase_reporter
from qlue.reports.actions.photos import StoredPhoto, store_photos
from qlue.reports.actions.refusal import ActionRefused
from qlue.reports.actions.route_unserved import route_unserved
from qlue.reports.actions.submit import Submission, Submitted, follow_token, submit
from qlue.reports.actions.support import ME_TOO, NOT_DONE, add_support
from qlue.reports.actions.sweep_photos import register_photo_use, sweep_photos
from qlue.reports.actions.transition import already_applied, lock_reports_in_order, transition

__all__ = [
    "ME_TOO",
    "NOT_DONE",
    "SYSTEM",
    "ActionRefused",
    "Actor",
    "StoredPhoto",
    "Submission",
    "Submitted",
    "add_support",
    "already_applied",
    "auto_resolve",
    "correct_contact",
    "erase_reporter",
    "follow_token",
    "lock_reports_in_order",
    "record_measurement",
    "register_photo_use",
    "route_unserved",
    "store_photos",
    "submit",
    "sweep_photos",
    "transition",
]
