"""Verbs of people at work."""

from qlue.work.actions.cases import Accepted, accept_all, confirm_unanswered, look
from qlue.work.actions.notices import BELL, Told, happenings, receivers, saw, tell

__all__ = [
    "BELL",
    "Accepted",
    "Told",
    "accept_all",
    "confirm_unanswered",
    "happenings",
    "look",
    "receivers",
    "saw",
    "tell",
]
