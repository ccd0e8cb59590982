"""What this room keeps, by what it is about."""

from qlue.channels.models.alerts import Alert, Reach
from qlue.channels.models.calls import Call, Caller
from qlue.channels.models.keys import ApiKey
from qlue.channels.models.lines import Line, LineHealth, Refusal
from qlue.channels.models.messages import Conversation, Envelope, Inbound, Outbound, Subscriber

__all__ = [
    "Alert",
    "ApiKey",
    "Call",
    "Caller",
    "Conversation",
    "Envelope",
    "Inbound",
    "Line",
    "LineHealth",
    "Outbound",
    "Reach",
    "Refusal",
    "Subscriber",
]
