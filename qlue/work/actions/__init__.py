"""Verbs of people at work."""

from qlue.work.actions.cases import Accepted, accept_all, confirm_unanswered, look, move_case
from qlue.work.actions.crews import Wanted, drop_leave, note_leave, save_crew
from qlue.work.actions.handovers import (
    answer_hand_over,
    ask_hand_over,
    decide_hand_over,
    silent_hand_overs,
    withdraw_hand_over,
)
from qlue.work.actions.notices import BELL, Told, happenings, receivers, saw, tell
from qlue.work.actions.objections import answer_objection, may_answer, object_to
from qlue.work.actions.orders import cancel_orders, handed_in, make_order, may_order, move_order, open_orders
from qlue.work.actions.outside import (
    answer_outside,
    ask_outside,
    expire_asks,
    find_ask,
    is_open,
    opened,
    outside_path,
    remind_asks,
    renew_link,
    token_of,
    withdraw_ask,
)
from qlue.work.actions.proofs import forget_places, judge, resolve, review, submit_order
from qlue.work.actions.ringing import Receiver, heads_of, ring, those_on_duty, those_who_are
from qlue.work.actions.scores import rebuild_scores, refresh
from qlue.work.actions.waking import escalate, settle_orders, wake_held
from qlue.work.challenge import issue
from qlue.work.flags import Evidence

__all__ = [
    "BELL",
    "Accepted",
    "Evidence",
    "Receiver",
    "Told",
    "Wanted",
    "accept_all",
    "answer_hand_over",
    "answer_objection",
    "answer_outside",
    "ask_hand_over",
    "ask_outside",
    "cancel_orders",
    "confirm_unanswered",
    "decide_hand_over",
    "drop_leave",
    "escalate",
    "expire_asks",
    "find_ask",
    "forget_places",
    "handed_in",
    "happenings",
    "heads_of",
    "is_open",
    "issue",
    "judge",
    "look",
    "make_order",
    "may_answer",
    "may_order",
    "move_case",
    "move_order",
    "note_leave",
    "object_to",
    "open_orders",
    "opened",
    "outside_path",
    "rebuild_scores",
    "receivers",
    "refresh",
    "remind_asks",
    "renew_link",
    "resolve",
    "review",
    "ring",
    "save_crew",
    "saw",
    "settle_orders",
    "silent_hand_overs",
    "submit_order",
    "tell",
    "those_on_duty",
    "those_who_are",
    "token_of",
    "wake_held",
    "withdraw_ask",
    "withdraw_hand_over",
]
