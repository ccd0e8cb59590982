"""The tables of this room."""

from qlue.channels.models.accounts import ChannelAccount, ChannelHealth, RefusedRequest
from qlue.channels.models.alerts import Alert, AlertContact
from qlue.channels.models.api_keys import ApiKey
from qlue.channels.models.calls import Call, Caller
from qlue.channels.models.messages import Conversation, Inbound, Outbound, RawWebhook, Subscriber

__all__ = [
    "Alert",
    "AlertContact",
    "ApiKey",
    "Call",
    "Caller",
    "ChannelAccount",
    "ChannelHealth",
    "Conversation",
    "Inbound",
    "Outbound",
    "RawWebhook",
    "RefusedRequest",
    "Subscriber",
]
