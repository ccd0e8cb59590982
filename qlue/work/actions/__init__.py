"""Verbs of people at work."""

from qlue.work.actions.cases import Accepted, accept_all, confirm_unanswered, look
from qlue.work.actions.notices import BELL, Told, happenings, receivers, saw, tell
from qlue.work.actions.orders import make_order, may_order, move_order, open_orders

__all__ = [
    "BELL",
    "Accepted",
    "Told",
    "accept_all",
    "confirm_unanswered",
    "happenings",
    "look",
    "make_order",
    "may_order",
    "move_order",
    "open_orders",
    "receivers",
    "saw",
    "tell",
]
