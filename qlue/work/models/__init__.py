"""What QlueWork keeps, by what it is about."""

from qlue.work.models.crews import Crew, CrewMember, Leave, Shift
from qlue.work.models.handovers import Escalation, HandOver, OutsideAsk
from qlue.work.models.notices import Notice, Seen
from qlue.work.models.orders import Order
from qlue.work.models.proofs import Proof
from qlue.work.models.scores import Objection, Score

__all__ = [
    "Crew",
    "CrewMember",
    "Escalation",
    "HandOver",
    "Leave",
    "Notice",
    "Objection",
    "Order",
    "OutsideAsk",
    "Proof",
    "Score",
    "Seen",
    "Shift",
]
