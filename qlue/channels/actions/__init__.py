"""What other rooms may do here: queue a message, with files if need be, and manage keys of programs."""

from qlue.channels.actions.api_keys import create_api_key, end_api_key
from qlue.channels.actions.outbox import queue_message
from qlue.channels.providers.contract import Attachment, OutgoingMessage, WebhookRequest

__all__ = ["Attachment", "OutgoingMessage", "WebhookRequest", "create_api_key", "end_api_key", "queue_message"]
