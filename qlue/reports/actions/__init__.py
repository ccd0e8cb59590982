"""The verbs of a report: hand it in, move it on, say "me too"."""

from qlue.reports.actions.joining import serve
from qlue.reports.actions.move import Mover, lock_in_order, made, move
from qlue.reports.actions.personal import correct, data_of, erase
from qlue.reports.actions.photos import StoredPhoto, store_photos
from qlue.reports.actions.refused import Refused
from qlue.reports.actions.settle import measured, settle
from qlue.reports.actions.submit import Submission, Submitted, submit, token_for
from qlue.reports.actions.support import NOT_DONE, TOO, support
from qlue.reports.actions.sweeping import add_use, sweep_photos

__all__ = [
    "NOT_DONE",
    "TOO",
    "Mover",
    "Refused",
    "StoredPhoto",
    "Submission",
    "Submitted",
    "add_use",
    "correct",
    "data_of",
    "erase",
    "lock_in_order",
    "made",
    "measured",
    "move",
    "serve",
    "settle",
    "store_photos",
    "submit",
    "support",
    "sweep_photos",
    "token_for",
]
