"""Verbs of people at work."""

from qlue.work.actions.cases import BulkAcceptance, accept_cases, confirm_undisputed_cases, reveal_part, transition_case
from qlue.work.actions.crews import CrewInput, add_leave, remove_leave, save_crew
from qlue.work.actions.escalation import escalate_reports
from qlue.work.actions.notices import (
    BELL_TOPIC,
    NoticeEvent,
    event_recipients,
    mark_notices_seen,
    notify,
    notify_of_events,
    report_events,
)
from qlue.work.actions.objections import answer_objection, create_objection, may_answer_objection
from qlue.work.actions.order_rights import may_transition_order
from qlue.work.actions.orders import cancel_orders, create_order, transition_order
from qlue.work.actions.proof_review import review_proof
from qlue.work.actions.proofs import erase_proof_locations, resolve_with_proof, store_proof, submit_order_with_proof
from qlue.work.actions.referrals import (
    answer_referral,
    expire_referrals,
    find_referral,
    is_referral_open,
    mark_referral_opened,
    refer_external,
    referral_path,
    referral_token,
    remind_referrals,
    renew_referral_link,
    withdraw_referral,
)
from qlue.work.actions.schedule import close_finished_orders, end_due_holds
from qlue.work.actions.scores import rebuild_scores, refresh_scores
from qlue.work.actions.transfers import (
    answer_transfer,
    arbitrate_unanswered_transfers,
    decide_transfer,
    request_transfer,
    withdraw_transfer,
)
from qlue.work.proof.challenge import issue_challenge
from qlue.work.proof.flags import Evidence
from qlue.work.queries.orders import count_open_orders, submitted_photo_ids
from qlue.work.queries.recipients import Recipient, agency_heads, members_on_duty, members_with_role

__all__ = [
    "BELL_TOPIC",
    "BulkAcceptance",
    "CrewInput",
    "Evidence",
    "NoticeEvent",
    "Recipient",
    "accept_cases",
    "add_leave",
    "agency_heads",
    "answer_objection",
    "answer_referral",
    "answer_transfer",
    "arbitrate_unanswered_transfers",
    "cancel_orders",
    "close_finished_orders",
    "confirm_undisputed_cases",
    "count_open_orders",
    "create_objection",
    "create_order",
    "decide_transfer",
    "end_due_holds",
    "erase_proof_locations",
    "escalate_reports",
    "event_recipients",
    "expire_referrals",
    "find_referral",
    "is_referral_open",
    "issue_challenge",
    "mark_notices_seen",
    "mark_referral_opened",
    "may_answer_objection",
    "may_transition_order",
    "members_on_duty",
    "members_with_role",
    "notify",
    "notify_of_events",
    "rebuild_scores",
    "refer_external",
    "referral_path",
    "referral_token",
    "refresh_scores",
    "remind_referrals",
    "remove_leave",
    "renew_referral_link",
    "report_events",
    "request_transfer",
    "resolve_with_proof",
    "reveal_part",
    "review_proof",
    "save_crew",
    "store_proof",
    "submit_order_with_proof",
    "submitted_photo_ids",
    "transition_case",
    "transition_order",
    "withdraw_referral",
    "withdraw_transfer",
]
