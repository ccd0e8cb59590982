"""The tables of QlueWork, one module a subject."""

from qlue.work.models.crews import Crew, CrewMember, Leave, Shift
from qlue.work.models.escalations import Escalation
from qlue.work.models.notices import Notice, NoticeCursor
from qlue.work.models.orders import Order
from qlue.work.models.proofs import Proof
from qlue.work.models.referrals import ExternalReferral
from qlue.work.models.scores import Objection, Score
from qlue.work.models.transfers import Transfer

__all__ = [
    "Crew",
    "CrewMember",
    "Escalation",
    "ExternalReferral",
    "Leave",
    "Notice",
    "NoticeCursor",
    "Objection",
    "Order",
    "Proof",
    "Score",
    "Shift",
    "Transfer",
]
